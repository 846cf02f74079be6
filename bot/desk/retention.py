"""How long consultations are kept: as their office decides, longer under legal hold, shorter only when two people want it."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, delete, select

from bot.desk.desk import Desk, Refusal, WrongState
from bot.desk.states import Kind, State
from bot.models import Attachment, Consultation, DeskMessage, Office

_consultations: Any = Consultation.__table__
_messages: Any = DeskMessage.__table__
_attachments: Any = Attachment.__table__
_offices: Any = Office.__table__


class UnderHold(Refusal):
    """保全の印があるため、消すことはできません。 / It is under legal hold and cannot be deleted."""


class AnotherPerson(Refusal):
    """消すには、依頼した人とは別の人の確認が必要です。 / Somebody else than who asked has to confirm the deletion."""


def hold(desk: Desk, consultation_id: int, staff_id: int) -> None:
    """Put a consultation under legal hold: nothing deletes it."""
    desk.change(desk.hold(consultation_id), held=True, asked_by=None, asked_at=None)
    desk.note(consultation_id, Kind.HELD, staff_id)


def release(desk: Desk, consultation_id: int, staff_id: int) -> None:
    """Lift the legal hold; the office's term counts again."""
    desk.change(desk.hold(consultation_id), held=False)
    desk.note(consultation_id, Kind.RELEASED, staff_id)


def ask_deletion(desk: Desk, consultation_id: int, staff_id: int) -> None:
    """Ask that a closed consultation be deleted before its time. Raises UnderHold, WrongState."""
    row = _deletable(desk, consultation_id)
    desk.change(row, asked_by=staff_id, asked_at=desk.now)
    desk.note(consultation_id, Kind.DELETION_ASKED, staff_id)


def delete_asked(desk: Desk, consultation_id: int, staff_id: int) -> None:
    """Delete what somebody else asked to delete. Raises AnotherPerson, UnderHold, WrongState."""
    row = _deletable(desk, consultation_id)
    if row.asked_by is None:
        raise WrongState
    if row.asked_by == staff_id:
        raise AnotherPerson
    remove(desk.connection, [row.id])


def refuse_deletion(desk: Desk, consultation_id: int) -> None:
    """Leave a consultation as it is."""
    desk.change(desk.hold(consultation_id), asked_by=None, asked_at=None)


def past_their_time(connection: Connection, now: Any, limit: int) -> list[int]:
    """Return closed consultations whose term is over and that nothing holds."""
    over = (
        _consultations.c.state == State.CLOSED.value,
        _consultations.c.keep_until < now,
        _consultations.c.held.is_(False),
    )
    return list(connection.execute(select(_consultations.c.id).where(*over).limit(limit)).scalars())


def erasable(connection: Connection, resident_id: int) -> list[int]:
    """Return a resident's closed consultations that go when they erase their data: where the office keeps no record of them."""
    statement = (
        select(_consultations.c.id)
        .join(_offices, _offices.c.id == _consultations.c.office_id)
        .where(
            _consultations.c.resident_id == resident_id,
            _consultations.c.state == State.CLOSED.value,
            _consultations.c.held.is_(False),
            _offices.c.retention == "erasable",
        )
    )
    return list(connection.execute(statement).scalars())


def remove(connection: Connection, ids: Collection[int]) -> None:
    """Delete consultations with all that belongs to them, files included."""
    if not ids:
        return
    bundles = select(_messages.c.bundle).where(
        _messages.c.consultation_id.in_(list(ids)), _messages.c.bundle.is_not(None)
    )
    mine = connection.execute(bundles).scalars().all()
    connection.execute(delete(_attachments).where(_attachments.c.bundle.in_(mine)))
    connection.execute(delete(_consultations).where(_consultations.c.id.in_(list(ids))))


def _deletable(desk: Desk, consultation_id: int) -> Any:
    row = desk.hold(consultation_id)
    if row.held:
        raise UnderHold
    if row.state != State.CLOSED:
        raise WrongState
    return row
