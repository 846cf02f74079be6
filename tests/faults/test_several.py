"""Two workers and two clocks at once, one of which is killed: every message leaves once, every tick is visited once."""

from __future__ import annotations

import datetime as dt
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from bot.config import read_settings
from bot.crypto import Vault
from bot.db import Database
from bot.delivery.outbox import Letter, Outbox, Priority
from bot.models import Channel, Delivery, Heartbeat, Resident, Tick
from bot.now import Now
from tests.product import PATIENCE, Product, wait_until

RESIDENTS = 300
MISSED = "platform.purge"
NOW = Now()

pytestmark = pytest.mark.parametrize("engine", ["postgres"])


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """An installation of which no process runs, with messages to send and a tick that was missed."""
    with Product(database_url, tmp_path) as product:
        people = [product.line.resident(f"住民{number}").id for number in range(RESIDENTS)]
        database = Database(database_url, pool_size=1)
        outbox = Outbox(Vault(read_settings(product.environment).encryption_keys), "a test")
        yesterday = NOW() - dt.timedelta(days=1)
        with database.write() as connection:
            made = insert(Channel).values(name="main", created_at=NOW()).returning(Channel.id)
            channel = connection.execute(made).scalar_one()
            common = {"channel_id": channel, "friend": True, "friend_at": 0, "created_at": NOW()}
            rows = [common | {"line_user_id": user, "reference": f"R{n}"} for n, user in enumerate(people)]
            connection.execute(insert(Resident), rows)
            ids = connection.execute(select(Resident.id)).scalars().all()
            words = [{"type": "text", "text": "訓練のお知らせ"}]
            outbox.put(connection, [Letter(channel, id_, "test", words, Priority.EMERGENCY) for id_ in ids], NOW())
            connection.execute(insert(Tick), {"job": MISSED, "scheduled_for": yesterday, "visited_at": yesterday})
        database.close()
        yield product


def count(town: Product, statement: object) -> int:
    database = Database(town.database_url, pool_size=1)
    try:
        with database.read() as connection:
            return int(connection.execute(statement).scalar_one())  # type: ignore[call-overload]  # any statement
    finally:
        database.close()


def test_two_workers_and_two_clocks_send_everything_once_although_one_of_each_is_killed(town: Product) -> None:
    town.line.fault("slow", "push", times=None, seconds=0.05)
    command = (sys.executable, "-m", "bot.cli")
    workers = [town.spawn(*command, "worker") for _ in range(2)]
    clocks = [town.spawn(*command, "clock") for _ in range(2)]
    wait_until(lambda: len(town.line.sends()) > 20, PATIENCE, "the first messages")
    for process in (workers[0], clocks[0]):
        os.killpg(process.pid, signal.SIGKILL)
    unfinished = select(func.count()).where(Delivery.finished_at.is_(None))
    wait_until(lambda: count(town, unfinished) == 0, 2 * PATIENCE, "everything to be sent")
    reached = Counter(user for send in town.line.sends() for user in send["to"])
    assert len(reached) == RESIDENTS
    assert set(reached.values()) == {1}, "LINE refuses the second copy of a retry key"
    seen = select(func.count()).select_from(Heartbeat).where(Heartbeat.process == "clock")
    wait_until(lambda: count(town, seen) >= 1, PATIENCE, "a clock to be seen")
    ticks = select(func.count()).select_from(Tick).where(Tick.job == MISSED)
    wait_until(lambda: count(town, ticks) == 2, PATIENCE, "the missed tick to be visited")
    assert count(town, ticks) == 2
