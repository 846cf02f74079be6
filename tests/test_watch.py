"""What stands still is raised as an alert once a day, and settled when it is gone."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

import pytest
from sqlalchemy import delete, insert, select, update

from bot.crypto import Vault
from bot.db import Database
from bot.models import Alert, Channel, Delivery, FailedEvent, SealedBytes
from bot.now import TOKYO
from bot.service import JobContext
from bot.watch import standstills, watch

MORNING = dt.datetime(2026, 11, 23, 9, 0, tzinfo=TOKYO)


def look(database: Database, now: dt.datetime) -> list[Any]:
    with database.write() as connection:
        # The job uses no more of its context than the transaction and the time.
        watch(cast("JobContext", type("Context", (), {"connection": connection, "now": now})))
    with database.read() as connection:
        return list(connection.execute(select(Alert).order_by(Alert.id)).all())


def fail(database: Database, event_id: str) -> None:
    """Set an event aside, as the reception does."""
    with database.write() as connection:
        channel = connection.execute(select(Channel.id)).scalar_one_or_none()
        if channel is None:
            made = insert(Channel).values(name="main", created_at=MORNING).returning(Channel.id)
            channel = connection.execute(made).scalar_one()
        raw = SealedBytes.seal(Vault([bytes(32)]), "failed_events.raw", event_id, b"{}")
        row = {
            "channel_id": channel,
            "event_id": event_id,
            "raw": raw,
            "error": "KeyError",
            "place": "x",
            "failed_at": MORNING,
        }
        connection.execute(insert(FailedEvent), row)


def test_nothing_that_stands_still_raises_nothing(database: Database) -> None:
    assert look(database, MORNING) == []
    with database.read() as connection:
        assert {one.count for one in standstills(connection, MORNING)} == {0}


def test_an_event_that_failed_is_raised_once_a_day_until_it_is_gone(database: Database) -> None:
    fail(database, "E1")
    assert [row.kind for row in look(database, MORNING)] == ["platform.events"]
    assert len(look(database, MORNING + dt.timedelta(hours=2))) == 1
    assert len(look(database, MORNING + dt.timedelta(days=1))) == 2
    with database.write() as connection:
        connection.execute(delete(FailedEvent))
    rows = look(database, MORNING + dt.timedelta(days=1, minutes=5))
    assert [row.settled_at is not None for row in rows] == [True, True], "nobody is called about what is gone"


@pytest.mark.parametrize(
    ("priority", "minutes", "raised"),
    [(0, 31, ["platform.answers_waiting"]), (1, 31, ["platform.answers_waiting"]), (1, 29, []), (3, 600, [])],
)
def test_answers_that_do_not_leave_are_raised_and_what_may_wait_is_not(
    database: Database, priority: int, minutes: int, raised: list[str]
) -> None:
    since = MORNING - dt.timedelta(minutes=minutes)
    with database.write() as connection:
        made = insert(Channel).values(name="main", created_at=MORNING).returning(Channel.id)
        row = {
            "channel_id": connection.execute(made).scalar_one(), "kind": "push", "purpose": "test", "priority": priority,
            "status": "waiting", "retry_key": "k", "due_at": since, "created_at": since,
        }  # fmt: skip
        connection.execute(insert(Delivery), row)
    assert [row.kind for row in look(database, MORNING)] == raised


def test_who_took_it_on_is_not_called_about_the_same_the_same_day(database: Database) -> None:
    fail(database, "E1")
    [row] = look(database, MORNING)
    with database.write() as connection:
        connection.execute(update(Alert).where(Alert.id == row.id).values(acknowledged_at=MORNING, next_at=None))
    fail(database, "E2")
    [row] = look(database, MORNING + dt.timedelta(minutes=5))
    assert row.next_at is None
