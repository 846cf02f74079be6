"""What the next shift must know: what is open and with whom, what happened since, and which 48 hours are running."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from bot.desk import queue, referral
from bot.desk.desk import Desk
from bot.models import Consultation, DeskEvent, DeskMessage

_consultations: Any = Consultation.__table__
_events: Any = DeskEvent.__table__
_messages: Any = DeskMessage.__table__


@dataclass(frozen=True, slots=True)
class Digest:
    """A shift in one page. `happened` counts by kind of event, `said` by direction; nothing is quoted."""

    since: dt.datetime
    until: dt.datetime
    open: Sequence[queue.Entry]
    happened: Mapping[str, int]
    said: Mapping[str, int]
    referrals: Sequence[Any]


def digest(desk: Desk, office_ids: Collection[int], since: dt.datetime) -> Digest:
    """Return what happened at these offices since `since`, and what is open now."""
    ours = _consultations.c.office_id.in_(list(office_ids))
    happened = (
        select(_events.c.kind, func.count())
        .join(_consultations, _consultations.c.id == _events.c.consultation_id)
        .where(ours, _events.c.at >= since)
        .group_by(_events.c.kind)
    )
    said = (
        select(_messages.c.direction, func.count())
        .join(_consultations, _consultations.c.id == _messages.c.consultation_id)
        .where(ours, _messages.c.at >= since)
        .group_by(_messages.c.direction)
    )
    return Digest(
        since,
        desk.now,
        queue.queue(desk, office_ids),
        {row[0]: row[1] for row in desk.connection.execute(happened)},
        {row[0]: row[1] for row in desk.connection.execute(said)},
        referral.due(desk, office_ids),
    )
