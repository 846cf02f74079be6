"""What must stay fast with a million visits and thousands of calls is answered by an index, on each engine."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, select, text

from bot.models import SealedBytes
from handlers.covid import calls, exposures, visits
from handlers.covid.calls import Wanted
from handlers.covid.exposures import Draft
from handlers.covid.followups import PROFILE
from handlers.covid.jobs import ask, purge
from handlers.covid.models import CallEntry, Facility, FollowUp, Place, Visit
from handlers.covid.rules import kinds
from tests.handlers.covid.guests import opened
from tests.handlers.covid.town import MONDAY, VAULT, Town

PEOPLE, PLACES, VISITS = 400, 30, 4_000
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def busy(town: Town) -> Town:
    """A town whose tables are large enough for an index to be worth it."""
    people = town.settle(PEOPLE)
    shops = [opened(town, f"店{number}") for number in range(PLACES)]
    with town.database.write() as connection:
        found = select(Place.id).join(Facility, Facility.id == Place.facility_id).where(Facility.id.in_(shops))
        places = list(connection.execute(found).scalars())
        rows = [
            {
                "resident_id": people[number % PEOPLE].id,
                "place_id": places[number % PLACES],
                "entered_at": MONDAY - number * dt.timedelta(minutes=3),
                "left_at": None if number % 2 else MONDAY - (number - 9) * dt.timedelta(minutes=3),
            }
            for number in range(VISITS)
        ]
        connection.execute(insert(Visit), rows)
        ill = [
            {
                "uid": f"{each.id:032}", "resident_id": each.id, "cadence": "home", "state": "active", "step": "ask",
                "due_at": MONDAY + dt.timedelta(days=each.id % 9), "risk": each.id % 3 + 1, "age_band": "20",
                "area": "-", "profile": _sealed(f"{each.id:032}"), "silent": 0, "begun_on": MONDAY.date(),
                "ends_on": MONDAY.date() + dt.timedelta(days=14),
            }
            for each in people
        ]  # fmt: skip
        connection.execute(insert(FollowUp), ill)
        calls.put_on_list(connection, connection.execute(select(FollowUp)).all(), calls.SILENT, MONDAY)
        connection.execute(text("ANALYZE"))
    return town


def _sealed(uid: str) -> bytes:
    return SealedBytes.seal(VAULT, PROFILE, uid, b'{"phone": null}')


@contextmanager
def explained(connection: Connection) -> Iterator[list[str]]:
    """Gather how the engine goes about each statement that is executed meanwhile."""
    plans: list[str] = []
    prefix = "EXPLAIN QUERY PLAN " if connection.dialect.name == "sqlite" else "EXPLAIN "

    def note(_connection: Connection, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        cursor = connection.connection.cursor()
        cursor.execute(prefix + statement, parameters[0] if isinstance(parameters, list) else parameters)
        plans.append("\n".join(str(row[-1]) for row in cursor.fetchall()))
        cursor.close()

    if connection.dialect.name != "sqlite":
        connection.execute(text("SET LOCAL enable_seqscan = off"))  # the tables of a test are small after all
    event.listen(connection, "before_cursor_execute", note)
    try:
        yield plans
    finally:
        event.remove(connection, "before_cursor_execute", note)


def match(connection: Connection, town: Town) -> None:
    draft = Draft(1, None, MONDAY - 5 * HOUR, MONDAY - 2 * HOUR, HOUR / 2, named=False)
    visits.match(connection, exposures.condition_of(draft, 2 * HOUR))


def check_in(connection: Connection, town: Town) -> None:
    visits.check_in(connection, kinds(town.book, MONDAY), 1, 1, MONDAY)


def forget(connection: Connection, town: Town) -> None:
    visits.delete_visits(connection, 1, None)


def next_call(connection: Connection, town: Town) -> None:
    calls.take_next(connection, Wanted(), town.officer, MONDAY)


@pytest.mark.parametrize(
    ("act", "table", "index"),
    [
        (match, Visit, "ix_covid_visits_place"),
        (check_in, Visit, "ix_covid_visits_resident"),
        (forget, Visit, "ix_covid_visits_resident"),
        (next_call, CallEntry, "ix_covid_call_entries_list"),
    ],
)
def test_an_index_answers(busy: Town, act: Callable[[Connection, Town], None], table: Any, index: str) -> None:
    with busy.database.write() as connection, explained(connection) as plans:
        act(connection, busy)
    whole = "\n".join(plans)
    assert index in whole
    assert not_scanned(whole, table), whole


@pytest.mark.parametrize(
    ("job", "table", "index"),
    [(ask, FollowUp, "ix_covid_follow_ups_due"), (purge, Visit, "ix_covid_visits_entered_at")],
)
def test_an_index_finds_what_the_clock_has_to_do(busy: Town, job: Any, table: Any, index: str) -> None:
    with busy.database.write() as connection, explained(connection) as plans:
        job(busy.context(connection))
    whole = "\n".join(plans)
    assert index in whole
    assert not_scanned(whole, table), whole


def not_scanned(plan: str, table: Any) -> bool:
    """Tell whether no step of a plan reads the whole table."""
    name = table.__tablename__
    whole = (f"Seq Scan on {name}", f"SCAN {name}")
    return not any(line.strip().lstrip("-> ").startswith(whole) for line in plan.splitlines())
