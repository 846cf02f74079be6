"""The product is killed in the middle of a broadcast; the next start goes on with it and repeats nobody."""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from bot.crash import SENDING
from bot.db import Database
from bot.delivery import broadcast
from bot.delivery.broadcast import Draft, Report, State
from bot.models import Channel, Heartbeat, Resident
from bot.now import Now
from tests.product import PATIENCE, Product, wait_until

RESIDENTS = 2200
RECOVERY = 180.0
"""Seconds: on PostgreSQL the leases of a dead process must run out first."""

WORDS = "断水のお知らせ"


@pytest.fixture
def killed(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with Product(database_url, tmp_path) as product:
        yield product


def begin(product: Product) -> int:
    """Write and approve an urgent broadcast, which no hour of the day keeps back."""
    now = Now()
    people = [product.line.resident(f"住民{number}").id for number in range(40)]
    unknown = [f"U{number:032x}" for number in range(RESIDENTS - len(people))]
    database = Database(product.database_url, pool_size=1)
    with database.write() as connection:
        channel_id = connection.execute(select(Channel.id)).scalar_one_or_none()
        if channel_id is None:
            made = insert(Channel).values(name="main", created_at=now()).returning(Channel.id)
            channel_id = connection.execute(made).scalar_one()
        common = {"channel_id": channel_id, "friend": True, "friend_at": 0, "created_at": now()}
        rows = [
            common | {"line_user_id": user, "reference": f"R{number}", "language": ("ja", "en")[number % 2]}
            for number, user in enumerate([*people, *unknown])
        ]
        connection.execute(insert(Resident), rows)
        messages = {"ja": [{"type": "text", "text": WORDS}], "en": [{"type": "text", "text": "No water"}]}
        id_ = broadcast.write(connection, Draft(channel_id, "断水", messages, urgent=True), "a test", now())
        broadcast.approve(connection, id_, "a test", now())
    database.close()
    return id_


def look(product: Product, id_: int) -> tuple[State, Report]:
    database = Database(product.database_url, pool_size=1)
    with database.read() as connection:
        found = State(broadcast.find(connection, id_).status), broadcast.report(connection, id_)
    database.close()
    return found


def start(product: Product, extra: dict[str, str] | None = None) -> None:
    """Start what sends broadcasts: on SQLite the web process, on PostgreSQL a worker."""
    if product.database_url.startswith("sqlite"):
        product.launch(extra)
    else:
        product.spawn(*MADOGUCHI, "worker", extra=extra)


MADOGUCHI = (sys.executable, "-m", "bot.cli")


TWICE = (
    *itertools.pairwise(SENDING),
    ("during_freeze", "during_freeze"),
    ("during_freeze", "during_reply"),
)


@pytest.mark.parametrize("points", [*((point,) for point in SENDING), *TWICE], ids="+".join)
def test_a_broadcast_interrupted_by_crashes_goes_on_and_reaches_everybody_once(
    killed: Product, points: tuple[str, ...]
) -> None:
    killed.start()
    killed.stop()
    id_ = begin(killed)
    for point in points:
        start(killed, {"MADOGUCHI_CRASH_AT": point})
        killed.wait_dead(RECOVERY)
        assert look(killed, id_)[0] in {State.SENDING, State.APPROVED}

    start(killed)
    wait_until(lambda: look(killed, id_)[0] == State.DONE, RECOVERY, "the broadcast to be done")
    assert look(killed, id_)[1].accepted == RESIDENTS
    counts = Counter(user for send in killed.line.sends() for user in send["to"])
    assert len(counts) == RESIDENTS
    assert set(counts.values()) == {1}


def test_a_broadcast_can_be_stopped_from_the_command_line(killed: Product) -> None:
    killed.line.fault("slow", "multicast", times=None, seconds=3)
    killed.start()
    killed.stop()
    id_ = begin(killed)
    stopped = killed.spawn(*MADOGUCHI, "broadcasts", "stop", str(id_), "--yes")
    assert stopped.wait(PATIENCE) == 0
    began = Now()()
    start(killed)
    wait_until(lambda: seen(killed) > began, RECOVERY, "the product to be at work")
    at_work = Now()()
    wait_until(lambda: Now()() - at_work > dt.timedelta(seconds=3), PATIENCE, "the product to look around")
    assert (look(killed, id_)[0], killed.line.sends()) == (State.STOPPED, [])


def seen(product: Product) -> dt.datetime:
    """Return when a process that sends broadcasts was last seen."""
    database = Database(product.database_url, pool_size=1)
    kind = "web" if database.on_sqlite else "worker"
    with database.read() as connection:
        found = connection.execute(select(func.max(Heartbeat.seen_at)).where(Heartbeat.process == kind)).scalar_one()
    database.close()
    return found or dt.datetime.min.replace(tzinfo=dt.UTC)
