"""What the clock does for taxes: reminders whose time has come become messages, and the next year's are set."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import and_, bindparam, or_, select, update

from bot.audience import who_stopped
from bot.delivery.outbox import Letter, Priority
from bot.models import Resident
from bot.now import TOKYO
from bot.service import Job, JobContext, Missed
from handlers.tax.ahead import TOPIC
from handlers.tax.dates import due_days, next_reminder
from handlers.tax.models import TaxLink, TaxNotice, TaxReminder, TaxSend
from handlers.tax.retention import forget
from handlers.tax.sends import State as Send
from handlers.tax.sends import plan_job, send_due
from handlers.tax.state import State
from handlers.tax.wording import ANONYMOUS

ROWS_A_COMMIT = 500

DAYTIME = (dt.time(8), dt.time(21))
"""Local hours in which a reminder may ring a phone."""


def remind(context: JobContext) -> bool:
    """Write messages for reminders that are due; tell whether more are left.

    A reminder found after its due date (a long outage) is not sent: it would be a dunning in disguise. Nor is one to a resident who
    has blocked the account, or stopped what is told of taxes, nor to one whose linked notice says the rest: it is settled, or its
    own message leaves today. All of them are set for the next year.
    """
    if not DAYTIME[0] <= context.now.astimezone(TOKYO).time() < DAYTIME[1]:
        return False  # a clock that was away comes back at night: the next tick is soon enough
    today = context.now.astimezone(TOKYO).date()
    rows = context.connection.execute(_DUE, {"now": context.now, "today": today, "rows": ROWS_A_COMMIT}).all()
    if not rows:
        return False
    letters = [
        Letter(
            channel_id=row.channel_id,
            resident_id=row.resident_id,
            purpose="tax.reminder",
            messages=context.compose(
                ANONYMOUS,
                row.language,
                {
                    "kind": row.kind,
                    "due_on": row.due_on.isoformat(),
                    "days_left": (row.due_on - today).days,
                },
            ),
            priority=Priority.REMINDER,
            key=f"tax.reminder/{row.id}/{row.due_on.isoformat()}",
            stale_at=_stale_at(row.due_on, context.now),
        )
        for row in rows
        if row.due_on >= today and row.friend is not False and not row.stopped and not row.covered
    ]
    context.outbox.put(context.connection, letters, context.now)
    context.connection.execute(_NEXT, [_next_year(context, row.id, row.kind, row.days_before) for row in rows])
    return len(rows) == ROWS_A_COMMIT


def _stale_at(due_on: dt.date, now: dt.datetime) -> dt.datetime:
    """It says how many days are left, which is wrong tomorrow; and after the due date it would be a dunning."""
    return min(dt.datetime.combine(due_on + dt.timedelta(days=1), dt.time(), TOKYO), now + dt.timedelta(days=1))


def _next_year(context: JobContext, id_: int, kind: str, days_before: int) -> dict[str, object]:
    due = due_days(context.town).get(kind)
    # A kind the town no longer has is kept without a date, so that the resident still sees and stops it.
    reminder = next_reminder(due, days_before, context.now) if due else None
    return {
        "row": id_,
        "new_due_on": reminder.due_on if reminder else dt.date(9999, 12, 31),
        "new_remind_at": reminder.remind_at if reminder else None,
        "now": context.now,
    }


_held = (
    select(TaxLink.id)
    .join(TaxNotice, TaxNotice.id == TaxLink.notice_id)
    .where(
        TaxLink.resident_id == TaxReminder.resident_id,
        TaxNotice.kind == TaxReminder.kind,
        TaxNotice.due_on == TaxReminder.due_on,
    )
    .correlate(TaxReminder)
)
_open = _held.where(TaxNotice.state == State.OPEN.value)
_leaves_today = (
    select(TaxSend.id)
    .where(
        TaxSend.kind == TaxReminder.kind,
        TaxSend.due_on == TaxReminder.due_on,
        TaxSend.send_on == bindparam("today"),
        TaxSend.state.in_([Send.PLANNED.value, Send.DONE.value]),
    )
    .correlate(TaxReminder)
)
_DUE = (
    select(
        TaxReminder,
        Resident.channel_id,
        Resident.language,
        Resident.friend,
        TaxReminder.resident_id.in_(who_stopped(TOPIC)).label("stopped"),
        and_(_held.exists(), or_(~_open.exists(), _leaves_today.exists())).label("covered"),
    )
    .join(Resident, Resident.id == TaxReminder.resident_id)
    .where(TaxReminder.remind_at <= bindparam("now", type_=TaxReminder.remind_at.type))
    .order_by(TaxReminder.remind_at, TaxReminder.id)
    .limit(bindparam("rows"))
    .with_for_update(of=TaxReminder, skip_locked=True)
)
_NEXT = (
    update(TaxReminder.__table__)  # type: ignore[arg-type]  # declared as FromClause, a Table at run time
    .where(TaxReminder.__table__.c.id == bindparam("row"))
    .values(
        due_on=bindparam("new_due_on"),
        remind_at=bindparam("new_remind_at", type_=TaxReminder.remind_at.type),
        updated_at=bindparam("now", type_=TaxReminder.updated_at.type),
    )
)

JOBS = [
    Job("tax.remind", {"hour": "10-18/2", "minute": 0}, remind, Missed.LATEST),
    Job("tax.plan", {"minute": 30}, plan_job, Missed.LATEST),
    Job("tax.send", {"hour": "10-18/2", "minute": 5}, send_due, Missed.LATEST),
    Job("tax.forget", {"hour": 3, "minute": 40}, forget, Missed.LATEST),
]
