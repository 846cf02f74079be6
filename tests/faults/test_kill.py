"""The product is killed without warning at each named point; LINE's stand-in survives and knows what arrived."""

from __future__ import annotations

import datetime as dt
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from bot.crash import SENDING
from bot.db import Database
from bot.models import AppliedEvent, Channel, Delivery, Tick
from bot.now import Now
from tests.product import Product, wait_until

QUESTION = "どの税のお知らせですか"
PURGE = "platform.purge"
RECOVERY = 180.0
"""Seconds: on PostgreSQL a dead sender's lease must run out first."""


@pytest.fixture
def killed(database_url: str, tmp_path: Path) -> Iterator[Product]:
    with Product(database_url, tmp_path) as product:
        yield product


def deliveries(product: Product) -> list[Any]:
    database = Database(product.database_url, pool_size=1)
    with database.read() as connection:
        rows = connection.execute(select(Delivery).order_by(Delivery.id)).all()
    database.close()
    return list(rows)


def texts_about(product: Product, phrase: str) -> list[dict[str, Any]]:
    return [
        message
        for send in product.line.sends()
        for message in send["messages"]
        if phrase in (message.get("text") or message.get("altText") or "")
    ]


@pytest.mark.parametrize("point", SENDING)
def test_a_reply_interrupted_by_a_crash_arrives_once_or_is_marked(killed: Product, point: str) -> None:
    killed.start({"MADOGUCHI_CRASH_AT": point})
    hanako = killed.line.resident("花子")
    hanako.say("自動車税")
    killed.wait_dead()
    assert len(deliveries(killed)) == 1, "the turn was committed before anything was sent"

    killed.start()
    wait_until(lambda: deliveries(killed)[0].finished_at is not None, RECOVERY, "the interrupted reply to be settled")

    row = deliveries(killed)[0]
    arrived = texts_about(killed, QUESTION)
    assert row.status in {"sent", "presumed"}
    assert len(arrived) == 1 or (row.doubled and len(arrived) == 2)


@pytest.mark.parametrize("point", SENDING)
def test_a_push_interrupted_by_a_crash_arrives_exactly_once(killed: Product, point: str) -> None:
    """A push carries its retry key from birth: LINE itself refuses the second copy."""
    killed.start()
    hanako = killed.line.resident("花子")
    hanako.say("自動車税")
    assert hanako.wait_for(QUESTION)
    killed.stop()
    post_push(killed, "防災訓練のご案内")

    killed.launch({"MADOGUCHI_CRASH_AT": point})
    killed.wait_dead(RECOVERY)
    killed.start()
    wait_until(lambda: deliveries(killed)[-1].finished_at is not None, RECOVERY, "the interrupted push to be settled")

    assert deliveries(killed)[-1].status == "sent"
    assert len(texts_about(killed, "防災訓練のご案内")) == 1


@pytest.mark.parametrize("second", SENDING)
@pytest.mark.parametrize("first", SENDING)
def test_a_reply_whose_recovery_is_killed_too_arrives_once_or_is_marked(
    killed: Product, first: str, second: str
) -> None:
    killed.start({"MADOGUCHI_CRASH_AT": first})
    killed.line.resident("花子").say("自動車税")
    killed.wait_dead()
    killed.launch({"MADOGUCHI_CRASH_AT": second})
    killed.wait_dead(RECOVERY)
    killed.start()
    wait_until(lambda: deliveries(killed)[0].finished_at is not None, RECOVERY, "the reply to be settled")
    [row] = deliveries(killed)
    arrived = len(texts_about(killed, QUESTION))
    assert row.status in {"sent", "presumed"}
    assert arrived == 1 or (row.doubled and arrived == 2)


@pytest.mark.parametrize(("first", "second"), [*itertools.pairwise(SENDING), (SENDING[-1], SENDING[0])])
def test_a_push_whose_recovery_is_killed_too_arrives_exactly_once(killed: Product, first: str, second: str) -> None:
    killed.start()
    hanako = killed.line.resident("花子")
    hanako.say("自動車税")
    assert hanako.wait_for(QUESTION)
    killed.stop()
    post_push(killed, "防災訓練のご案内")
    for point in (first, second):
        killed.launch({"MADOGUCHI_CRASH_AT": point})
        killed.wait_dead(RECOVERY)
    killed.start()
    wait_until(lambda: deliveries(killed)[-1].finished_at is not None, RECOVERY, "the push to be settled")
    assert deliveries(killed)[-1].status == "sent"
    assert len(texts_about(killed, "防災訓練のご案内")) == 1


@pytest.fixture
def database(killed: Product) -> Iterator[Database]:
    database = Database(killed.database_url, pool_size=1)
    yield database
    database.close()


@pytest.mark.parametrize("times", [1, 2])
def test_scheduled_work_cut_short_goes_on_although_its_tick_was_begun(
    killed: Product, database: Database, times: int
) -> None:
    old = Now()() - dt.timedelta(days=30)
    with database.write() as connection:
        made = insert(Channel).values(name="main", created_at=old).returning(Channel.id)
        channel = connection.execute(made).scalar_one()
        events = [{"channel_id": channel, "event_id": f"{number:026}", "applied_at": old} for number in range(2500)]
        connection.execute(insert(AppliedEvent), events)
        connection.execute(insert(Tick), {"job": PURGE, "scheduled_for": old, "visited_at": old})
    for _ in range(times):
        launch_clock(killed, {"MADOGUCHI_CRASH_AT": "between_rounds"})
        killed.wait_dead(2 * RECOVERY)
    assert left(database) == 2500 - 1000 * times
    launch_clock(killed)
    wait_until(lambda: left(database) == 0, 2 * RECOVERY, "the rest to be deleted")
    ticks = select(func.count()).where(Tick.job == PURGE)
    wait_until(lambda: counted(database, ticks) == 2, 2 * RECOVERY, "the tick to be entered")


def left(database: Database) -> int:
    return counted(database, select(func.count()).select_from(AppliedEvent))


def counted(database: Database, statement: Any) -> int:
    with database.read() as connection:
        return int(connection.execute(statement).scalar_one())


def launch_clock(product: Product, extra: dict[str, str] | None = None) -> None:
    """Start what ticks: on SQLite the web process, on PostgreSQL a clock."""
    if product.database_url.startswith("sqlite"):
        product.launch(extra)
    else:
        product.spawn(sys.executable, "-m", "bot.cli", "clock", extra=extra)


def test_a_turn_is_not_applied_again_when_line_redelivers_after_a_crash(killed: Product) -> None:
    killed.start({"MADOGUCHI_CRASH_AT": "after_commit"})
    killed.line.configure(redelivery=True)
    hanako = killed.line.resident("花子")
    hanako.say("自動車税")
    killed.wait_dead()
    killed.start()
    assert hanako.wait_for("どの税のお知らせですか", patience=RECOVERY)
    hanako.say("1")
    assert hanako.wait_for("何日前")
    assert len(texts_about(killed, QUESTION)) == 1


def post_push(product: Product, text: str) -> None:
    from bot.config import read_settings
    from bot.crypto import Vault
    from bot.delivery.outbox import Letter, Outbox, Priority
    from bot.models import Resident

    settings = read_settings(product.environment)
    database = Database(settings.database_url, pool_size=1)
    outbox = Outbox(Vault(settings.encryption_keys), "a test")
    with database.write() as connection:
        resident = connection.execute(select(Resident)).one()
        letter = Letter(resident.channel_id, resident.id, "test", [{"type": "text", "text": text}], Priority.TALK)
        assert outbox.put(connection, [letter], Now()()) == 1
    database.close()
