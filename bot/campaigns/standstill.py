"""Broadcasts that stand still until somebody of their department decides: told to those on call, once for each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, select

from bot.alerts import raise_alert, settle
from bot.campaigns.states import State
from bot.delivery import broadcast
from bot.models import Alert, Broadcast, Campaign, CampaignRun
from bot.service import Job, JobContext, Missed

SERVICE = "campaigns"
TOO_LATE, HELD = "campaigns.too_late", "campaigns.held"
"""It was not begun, or not sent in time; it waits for the quota of the month."""

A_LOOK = 200
"""So many are looked at: whoever has more has been told."""


def standing(connection: Connection) -> Mapping[str, Any]:
    """Return the campaigns that stand still (`id`, `department_id`, `kind`) by the key of their alert."""
    never_begun = select(Campaign.id, Campaign.department_id).where(Campaign.state == State.STALE.value).limit(A_LOOK)
    stopped = [broadcast.State.HELD.value, broadcast.State.STALE.value]
    begun = (
        select(Campaign.id, Campaign.department_id, Broadcast.status)
        .join(CampaignRun, CampaignRun.campaign_id == Campaign.id)
        .join(Broadcast, Broadcast.id == CampaignRun.broadcast_id)
        .where(Broadcast.status.in_(stopped))
        .limit(A_LOOK)
    )
    found: dict[str, Any] = {f"{TOO_LATE}:{row.id}": (TOO_LATE, row) for row in connection.execute(never_begun)}
    for row in connection.execute(begun):
        kind = HELD if row.status == broadcast.State.HELD.value else TOO_LATE
        found[f"{kind}:{row.id}"] = (kind, row)
    return found


def tell(connection: Connection, now: dt.datetime) -> int:
    """Raise an alert for each that stands still, settle those that go on; return how many stand still."""
    there = standing(connection)
    for key, (kind, row) in there.items():
        raise_alert(
            connection, now, kind=kind, service=SERVICE, key=key, about=f"campaign:{row.id}",
            department_id=row.department_id,
        )  # fmt: skip
    still_open = select(Alert.key).where(Alert.kind.in_([TOO_LATE, HELD]), Alert.settled_at.is_(None))
    for key in connection.execute(still_open.limit(A_LOOK)).scalars().all():
        if key not in there:
            settle(connection, now, key)
    return len(there)


def look(context: JobContext) -> bool:
    """Look by the clock."""
    tell(context.connection, context.now)
    return False


JOBS = (Job("campaigns.standstill", {"minute": "*/5"}, look, Missed.LATEST),)
