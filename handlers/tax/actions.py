"""What the tax flows can do: list, set and stop reminders of the resident who is talking."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.flow.action import ActionSpec, Argument
from bot.flow.talk import ActionResult
from bot.now import TOKYO
from bot.service import Action, ActionContext
from handlers.tax.dates import due_days, next_reminder
from handlers.tax.models import TaxReminder

MAX_DAYS_BEFORE = 90


def list_reminders(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Return the resident's reminders, by due date."""
    statement = select(TaxReminder).where(TaxReminder.resident_id == context.resident.id)
    rows = context.connection.execute(statement.order_by(TaxReminder.due_on, TaxReminder.kind)).all()
    reminders = [
        {
            "kind": row.kind,
            "days": row.days_before,
            "due_on": row.due_on.isoformat(),
            "remind_on": row.remind_at.astimezone(TOKYO).date().isoformat(),
        }
        for row in rows
    ]
    return ActionResult("some" if reminders else "none", {"reminders": reminders})


def set_reminder(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Set or change the reminder for one kind of tax; one whose day has passed this year begins with the next."""
    kind, days = str(arguments["kind"]), int(arguments["days"])
    due = due_days(context.town).get(kind)
    if due is None or not 0 <= days <= MAX_DAYS_BEFORE:
        return ActionResult("refused")
    reminder = next_reminder(due, days, context.now)
    this_year = due.in_year(context.now.astimezone(TOKYO).year)
    row = {
        "resident_id": context.resident.id,
        "kind": kind,
        "days_before": days,
        "due_on": reminder.due_on,
        "remind_at": reminder.remind_at,
        "created_at": context.now,
        "updated_at": context.now,
    }
    dialect = sqlite if context.connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(TaxReminder)
    changed = {name: statement.excluded[name] for name in ("days_before", "due_on", "remind_at", "updated_at")}
    context.connection.execute(
        statement.on_conflict_do_update(index_elements=["resident_id", "kind"], set_=changed), row
    )
    values = {
        "due_on": reminder.due_on.isoformat(),
        "remind_on": reminder.remind_at.astimezone(TOKYO).date().isoformat(),
        "this_year": this_year.isoformat(),
    }
    passed_by = context.now.astimezone(TOKYO).date() <= this_year < reminder.due_on
    return ActionResult("set_next_year" if passed_by else "set", values)


def stop_reminders(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Stop the reminder for one kind, or all of them when no kind is given; nothing of them is kept."""
    statement = delete(TaxReminder).where(TaxReminder.resident_id == context.resident.id)
    if arguments.get("kind"):
        statement = statement.where(TaxReminder.kind == str(arguments["kind"]))
    stopped = context.connection.execute(statement).rowcount
    return ActionResult("stopped" if stopped else "none")


ACTIONS = [
    Action(
        ActionSpec("tax.list_reminders", ("some", "none"), values={"*": ("reminders",)}, repeatable=True),
        list_reminders,
    ),
    Action(
        ActionSpec(
            "tax.set_reminder",
            ("set", "set_next_year", "refused"),
            arguments={"kind": Argument("text"), "days": Argument("number")},
            values=dict.fromkeys(("set", "set_next_year"), ("due_on", "remind_on", "this_year")),
        ),
        set_reminder,
    ),
    Action(
        ActionSpec("tax.stop_reminders", ("stopped", "none"), arguments={"kind": Argument("text", required=False)}),
        stop_reminders,
    ),
]
