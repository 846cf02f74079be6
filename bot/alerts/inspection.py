"""Alerts as operators and staff see them: their state, and how the calls went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, case, func, select

from bot.models import Alert, AlertSending

_alerts: Any = Alert.__table__
_sendings: Any = AlertSending.__table__


@dataclass(frozen=True, slots=True)
class Raised:
    """One alert; `state` is open, unheard (nobody was on call), taken, settled or given up, and the calls are counted."""

    id: int
    kind: str
    service: str
    about: str | None
    urgent: bool
    state: str
    level: int
    raised_at: dt.datetime
    acknowledged_at: dt.datetime | None
    acknowledged_staff_id: int | None
    acknowledged_contact_id: int | None
    sent: int
    waiting: int
    failed: int
    trouble: str | None


def recent(connection: Connection, limit: int, services: Sequence[str] | None = None) -> list[Raised]:
    """Return alerts (of some services only, if told), the newest first."""

    def count(status: str) -> Any:
        return func.coalesce(func.sum(case((_sendings.c.status == status, 1), else_=0)), 0).label(status)

    trouble = func.max(case((_sendings.c.status.in_(["failed", "waiting"]), _sendings.c.last_result))).label("trouble")
    chosen = select(_alerts).order_by(_alerts.c.id.desc()).limit(limit)
    if services is not None:
        chosen = chosen.where(_alerts.c.service.in_(services))
    some = chosen.subquery()
    calls = [count(status) for status in ("sent", "waiting", "failed")]
    joined = select(some, *calls, trouble).outerjoin(_sendings, _sendings.c.alert_id == some.c.id)
    rows = connection.execute(joined.group_by(*some.c).order_by(some.c.id.desc()))
    return [_raised(row) for row in rows]


def unacknowledged(connection: Connection, services: Sequence[str] | None = None) -> int:
    """Return how many alerts (of some services only, if told) nobody has taken on."""
    nobody = and_(_alerts.c.acknowledged_at.is_(None), _alerts.c.settled_at.is_(None))
    counted = select(func.count()).select_from(_alerts).where(nobody)
    if services is not None:
        counted = counted.where(_alerts.c.service.in_(services))
    found: int = connection.execute(counted).scalar_one()
    return found


def undelivered(connection: Connection, since: dt.datetime) -> int:
    """Return how many calls since then reached nobody."""
    failed = and_(_sendings.c.status == "failed", _sendings.c.created_at >= since)
    found: int = connection.execute(select(func.count()).select_from(_sendings).where(failed)).scalar_one()
    return found


def _raised(row: Any) -> Raised:
    return Raised(
        row.id, row.kind, row.service, row.about, row.urgent, _state(row), row.level, row.raised_at, row.acknowledged_at,
        row.acknowledged_staff_id, row.acknowledged_contact_id, row.sent, row.waiting, row.failed, row.trouble,
    )  # fmt: skip


def _state(row: Any) -> str:
    if row.settled_at is not None:
        return "settled"
    if row.acknowledged_at is not None:
        return "taken"
    if row.next_at is None:
        return "given up"
    return "unheard" if row.unheard else "open"
