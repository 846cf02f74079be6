"""The queue as counsellors see it: who waits, the most urgent first, and what each of them has in hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BigInteger, bindparam, case, cast, func, literal_column, select
from sqlalchemy.orm import aliased

from bot.desk.desk import Desk, answered
from bot.desk.states import Mode, State
from bot.models import Consultation, Office, Resident, Staff

_consultations: Any = Consultation.__table__
_offices: Any = Office.__table__
_taker, _second, _asker = aliased(Staff), aliased(Staff), aliased(Staff)
_RANK = case({"AA": 0, "A": 1, "B": 2}, value=_consultations.c.grade, else_=3)
CLOSED_MOST = 100
_SHOWN = [
    _consultations.c[name]
    for name in (
        "id", "number", "office_id", "flow", "mode", "state", "grade", "reason", "danger", "outside", "opened_at",
        "changed_at", "resident_at", "left_at", "taken_by", "second_by", "staff_at", "answered_at", "held",
        "close_reason", "closed_at", "asked_by",
    )
]  # fmt: skip
"""Not the sealed columns: a queue of two hundred is read every other second."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the queue: nothing in it was written by a resident.

    `waits` is since when somebody should have answered (None: the last word is ours), `silent` since when the resident has said
    nothing after us. `blocked` tells that nothing reaches them any more: they have blocked the account. `late` and `quiet` tell
    that the office's own limits for these are passed. `asked_by` wants it deleted, which somebody else has to confirm.
    """

    id: int
    number: int
    reference: str
    office_id: int
    office: str
    flow: str
    mode: str
    state: str
    grade: str
    reason: str
    danger: bool
    outside: bool
    opened_at: dt.datetime
    changed_at: dt.datetime
    resident_at: dt.datetime
    left_at: dt.datetime | None
    taken_by: int | None
    taker: str | None
    second_by: int | None
    second: str | None
    waits: dt.datetime | None
    silent: dt.datetime | None
    blocked: bool
    late: bool
    quiet: bool
    held: bool
    close_reason: str | None
    closed_at: dt.datetime | None
    asked_by: int | None
    asker: str | None


def _entries() -> Any:
    return (
        select(
            *_SHOWN,
            Resident.reference,
            Resident.friend,
            _offices.c.key.label("office_key"),
            _taker.name.label("taker"),
            _second.name.label("second"),
            _asker.name.label("asker"),
        )
        .join(Resident, Resident.id == _consultations.c.resident_id)
        .join(_offices, _offices.c.id == _consultations.c.office_id)
        .outerjoin(_taker, _taker.id == _consultations.c.taken_by)
        .outerjoin(_second, _second.id == _consultations.c.second_by)
        .outerjoin(_asker, _asker.id == _consultations.c.asked_by)
    )


# Counsellors ask these every other second: they are put together once, not for each of them. The state is written out, because
# only then does the index over the open consultations serve.
_OPEN = (
    _consultations.c.office_id.in_(bindparam("offices", expanding=True)),
    _consultations.c.state != literal_column(f"'{State.CLOSED.value}'"),
)
_OURS = case((_consultations.c.staff_at >= _consultations.c.resident_at, 1), else_=0)
_ORDER = (_consultations.c.danger.desc(), _RANK, _OURS, _consultations.c.resident_at, _consultations.c.id)
_QUEUE = _entries().where(*_OPEN).order_by(*_ORDER)
_PLACES = select(_consultations.c.id, _consultations.c.changed_at).where(*_OPEN).order_by(*_ORDER)
_SOME = _entries().where(_consultations.c.id.in_(bindparam("numbers", expanding=True)))
_ENTRY = _entries().where(_consultations.c.id == bindparam("number"))
_MOMENTS = {
    "sqlite": cast(_consultations.c.changed_at, BigInteger),
    "postgresql": func.extract("epoch", _consultations.c.changed_at),
}
_NEWEST = {name: select(func.count(), func.sum(moments)).where(*_OPEN) for name, moments in _MOMENTS.items()}
_COUNTS = (
    select(_consultations.c.state, func.count(), func.sum(case((_consultations.c.danger, 1), else_=0)))
    .where(*_OPEN)
    .group_by(_consultations.c.state)
)


def queue(desk: Desk, office_ids: Collection[int]) -> list[Entry]:
    """Return all open consultations of these offices: danger first, then by grade, then who has waited longest for us."""
    return [_entry(desk, row) for row in desk.connection.execute(_QUEUE, {"offices": list(office_ids)})]


def places(desk: Desk, office_ids: Collection[int]) -> list[tuple[int, dt.datetime]]:
    """Return the same in the same order, of each only its number and when it changed last."""
    return [(row[0], row[1]) for row in desk.connection.execute(_PLACES, {"offices": list(office_ids)})]


def some(desk: Desk, numbers: Collection[int]) -> dict[int, Entry]:
    """Return the lines of these consultations, by number."""
    rows = desk.connection.execute(_SOME, {"numbers": list(numbers)}) if numbers else ()
    return {row.id: _entry(desk, row) for row in rows}


def closed(desk: Desk, office_ids: Collection[int], limit: int = CLOSED_MOST, before: int | None = None) -> list[Entry]:
    """Return the latest closed consultations of these offices, older ones than the id `before` where given."""
    statement = _entries().where(
        _consultations.c.office_id.in_(list(office_ids)), _consultations.c.state == State.CLOSED.value
    )
    if before is not None:
        statement = statement.where(_consultations.c.id < before)
    rows = desk.connection.execute(statement.order_by(_consultations.c.id.desc()).limit(limit))
    return [_entry(desk, row) for row in rows]


def asked(desk: Desk, office_ids: Collection[int]) -> list[Entry]:
    """Return the consultations that somebody wants deleted, in the order in which they were asked for."""
    mine = (_consultations.c.office_id.in_(list(office_ids)), _consultations.c.asked_by.is_not(None))
    rows = desk.connection.execute(_entries().where(*mine).order_by(_consultations.c.asked_at))
    return [_entry(desk, row) for row in rows]


def entry(desk: Desk, consultation_id: int) -> Entry | None:
    """Return the line of one consultation."""
    row = desk.connection.execute(_ENTRY, {"number": consultation_id}).one_or_none()
    return None if row is None else _entry(desk, row)


def history(desk: Desk, consultation_id: int) -> list[Entry]:
    """Return the other consultations of the same resident, latest first."""
    mine = select(_consultations.c.resident_id).where(_consultations.c.id == consultation_id).scalar_subquery()
    statement = _entries().where(_consultations.c.resident_id == mine, _consultations.c.id != consultation_id)
    return [_entry(desk, row) for row in desk.connection.execute(statement.order_by(_consultations.c.id.desc()))]


def counts(desk: Desk, office_ids: Collection[int]) -> dict[str, int]:
    """Return how many consultations stand in each open state, and how many of them are in danger."""
    found = dict.fromkeys(("waiting", "active", "paused", "danger"), 0)
    for state, number, danger in desk.connection.execute(_COUNTS, {"offices": list(office_ids)}):
        found[state] = number
        found["danger"] += danger or 0
    return found


def newest(desk: Desk, office_ids: Collection[int]) -> str:
    """Return a mark that changes whenever the queue of these offices does, for polling."""
    statement = _NEWEST[desk.connection.dialect.name]
    number, total = desk.connection.execute(statement, {"offices": list(office_ids)}).one()
    return f"{number}-{total or 0}"


def _entry(desk: Desk, row: Any) -> Entry:
    rules = desk.book.offices.get(row.office_key)
    ours = answered(row)
    waits = None if ours or row.state == State.CLOSED else row.resident_at
    silent = row.staff_at if ours and row.state != State.CLOSED else None
    limit = 0 if rules is None else rules.counsellor_silent if row.answered_at is not None else rules.answer_within
    still = 0 if rules is None else rules.resident_silent
    return Entry(
        id=row.id, number=row.number, reference=row.reference, office_id=row.office_id, office=row.office_key,
        flow=row.flow, mode=row.mode, state=row.state, grade=row.grade, reason=row.reason, danger=row.danger,
        outside=row.outside, opened_at=row.opened_at, changed_at=row.changed_at, resident_at=row.resident_at,
        left_at=row.left_at, taken_by=row.taken_by, taker=row.taker, second_by=row.second_by, second=row.second,
        waits=waits, silent=silent, blocked=row.friend is False and row.mode == Mode.CHAT,
        late=_passed(desk, waits, limit), quiet=_passed(desk, silent, still),
        held=row.held, close_reason=row.close_reason, closed_at=row.closed_at, asked_by=row.asked_by, asker=row.asker,
    )  # fmt: skip


def _passed(desk: Desk, since: dt.datetime | None, limit: int) -> bool:
    return since is not None and limit > 0 and desk.now - since >= dt.timedelta(seconds=limit)
