"""How many residents of which area and age got which advice on which day: counted once per resident and day, small numbers hidden.

Only whole weeks are told: two spans that overlap could be subtracted from each other.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select

from handlers.covid.models import DayCount, HealthAnswer
from handlers.covid.numbers import Shown, suppress
from handlers.covid.triage import Advice

AGES = ("0", "20", "40", "65")
UNKNOWN_AGE = "-"
ADVICE = tuple(each.value for each in Advice)
BY = ("area", "age_band", "day")
RECOUNTED = 3
"""Days that are counted anew each night: an answer of yesterday's may still come in after midnight."""

_counts: Any = DayCount.__table__


def week_of(day: dt.date) -> dt.date:
    """Return the Monday of the week of `day`."""
    return day - dt.timedelta(days=day.weekday())


@dataclass(frozen=True, slots=True)
class Line:
    """A number of residents of one day, area, age band and advice."""

    day: dt.date
    area: str
    age_band: str
    advice: str
    residents: int


def count_day(connection: Connection, day: dt.date) -> list[Line]:
    """Count the answers of a day: of each resident the last one."""
    last = (
        select(func.max(HealthAnswer.id))
        .where(HealthAnswer.day == day)
        .group_by(HealthAnswer.resident_id)
        .scalar_subquery()
    )
    grouped = (
        select(HealthAnswer.area, HealthAnswer.age_band, HealthAnswer.advice, func.count().label("residents"))
        .where(HealthAnswer.id.in_(last))
        .group_by(HealthAnswer.area, HealthAnswer.age_band, HealthAnswer.advice)
    )
    return [Line(day, row.area, row.age_band, row.advice, row.residents) for row in connection.execute(grouped)]


def store_days(connection: Connection, today: dt.date) -> None:
    """Keep the counts of the last days, in place of earlier counts of them."""
    for before in range(1, RECOUNTED + 1):
        day = today - dt.timedelta(days=before)
        lines = count_day(connection, day)
        if not lines:
            continue
        connection.execute(delete(_counts).where(_counts.c.day == day))
        connection.execute(
            insert(_counts),
            [
                {
                    "day": each.day,
                    "area": each.area,
                    "age_band": each.age_band,
                    "advice": each.advice,
                    "residents": each.residents,
                }
                for each in lines
            ],
        )


def lines_of(connection: Connection, monday: dt.date, today: dt.date) -> list[Line]:
    """Return the lines of a week: stored ones, and those of the last days as they are now."""
    sunday = monday + dt.timedelta(days=6)
    stored = select(DayCount).where(DayCount.day.between(monday, sunday)).order_by(DayCount.day)
    kept = [Line(row.day, row.area, row.age_band, row.advice, row.residents) for row in connection.execute(stored)]
    known = {each.day for each in kept}
    fresh = [
        line
        for day in (monday + dt.timedelta(days=offset) for offset in range(7))
        if day not in known and day <= today
        for line in count_day(connection, day)
    ]
    return kept + fresh


def first_week(connection: Connection) -> dt.date | None:
    """Return the Monday of the first week that has numbers."""
    days = [
        connection.execute(select(func.min(column))).scalar_one_or_none() for column in (DayCount.day, HealthAnswer.day)
    ]
    known = [day for day in days if day is not None]
    return week_of(min(known)) if known else None


def table(lines: Sequence[Line], by: str, least: int) -> Shown[Any, str]:
    """Return the table of advice by area, age band or day, with small numbers hidden."""
    counts: Counter[tuple[Any, str]] = Counter()
    for line in lines:
        counts[getattr(line, by), line.advice] += line.residents
    rows = sorted({row for row, _ in counts})
    return suppress(counts, rows, ADVICE, least)


def as_csv(shown: Shown[Any, str], headings: Mapping[str, str]) -> list[list[str]]:
    """Return the table as rows of a spreadsheet; `headings` names the columns, the sum and what is hidden."""
    hidden = headings["hidden"]

    def cell(number: int | None) -> str:
        return hidden if number is None else str(number)

    body = [
        [
            str(headings.get(str(row), row)),
            *(cell(shown.cells[row, column]) for column in shown.columns),
            cell(shown.row_sums[row]),
        ]
        for row in shown.rows
    ]
    last = [headings["sum"], *(cell(shown.column_sums[column]) for column in shown.columns), cell(shown.total)]
    return [[headings["row"], *(headings[column] for column in shown.columns), headings["sum"]], *body, last]
