"""A fortnight from the first evening to the release: the right people asked, called, released and told, and nobody else."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

from sqlalchemy import func, select

from bot.now import TOKYO
from bot.service import Caller
from handlers.covid import calls, exposures, facilities, followups
from handlers.covid.actions import follow, report, stop
from handlers.covid.calls import Outcome, Wanted
from handlers.covid.exposures import Draft
from handlers.covid.jobs import ask, purge
from handlers.covid.models import Visit
from handlers.covid.rules import kinds
from handlers.covid.visiting import check_in, check_out
from tests.handlers.covid.guests import opened, poster
from tests.handlers.covid.town import VAULT, Town, at

WELL = {"temperature": 36.4, "breathless": "0", "fatigue": "0", "throat": False, "nausea": False}
ILL = WELL | {"temperature": 38.6, "breathless": "2"}
FIRST, LAST, RELEASED = 5, 19, 20
Happenings = dict[tuple[int, int, int], list[Callable[[], object]]]


def live(town: Town, happenings: Happenings) -> None:
    """Let the clock tick from the noon of the first day on, and everything happen at its time (day, hour, minute)."""
    for day in range(FIRST, RELEASED + 2):
        town.tick(purge, at(day, 3, 42))
        for hour in range(13 if day == FIRST else 8, 21):
            for minute in range(0, 60, 10):
                town.tick(ask, at(day, hour, minute))
                for happening in happenings.get((day, hour, minute), ()):
                    happening()


def asked(town: Town, who: Caller) -> dict[int, list[int]]:
    """Return at which hours somebody was asked, by day."""
    found: dict[int, list[int]] = {}
    for row in town.sent("covid.ask"):
        if row.resident_id == who.id:
            moment = row.created_at.astimezone(TOKYO)
            found.setdefault(moment.day, []).append(moment.hour)
    return found


def call_next(town: Town, outcome: Outcome) -> int:
    """Call whoever is first on the list, as the console does; return which resident that was."""
    with town.database.write() as connection:
        id_ = calls.take_next(connection, Wanted(), town.officer, town.now)
        assert id_ is not None
        row = calls.entry(connection, id_)
        calls.record(connection, VAULT, row, outcome, "", town.officer, town.now)
        if outcome.ends_follow_up:
            followups.end(connection, followups.by_id(connection, row.follow_up_id), "staff", town.now)
        return int(row.resident_id)


def tell_of(town: Town, draft: Draft) -> int:
    """Ask for an exposure and let a second person allow it."""
    with town.database.write() as connection:
        shop = facilities.find(connection, draft.facility_id)
        words = exposures.compose(town.book, exposures.NOTICE, exposures.values_of(shop, "", draft), town.now)
        id_ = exposures.ask(connection, draft, shop, words, kinds(town.book, town.now), town.officer, town.now)
    with town.database.write() as connection:
        row = exposures.find(connection, id_)
        shown = exposures.digest(row, shop)
        exposures.grant(connection, VAULT, town.jobs, row, shown, town.approver, town.now)
    town.task(exposures.tell, exposure=id_)
    town.task(exposures.tell, exposure=id_)
    return id_


def test_a_fortnight(town: Town) -> None:
    well, silent, worse, late, weekly, leaver, guest, early = town.settle(8)
    for who in (well, worse, late, leaver):
        town.act(who, follow, cadence="home", age_band="20", chronic=False, phone="1")
    town.act(silent, follow, cadence="home", age_band="65", chronic=True, phone="1")
    town.act(weekly, follow, cadence="weekly", age_band="65", chronic=True)
    shop = opened(town)
    scanned = poster(town, shop)
    happenings: Happenings = {}
    called: list[tuple[int, int]] = []
    told: list[int] = []

    def plan(day: int, hour: int, minute: int, does: Callable[[], object]) -> None:
        happenings.setdefault((day, hour, minute), []).append(does)

    def says(who: Caller, answer: dict[str, Any]) -> Callable[[], object]:
        return partial(town.act, who, report, **answer)

    def calls_next(day: int, outcome: Outcome) -> None:
        called.append((day, call_next(town, outcome)))

    for day in range(FIRST, LAST + 1):
        for hour in (9, 16):
            plan(day, hour, 10, says(well, WELL))
            plan(day, hour, 10, says(worse, ILL if (day, hour) == (10, 16) else WELL))
            plan(day, hour, 10, says(leaver, WELL))
            plan(day, hour + 2, 30, says(late, WELL))
    plan(9, 12, 0, lambda: town.act(leaver, stop))
    for day, hour, minute, outcome in (
        (10, 16, 20, Outcome.HOSPITAL), (10, 16, 20, Outcome.ABSENT), (20, 12, 0, Outcome.RECOVERED),
    ):  # fmt: skip
        plan(day, hour, minute, partial(calls_next, day, outcome))
    for who, hour, leaves in ((guest, 19, 20), (early, 14, 16)):
        plan(8, hour, 0, partial(town.act, who, check_in, code=scanned))
        plan(8, leaves, 0, partial(town.act, who, check_out))
    there = Draft(shop, None, at(8, 18), at(8, 20), dt.timedelta(minutes=30), named=False)
    plan(12, 10, 0, lambda: told.append(tell_of(town, there)))
    live(town, happenings)

    days = range(FIRST + 1, LAST + 1)
    assert asked(town, well) == {FIRST: [16]} | {day: [9, 16] for day in days}
    assert asked(town, late) == {FIRST: [16, 18]} | {day: [9, 11, 16, 18] for day in days}
    assert asked(town, silent) == {FIRST: [16, 18]} | {day: [9, 11, 16, 18] for day in days} | {RELEASED: [9, 11]}
    assert asked(town, worse) == {FIRST: [16]} | {day: [9, 16] for day in range(6, 11)}
    assert asked(town, leaver) == {FIRST: [16]} | {day: [9, 16] for day in range(6, 9)} | {9: [9]}
    assert asked(town, weekly) == {7: [10], 14: [10], 21: [10]}
    assert asked(town, guest) == asked(town, early) == {}

    assert called == [(10, worse.id), (10, silent.id), (20, silent.id)]
    assert Counter(row.resident_id for row in town.sent("covid.released")) == {well.id: 1, late.id: 1}
    assert {row.created_at.astimezone(TOKYO).day for row in town.sent("covid.released")} == {RELEASED}
    assert [ended_by(town, who) for who in (well, late, silent, worse, leaver, weekly)] == [
        "date", "date", "staff", "staff", "resident", None,
    ]  # fmt: skip
    with town.database.read() as connection:
        assert calls.waiting(connection, Wanted(), town.now, 10) == []

    assert [row.resident_id for row in town.sent("covid.exposure")] == [guest.id]
    withdraw(town, told[0])
    assert [row.resident_id for row in town.sent("covid.correction")] == [guest.id]
    assert visits_left(town, at(8, 19) + dt.timedelta(days=27)) == 2
    assert visits_left(town, at(8, 19) + dt.timedelta(days=29)) == 0


def ended_by(town: Town, who: Caller) -> str | None:
    with town.database.read() as connection:
        row = followups.of_resident(connection, who.id)
    assert (row.state == "ended") is (row.ended_by is not None)
    found: str | None = row.ended_by
    return found


def withdraw(town: Town, id_: int) -> None:
    with town.database.write() as connection:
        words = exposures.compose(town.book, exposures.CORRECTION, {"sent_on": "2027-04-12"}, town.now)
        exposures.withdraw(connection, town.jobs, exposures.find(connection, id_), words, town.approver, town.now)
    town.task(exposures.correct, exposure=id_)


def visits_left(town: Town, now: dt.datetime) -> int:
    town.tick(purge, now)
    with town.database.read() as connection:
        number: int = connection.execute(select(func.count()).select_from(Visit)).scalar_one()
    return number
