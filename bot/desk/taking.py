"""Who looks after a consultation: taken, handed over, joined by a second person, given back, paused, moved, graded."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, select

from bot.alerts import settle
from bot.consulting import GRADES
from bot.desk.desk import Desk, Refusal, WrongState
from bot.desk.states import Kind, State
from bot.models import Consultation, Staff

_consultations: Any = Consultation.__table__
BUSY = (State.ACTIVE.value,)
BY_STAFF = "by_staff"
"""Stands among the rules that gave a grade when a person changed it."""


class TooMany(Refusal):
    """一度に受け持てる件数に達しています。 / You have as many talks as you may have at a time."""


class NotYours(Refusal):
    """この相談の担当者ではありません。 / You do not look after this consultation."""


class Nobody(Refusal):
    """その職員に引き継ぐことはできません。 / It cannot be handed to that person."""


class BadGrade(Refusal):
    """緊急度は AA、A、B、C のどれかです。 / The grade is AA, A, B or C."""


def take(desk: Desk, consultation_id: int, staff_id: int) -> None:
    """Take a consultation nobody has. Raises WrongState, TooMany."""
    row = desk.hold(consultation_id)
    if row.state != State.WAITING or row.taken_by not in {None, staff_id}:
        raise WrongState
    room(desk, row, staff_id)
    desk.change(row, state=State.ACTIVE.value, taken_by=staff_id, taken_at=desk.now, level=0)
    desk.note(row.id, Kind.TAKEN, staff_id)
    _settle(desk, row.id)


def hand_over(desk: Desk, consultation_id: int, staff_id: int, to: int) -> None:
    """Hand a consultation to somebody else. Raises NotYours, TooMany, Nobody, WrongState."""
    _give(desk, looked_after(desk, consultation_id, staff_id), staff_id, to)


def assign(desk: Desk, consultation_id: int, staff_id: int, to: int) -> None:
    """Give a consultation to somebody, whoever has it: whoever answers for the office may. Raises TooMany, Nobody, WrongState."""
    row = desk.hold(consultation_id)
    if row.state == State.CLOSED:
        raise WrongState
    _give(desk, row, staff_id, to)


def _give(desk: Desk, row: Any, staff_id: int, to: int) -> None:
    known = desk.connection.execute(select(Staff.id).where(Staff.id == to, Staff.active.is_(True))).first()
    if known is None or to == row.taken_by:
        raise Nobody
    room(desk, row, to)
    second = None if row.second_by == to else row.second_by
    state = State.ACTIVE.value if row.state == State.WAITING else row.state
    desk.change(row, state=state, taken_by=to, taken_at=desk.now, second_by=second, level=0)
    desk.note(row.id, Kind.HANDED, staff_id, str(to))
    if row.state == State.WAITING:
        _settle(desk, row.id)


def join(desk: Desk, consultation_id: int, staff_id: int) -> None:
    """Sit beside whoever looks after it, as the guideline wants (two people for each talk). Raises WrongState."""
    row = desk.hold(consultation_id)
    if row.state == State.CLOSED or staff_id == row.taken_by or row.second_by not in {None, staff_id}:
        raise WrongState
    desk.change(row, second_by=staff_id)
    desk.note(row.id, Kind.SECOND, staff_id)


def leave(desk: Desk, consultation_id: int, staff_id: int) -> None:
    """Stop sitting beside it, or give it back to the queue. Raises NotYours."""
    row = looked_after(desk, consultation_id, staff_id)
    if row.second_by == staff_id:
        desk.change(row, second_by=None)
    else:
        desk.change(row, state=State.WAITING.value, taken_by=None, taken_at=None)
    desk.note(row.id, Kind.GIVEN_BACK, staff_id)


def pause(desk: Desk, consultation_id: int, staff_id: int) -> None:
    """Lay a talk aside for a while: it no longer counts for the personal limit, and never lapses. Raises NotYours."""
    row = looked_after(desk, consultation_id, staff_id)
    desk.change(row, state=State.PAUSED.value)
    desk.note(row.id, Kind.PAUSED, staff_id)


def resume(desk: Desk, consultation_id: int, staff_id: int) -> None:
    """Go on with a talk that was laid aside. Raises NotYours, TooMany."""
    row = looked_after(desk, consultation_id, staff_id)
    room(desk, row, row.taken_by or staff_id)
    desk.change(row, state=State.ACTIVE.value)
    desk.note(row.id, Kind.RESUMED, staff_id)


def grade(desk: Desk, consultation_id: int, staff_id: int, wanted: str, *, danger: bool | None = None) -> None:
    """Set the urgency by a person's judgement, and (with `danger`) raise or lower the flag. Raises BadGrade, WrongState."""
    if wanted not in GRADES:
        raise BadGrade
    row = desk.hold(consultation_id)
    if row.state == State.CLOSED:
        raise WrongState
    why = [BY_STAFF, *(name for name in row.reason.split(",") if name and name != BY_STAFF)]
    reason = row.reason if wanted == row.grade else ",".join(why)[:200]
    desk.change(row, grade=wanted, reason=reason, danger=row.danger if danger is None else danger)
    desk.note(row.id, Kind.GRADED, staff_id, f"{row.grade}→{wanted}")


def move(desk: Desk, consultation_id: int, staff_id: int, office_id: int) -> None:
    """Move a consultation to another office of the same way of talking, back into the queue. Raises WrongState."""
    row = desk.hold(consultation_id)
    if row.state == State.CLOSED or desk.office(office_id).mode != row.mode:
        raise WrongState
    desk.change(row, office_id=office_id, state=State.WAITING.value, taken_by=None, taken_at=None, second_by=None)
    desk.note(row.id, Kind.MOVED, staff_id, str(office_id))


def looked_after(desk: Desk, consultation_id: int, staff_id: int) -> Any:
    """Return a held consultation that `staff_id` looks after, alone or as the second. Raises NotYours, WrongState."""
    row = desk.hold(consultation_id)
    if row.state == State.CLOSED:
        raise WrongState
    if staff_id not in {row.taken_by, row.second_by}:
        raise NotYours
    return row


def _settle(desk: Desk, consultation_id: int) -> None:
    """Stop calling for somebody: there is one."""
    for kind in ("desk.waiting", "desk.danger"):
        settle(desk.connection, desk.now, f"{kind}:{consultation_id}")


def room(desk: Desk, row: Any, staff_id: int) -> None:
    """Let somebody have one talk more. Raises TooMany."""
    office = desk.office(row.office_id)
    mine = select(func.count()).where(
        _consultations.c.taken_by == staff_id,
        _consultations.c.state.in_(BUSY),
        _consultations.c.id != row.id,
    )
    if desk.connection.execute(mine).scalar_one() >= office.personal_limit:
        raise TooMany
