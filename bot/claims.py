"""Claims on webhook events: who claims an event first applies it, and no copy of it is ever applied again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from sqlalchemy import Connection

from bot.models import AppliedEvent
from bot.upsert import insert_new

Claim = tuple[int, str]
"""A channel's id and a webhookEventId."""

_KEYS = ("channel_id", "event_id")


def claim(connection: Connection, wanted: Iterable[Claim], now: dt.datetime) -> set[Claim]:
    """Claim the events, in order, so that two processes never wait for each other; return those that were new."""
    rows = [
        {"channel_id": channel_id, "event_id": event_id, "applied_at": now}
        for channel_id, event_id in sorted(set(wanted))
    ]
    if not rows:
        return set()
    statement = insert_new(connection, AppliedEvent.__table__, _KEYS, returning=_KEYS)
    return {(row.channel_id, row.event_id) for row in connection.execute(statement, rows)}
