"""Numbers of consultations by month: counted when one closes, kept apart from it, small ones never shown."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import Connection, delete, select, update

from bot.consulting import Closed
from bot.flow.talk import Json
from bot.now import TOKYO
from bot.service import Job, JobContext
from bot.upsert import insert_into
from handlers.child_welfare.models import WelfareCount

FEWEST = 3
"""A smaller number could point at somebody in a small town; it is shown as "1–2"."""

KEPT = dt.timedelta(days=5 * 366)
AGES = ((2, "0-2"), (5, "3-5"), (8, "6-8"), (11, "9-11"), (14, "12-14"), (17, "15-17"))
_WHO = ("child", "guardian", "other")
_counts: Any = WelfareCount.__table__


@dataclass(frozen=True, slots=True)
class Number:
    """How many there are: at least and at most so many.

    They differ where a number is hidden, because it is below `FEWEST`, or (`most` None) because a smaller one would follow from it.
    """

    month: dt.date
    office: str
    what: str
    value: str
    least: int
    most: int | None


def count(connection: Connection, closed: Closed) -> None:
    """Count a consultation that has just closed, or take it out of the numbers again."""
    month = closed.opened_at.astimezone(TOKYO).date().replace(day=1)
    statement = insert_into(connection, _counts)
    if closed.times < 0:
        _uncount(connection, month, closed)
        return
    more = {"number": _counts.c.number + 1}
    rows = [
        {"month": month, "office": closed.office, "what": what, "value": value, "number": 1}
        for what, value in _values(closed)
    ]
    keys = ["month", "office", "what", "value"]
    connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=more), rows)


def _uncount(connection: Connection, month: dt.date, closed: Closed) -> None:
    """Count one less of each; none is no number at all."""
    there = (_counts.c.month == month, _counts.c.office == closed.office)
    for what, value in _values(closed):
        mine = (*there, _counts.c.what == what, _counts.c.value == value)
        connection.execute(update(_counts).where(*mine).values(number=_counts.c.number - 1))
    connection.execute(delete(_counts).where(*there, _counts.c.number < 1))


def numbers(connection: Connection, since: dt.date) -> list[Number]:
    """Return the numbers of the months from `since` on."""
    rows = connection.execute(
        select(_counts)
        .where(_counts.c.month >= since)
        .order_by(_counts.c.month, _counts.c.office, _counts.c.what, _counts.c.value)
    )
    questions = groupby(rows, key=lambda row: (row.month, row.office, row.what))
    return [number for _, answers in questions for number in _shown(list(answers))]


def _shown(answers: Sequence[Any]) -> Iterator[Number]:
    """Yield the answers to one question, hiding small numbers and enough others that none follows from the sum of all."""
    few = {row.value for row in answers if row.number < FEWEST}
    covered: set[str] = set()
    others = sorted((row for row in answers if row.value not in few), key=lambda row: row.number)
    if len(answers) > 1 and few and _follows([row.number for row in answers if row.value in few]):
        covered = {row.value for row in others[:1]}
    for row in answers:
        least = 1 if row.value in few | covered else row.number
        most = FEWEST - 1 if row.value in few else None if row.value in covered else row.number
        yield Number(row.month, row.office, row.what, row.value, least, most)


def _follows(hidden: Sequence[int]) -> bool:
    """Tell whether hidden numbers follow from their sum: one alone, all as small or all as large as a hidden one can be."""
    return len(hidden) == 1 or sum(hidden) in {len(hidden), len(hidden) * (FEWEST - 1)}


def _values(closed: Closed) -> Iterator[tuple[str, str]]:
    yield "all", "all"
    yield "reason", closed.reason
    yield "grade", closed.grade
    yield "hours", "outside" if closed.outside else "inside"
    yield "answered", "yes" if closed.answered else "no"
    yield "who", _among(closed.carried, "who", _WHO)
    yield "age", _age(closed.carried.get("age"))
    if closed.danger:
        yield "danger", "yes"
    if closed.referred:
        yield "referred", "yes"


def _among(answers: Mapping[str, Json], name: str, known: tuple[str, ...]) -> str:
    value = answers.get(name)
    return value if isinstance(value, str) and value in known else "unknown"


def _age(value: Json) -> str:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "unknown"
    return next((band for oldest, band in AGES if value <= oldest), "18-")


def forget(context: JobContext) -> bool:
    """Delete numbers past their time."""
    before = (context.now - KEPT).astimezone(TOKYO).date()
    context.connection.execute(delete(_counts).where(_counts.c.month < before))
    return False


JOBS = [Job("child_welfare.forget", {"day": 1, "hour": 4, "minute": 5}, forget)]
