"""What the clock does with reminders: those whose time has come become messages, and what goes on gets its next moment."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import orjson
import structlog
from sqlalchemy import bindparam, delete, exists, select, update

from bot.alerts import raise_alert, settle
from bot.crypto import CannotOpen
from bot.delivery.hours import quiet
from bot.delivery.outbox import Letter, Priority
from bot.flow.book import Book
from bot.flow.timing import USUAL, Plan, next_due
from bot.models import Preference, Reminder, Resident, StoppedTopic
from bot.notice import reminder
from bot.reminders.store import VALUES
from bot.service import Job, JobContext, Missed

log = structlog.get_logger(__name__)

ROWS_A_COMMIT = 500
STALE_AFTER = dt.timedelta(hours=24)
"""A reminder found later than this (after a long outage) is laid before staff instead of being sent."""

SEALED = "platform.reminders_sealed"
SEALED_KEPT = dt.timedelta(days=14)
"""So long a reminder whose key is missing waits for it."""

_reminders: Any = Reminder.__table__


def send(context: JobContext) -> bool:
    """Write messages for reminders that are due; tell whether more are left.

    Left out are residents who blocked the account or stopped the topic; what goes on is then due again at its next moment.
    """
    if context.book is None or quiet(context.now):
        return False  # a clock that was away comes back at night: the next tick is soon enough
    asked = {"now": context.now, "rows": ROWS_A_COMMIT, "paused": sorted(context.book.paused)}
    rows = context.connection.execute(_DUE, asked).all()
    letters: list[Letter] = []
    sealed: set[int] = set()
    for row in rows:
        try:
            letter = _letter(context, context.book, row)
        except CannotOpen:
            sealed.add(row.id)
        else:
            letters += [] if letter is None else [letter]
    kept = {row.id for row in rows if row.id in sealed and context.now - row.due_at < SEALED_KEPT}
    context.outbox.put(context.connection, letters, context.now)
    _go_on(context, [row for row in rows if row.id not in kept])
    _tell_of(context, len(sealed))
    return len(rows) == ROWS_A_COMMIT and len(kept) < len(rows)


def _tell_of(context: JobContext, sealed: int) -> None:
    """Call staff while there are reminders that no key opens: they wait until it is there again."""
    if sealed:
        log.error("reminder.sealed", count=sealed)
        raise_alert(context.connection, context.now, kind=SEALED, service="platform", key=SEALED)
    else:
        settle(context.connection, context.now, SEALED)


def _letter(context: JobContext, book: Book, row: Any) -> Letter | None:
    """Return what is sent, None when nothing is. Raises CannotOpen."""
    if row.friend is False or row.stopped:
        return None
    late = context.now - row.due_at > STALE_AFTER
    if late and _next(row, context.now) is not None:
        return None  # the next one of a row of reminders says the same in time
    try:
        values = orjson.loads(context.outbox.vault.open(VALUES, row.uid, row.values))
        stop = row.topic or f"{row.service}/{row.name}"
        messages = reminder(book, row.flow, row.step, row.language, values, context.now, stop)
    except LookupError as error:
        log.warning("reminder.unsaid", flow=row.flow, error=type(error).__name__)
        return None
    if not messages:
        log.warning("reminder.unsaid", flow=row.flow, error="gone")
        return None
    return Letter(
        channel_id=row.channel_id,
        resident_id=row.resident_id,
        purpose=f"reminder.{row.service}"[:60],
        messages=messages,
        priority=Priority.REMINDER,
        key=f"reminder/{row.uid}/{row.due_at:%Y%m%dT%H%M}",
        stale_at=row.due_at + STALE_AFTER,
    )


def _next(row: Any, now: dt.datetime) -> dt.datetime | None:
    """Return the next moment of a reminder that goes on."""
    plan = Plan.of(row.rule)
    usual = dt.time.fromisoformat(row.time_of_day) if row.time_of_day else USUAL
    due = None if plan.every is None else next_due(plan, max(now, row.due_at), usual)
    return None if due is None else due.astimezone(dt.UTC)


def _go_on(context: JobContext, rows: Sequence[Any]) -> None:
    following = [(row, _next(row, context.now)) for row in rows]
    over = [row.id for row, due in following if due is None]
    again = [{"row": row.id, "new_due_at": due, "at": context.now} for row, due in following if due is not None]
    if over:
        context.connection.execute(delete(_reminders).where(_reminders.c.id.in_(over)))
    if again:
        context.connection.execute(_MOVE, again)


_DUE = (
    select(
        _reminders,
        Resident.channel_id,
        Resident.language,
        Resident.friend,
        Preference.time_of_day,
        exists()
        .where(StoppedTopic.resident_id == _reminders.c.resident_id, StoppedTopic.topic == _reminders.c.topic)
        .label("stopped"),
    )
    .join(Resident, Resident.id == _reminders.c.resident_id)
    .outerjoin(Preference, Preference.resident_id == _reminders.c.resident_id)
    .where(
        _reminders.c.due_at <= bindparam("now", type_=_reminders.c.due_at.type),
        # What is paused waits; when it has waited too long it is laid before staff.
        _reminders.c.service.not_in(bindparam("paused", expanding=True)),
        _reminders.c.flow.not_in(bindparam("paused", expanding=True)),
    )
    .order_by(_reminders.c.due_at, _reminders.c.id)
    .limit(bindparam("rows"))
    .with_for_update(of=_reminders, skip_locked=True)
)
_MOVE = (
    update(_reminders)
    .where(_reminders.c.id == bindparam("row"))
    .values(
        due_at=bindparam("new_due_at", type_=_reminders.c.due_at.type),
        updated_at=bindparam("at", type_=_reminders.c.updated_at.type),
    )
)

JOBS = [Job("notices.remind", {"minute": "*/5", "hour": "8-20"}, send, Missed.LATEST)]
