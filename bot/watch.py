"""What stands still until somebody looks: shown by the doctor, and raised as an alert, once a day, while it lasts."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select

from bot.alerts import raise_alert, settle
from bot.delivery.broadcast import State
from bot.delivery.due import EXEMPT, open_rows
from bot.delivery.outcome import Status
from bot.models import Broadcast, Delivery, FailedEvent, QueuedJob
from bot.now import TOKYO
from bot.service import Job, JobContext, Missed

SERVICE = "platform"

CALLED_DAYS = 4
"""An alert that nobody takes on is called about for two days, and may have been raised late on the first."""


@dataclass(frozen=True, slots=True)
class Standstill:
    """One kind of thing that waits for staff: how many there are, and what to do about it."""

    subject: str
    count: int
    says: str


WAITED = dt.timedelta(minutes=30)
"""Whoever is in a conversation and has had no answer for so long may be waiting in vain."""


def standstills(connection: Connection, now: dt.datetime) -> list[Standstill]:
    """Return every kind, also those of which there is nothing."""
    talking = and_(open_rows(), Delivery.priority <= EXEMPT, Delivery.created_at < now - WAITED)
    unanswered = _count(connection, Delivery, talking)
    held = _count(connection, Delivery, Delivery.status == Status.HELD.value)
    stale = _count(connection, Delivery, Delivery.status == Status.STALE.value)
    aside = _count(connection, Broadcast, Broadcast.status.in_([State.HELD.value, State.STALE.value]))
    events = _count(connection, FailedEvent, FailedEvent.id.is_not(None))
    jobs = _count(connection, QueuedJob, QueuedJob.status == "failed")
    return [
        Standstill("answers waiting", unanswered, "for half an hour and more: is LINE reached, is a process at work?"),
        Standstill("deliveries held", held, "monthly limit, or a refused token; then `madoguchi deliveries release`"),
        Standstill("deliveries too old", stale, "not sent in time; `madoguchi deliveries release` with their numbers"),
        Standstill("broadcasts laid aside", aside, "see `madoguchi broadcasts list`, then resume or stop them"),
        Standstill("events", events, "could not be applied; the log names class and place of the error"),
        Standstill("jobs", jobs, "were given up; see `madoguchi jobs list --status failed`, then `jobs retry`"),
    ]


def _count(connection: Connection, model: Any, condition: Any) -> int:
    some = select(model.id).where(condition).limit(1000).subquery()
    found: int = connection.execute(select(func.count()).select_from(some)).scalar_one()
    return found


def watch(context: JobContext) -> bool:
    """Raise an alert for what stands still, and settle those whose cause is gone."""
    today = context.now.astimezone(TOKYO).date()
    for one in standstills(context.connection, context.now):
        kind = one.subject.replace(" ", "_")
        keys = [f"platform.{kind}:{today - dt.timedelta(days=ago)}" for ago in range(CALLED_DAYS)]
        if one.count:
            raise_alert(context.connection, context.now, kind=f"platform.{kind}", service=SERVICE, key=keys[0])
            continue
        for key in keys:
            settle(context.connection, context.now, key)
    return False


JOBS = [Job("platform.watch", {"minute": "*/5"}, watch, Missed.LATEST)]
