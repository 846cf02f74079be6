"""What the tax flows can do: list, set and stop reminders of the resident who is talking."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import delete, select, update

from bot.audience import hear_again, who_stopped
from bot.flow.action import ActionSpec, Argument
from bot.flow.problems import Sentence
from bot.flow.talk import ActionResult
from bot.now import TOKYO
from bot.service import Action, ActionContext
from bot.upsert import insert_into
from handlers.tax.ahead import TOPIC
from handlers.tax.dates import due_days, next_reminder
from handlers.tax.holdings import how_to_pay, list_notices, say_paid, say_unpaid
from handlers.tax.linking import link_notice, unlink_notices
from handlers.tax.models import TaxReminder

MAX_DAYS_BEFORE = 90
PAID_EARLY = dt.timedelta(days=60)
"""So long before its due date a tax is paid at the earliest: notices are sent out then."""


def list_reminders(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Return the reminders a resident still gets, by due date: none for who stopped what is told of taxes."""
    statement = select(TaxReminder).where(TaxReminder.resident_id == context.resident.id)
    statement = statement.where(TaxReminder.resident_id.not_in(who_stopped(TOPIC)))
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
    hear_again(context.connection, context.resident.id, TOPIC)
    statement = insert_into(context.connection, TaxReminder)
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


def skip_reminders(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Let this year's reminders be, for who says to have paid without having linked a notice; next year's come again."""
    today = context.now.astimezone(TOKYO).date()
    known = due_days(context.town)
    mine = select(TaxReminder).where(
        TaxReminder.resident_id == context.resident.id,
        TaxReminder.due_on.between(today, today + PAID_EARLY),
        TaxReminder.remind_at.is_not(None),
    )
    rows = [row for row in context.connection.execute(mine) if row.kind in known]
    for row in rows:
        following = next_reminder(known[row.kind], row.days_before, row.remind_at)
        changes = {"due_on": following.due_on, "remind_at": following.remind_at, "updated_at": context.now}
        context.connection.execute(update(TaxReminder).where(TaxReminder.id == row.id).values(changes))
    return ActionResult("skipped" if rows else "none")


def stop_reminders(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Stop the reminder for one kind, or all of them when no kind is given; nothing of them is kept."""
    statement = delete(TaxReminder).where(TaxReminder.resident_id == context.resident.id)
    if arguments.get("kind"):
        statement = statement.where(TaxReminder.kind == str(arguments["kind"]))
    stopped = context.connection.execute(statement).rowcount
    return ActionResult("stopped" if stopped else "none")


_ONE_OR_ALL = {"notice": Argument("number", required=False)}
_AMOUNTS = ("tax", "year", "due_on", "amount", "electronic")

ACTIONS = [
    Action(
        ActionSpec(
            "tax.list_reminders",
            ("some", "none"),
            values={"*": ("reminders",)},
            repeatable=True,
            title=Sentence("登録した納期限のお知らせを出す", "list the tax reminders"),
        ),
        list_reminders,
    ),
    Action(
        ActionSpec(
            "tax.set_reminder",
            ("set", "set_next_year", "refused"),
            arguments={"kind": Argument("text"), "days": Argument("number")},
            values=dict.fromkeys(("set", "set_next_year"), ("due_on", "remind_on", "this_year")),
            title=Sentence("納期限のお知らせを登録する", "set a tax reminder"),
        ),
        set_reminder,
    ),
    Action(
        ActionSpec(
            "tax.stop_reminders",
            ("stopped", "none"),
            arguments={"kind": Argument("text", required=False)},
            title=Sentence("納期限のお知らせをやめる", "stop tax reminders"),
        ),
        stop_reminders,
    ),
    Action(
        ActionSpec(
            "tax.skip_reminders",
            ("skipped", "none"),
            title=Sentence("今年のお知らせだけを止める", "let this year's reminders be"),
        ),
        skip_reminders,
    ),
    Action(
        ActionSpec(
            "tax.link_notice",
            ("linked", "already", "taken", "not_found", "locked"),
            arguments={
                "code": Argument("text"),
                "birth_date": Argument("date", required=False),
                "plate": Argument("text", required=False),
                "relation": Argument("text", choices=("own", "family")),
            },
            values={"linked": ("tax", "year", "due_on", "state"), "not_found": ("left",)},
            title=Sentence("納税通知書を登録する", "link a tax notice"),
        ),
        link_notice,
    ),
    Action(
        ActionSpec(
            "tax.list_notices",
            ("some", "none"),
            values={"*": ("notices", "unsettled", "unpaid")},
            repeatable=True,
            title=Sentence("登録した納税通知書を出す", "list the linked notices"),
        ),
        list_notices,
    ),
    Action(
        ActionSpec(
            "tax.say_paid",
            ("noted", "none"),
            arguments=_ONE_OR_ALL,
            title=Sentence("納めたことを記録する", "note that it is paid"),
        ),
        say_paid,
    ),
    Action(
        ActionSpec(
            "tax.say_unpaid",
            ("noted", "none"),
            arguments=_ONE_OR_ALL,
            title=Sentence("まだ納めていないことに戻す", "note that it is not paid"),
        ),
        say_unpaid,
    ),
    Action(
        ActionSpec(
            "tax.unlink",
            ("unlinked", "none"),
            arguments=_ONE_OR_ALL,
            values={"unlinked": ("count",)},
            title=Sentence("納税通知書の登録をやめる", "unlink tax notices"),
        ),
        unlink_notices,
    ),
    Action(
        ActionSpec(
            "tax.how_to_pay",
            ("payable", "no_number", "overdue", "paid", "none"),
            arguments={"notice": Argument("number")},
            values={
                **dict.fromkeys(("no_number", "paid"), _AMOUNTS),
                "payable": (*_AMOUNTS, "agency", "payment", "confirmation", "category"),
                "overdue": (*_AMOUNTS, "late_yen", "late_basis", "late_parts"),
            },
            repeatable=True,
            title=Sentence("納め方を出す", "show how to pay"),
        ),
        how_to_pay,
    ),
]
