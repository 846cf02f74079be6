"""An epidemic in a small town for the demo: visitors, an exposure that waits, people to call, three weeks of numbers."""

from __future__ import annotations

import datetime as dt
import random

from sqlalchemy import insert

from bot.now import TOKYO
from bot.sample import SampleContext
from bot.service import Caller
from handlers.covid import calls, exposures, facilities, followups, visits
from handlers.covid.exposures import Draft
from handlers.covid.facilities import Application
from handlers.covid.followups import Person
from handlers.covid.models import Centre, DayCount
from handlers.covid.rules import HOME, WEEKLY, cadences, kinds, settings
from handlers.covid.statistics import AGES
from handlers.covid.triage import Condition

AREAS = ("見本東", "見本西", "見本南")
NO_NUMBER = "000-000-0000"
"""Nobody's: real numbers have no business in a demo."""

DAYS = 21


def fill(context: SampleContext) -> None:
    """Fill the database."""
    _enter_centres(context)
    chosen = _open_facilities(context)
    _visit(context, chosen)
    _follow(context)
    _count(context)


def _enter_centres(context: SampleContext) -> None:
    rows = [
        {
            "postal": f"000{number}",
            "area": area,
            "name": f"{area}センター（見本）",
            "phone": NO_NUMBER,
            "hours": "毎日 9:00〜21:00",
        }
        for number, area in enumerate(AREAS)
    ]
    context.connection.execute(insert(Centre), rows)


def _open_facilities(context: SampleContext) -> int:
    applications = (
        Application(
            "見本ホール", "event", "まどぐち町1", "見本 太郎", NO_NUMBER, places=("1階 ホール", "2階 会議室"),
            checklist=("masks", "air", "numbers"), may_be_named=True,
        ),
        Application("見本食堂", "restaurant", "まどぐち町2", "見本 花子", NO_NUMBER, checklist=("masks", "hands", "seats")),
        Application("見本書店", "shop", "まどぐち町3", "見本 次郎", NO_NUMBER, checklist=("hands", "till")),
    )  # fmt: skip
    officer = context.staff["officer"]
    first, *_ = [
        facilities.register(context.connection, context.vault, each, context.now, officer if number < 2 else None)
        for number, each in enumerate(applications)
    ]
    return first


def _visit(context: SampleContext, facility: int) -> None:
    """Let everybody have been at the hall yesterday evening, and an officer ask to tell them."""
    connection, now = context.connection, context.now
    evening = dt.datetime.combine(now.astimezone(TOKYO).date() - dt.timedelta(days=1), dt.time(18, 30), TOKYO)
    known = kinds(context.book, now)
    hall = facilities.places_of(connection, facility)[0].id
    for number, resident in enumerate(context.residents):
        visits.check_in(connection, known, resident.id, hall, evening + dt.timedelta(minutes=7 * number))
    draft = Draft(
        facility, None, evening, evening + dt.timedelta(hours=1), settings(context.book, now).padding, named=False
    )
    row = facilities.find(connection, facility)
    messages = exposures.compose(context.book, exposures.NOTICE, exposures.values_of(row, "", draft), now)
    exposures.ask(connection, draft, row, messages, known, context.staff["officer"], now)


def _follow(context: SampleContext) -> None:
    """Follow some people up at home, one of whom has become worse and two of whom do not answer, and the rest weekly."""
    conditions = (Condition(36.6), Condition(37.0, fatigue=1), None, None, Condition(36.4, throat=True))
    for number, resident in enumerate(context.residents):
        _begin(context, resident, number, HOME if number < len(conditions) else WEEKLY)
        row = followups.of_resident(context.connection, resident.id)
        if number < len(conditions):
            _answer(context, row, conditions[number])
    worse = followups.of_resident(context.connection, context.residents[1].id)
    _answer(context, worse, Condition(38.7, breathless=2, fatigue=1))


def _begin(context: SampleContext, resident: Caller, number: int, name: str) -> None:
    area = number % len(AREAS)
    person = Person(
        resident.id,
        AGES[number % len(AGES)],
        number % 3 == 0,
        AREAS[area],
        f"000-{area}000",
        NO_NUMBER if name == HOME else None,
    )
    cadence = cadences(context.book, context.now)[name]
    followups.begin(context.connection, context.vault, person, name, cadence, context.now)


def _answer(context: SampleContext, row: object, condition: Condition | None) -> None:
    if condition is None:
        calls.put_on_list(context.connection, [row], calls.SILENT, context.now)
        return
    home, rules = cadences(context.book, context.now)[HOME], settings(context.book, context.now)
    followups.hear(context.connection, context.vault, row, condition, home, rules, context.now)


def _count(context: SampleContext) -> None:
    """Leave three weeks of numbers behind, as if their answers were deleted already."""
    chance = random.Random(7)  # noqa: S311 - the same town each time
    today = context.now.astimezone(TOKYO).date()
    rows = [
        {
            "day": today - dt.timedelta(days=before),
            "area": area,
            "age_band": age,
            "advice": advice,
            "residents": max(0, round(most * (1 + before / 20) * chance.uniform(0.4, 1.2))),
        }
        for before in range(1, DAYS + 1)
        for area in AREAS
        for age in AGES
        for advice, most in (("call", 0.8), ("watch", 3), ("well", 9))
    ]
    context.connection.execute(insert(DayCount), [row for row in rows if row["residents"]])
