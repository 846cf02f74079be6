"""Handing a case to another body (児童相談所): sent, accepted, and within 48 hours of that the child's safety made sure.

Source: 児童相談所運営指針, the 48 hours' rule for confirming a child's safety after a report was accepted.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from sqlalchemy import insert, select, update

from bot.alerts import settle
from bot.desk.closing import count
from bot.desk.desk import Desk, Refusal, WrongState
from bot.desk.states import Kind
from bot.models import Consultation, Referral

SAFE_WITHIN = dt.timedelta(hours=48)
BODY = 80
_referrals: Any = Referral.__table__
_consultations: Any = Consultation.__table__


class NoBody(Refusal):
    """連絡先の機関の名前を書いてください。 / Write the name of the body."""


def refer(desk: Desk, consultation_id: int, staff_id: int, body: str) -> int:
    """Note that the case was handed to `body`; from then on its record is under legal hold. Raises NoBody."""
    if not body.strip():
        raise NoBody
    row = desk.hold(consultation_id)
    values = {"consultation_id": row.id, "body": body.strip()[:BODY], "sent_by": staff_id, "sent_at": desk.now}
    count(desk, row, -1)
    found = desk.connection.execute(insert(_referrals).returning(_referrals.c.id), values).scalar_one()
    desk.change(row, held=True)
    count(desk, row)
    desk.note(row.id, Kind.REFERRED, staff_id, str(found))
    return int(found)


def accept(desk: Desk, referral_id: int, staff_id: int, at: dt.datetime | None = None) -> None:
    """Note that the body has accepted it (at `at`, or now): the 48 hours begin. Raises WrongState."""
    accepted = at or desk.now
    waits = (_referrals.c.id == referral_id, _referrals.c.accepted_at.is_(None))
    values = {"accepted_at": accepted, "safe_by": accepted + SAFE_WITHIN}
    _settle(desk, referral_id, staff_id, waits, values, Kind.ACCEPTED)


def safe(desk: Desk, referral_id: int, staff_id: int) -> None:
    """Note that the child has been seen and is safe. Raises WrongState."""
    runs = (_referrals.c.id == referral_id, _referrals.c.accepted_at.is_not(None), _referrals.c.safe_at.is_(None))
    _settle(desk, referral_id, staff_id, runs, {"safe_at": desk.now}, Kind.SAFE)
    settle(desk.connection, desk.now, f"desk.safety:{referral_id}")


def referrals(desk: Desk, consultation_id: int) -> list[Any]:
    """Return the referrals of a consultation, in order."""
    mine = _referrals.c.consultation_id == consultation_id
    return list(desk.connection.execute(select(_referrals).where(mine).order_by(_referrals.c.id)))


def due(desk: Desk, office_ids: Collection[int]) -> list[Any]:
    """Return the accepted referrals of these offices whose child has not been seen, the one with least time first."""
    statement = (
        select(_referrals, _consultations.c.number, _consultations.c.office_id)
        .join(_consultations, _consultations.c.id == _referrals.c.consultation_id)
        .where(
            _consultations.c.office_id.in_(list(office_ids)),
            _referrals.c.accepted_at.is_not(None),
            _referrals.c.safe_at.is_(None),
        )
        .order_by(_referrals.c.safe_by)
    )
    return list(desk.connection.execute(statement))


def _settle(desk: Desk, referral_id: int, staff_id: int, where: Any, values: dict[str, Any], kind: Kind) -> None:
    row = desk.connection.execute(select(_referrals).where(_referrals.c.id == referral_id)).one_or_none()
    if row is None:
        raise WrongState
    consultation = desk.hold(row.consultation_id)
    if not desk.connection.execute(update(_referrals).where(*where).values(values)).rowcount:
        raise WrongState
    desk.change(consultation)
    desk.note(consultation.id, kind, staff_id, str(referral_id))
