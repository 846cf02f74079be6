"""Reminders: what a `remind` step wants said later, saying it when its time has come, and stopping it at one press."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bot.flow import phrases, press
from bot.flow.book import NOTICES, Book
from bot.flow.filters import as_date
from bot.flow.program import Program, RemindOp, StopReminderOp
from bot.flow.render import label, messages, quick
from bot.flow.run import Run
from bot.flow.sandbox import plain
from bot.flow.saying import say
from bot.flow.talk import Choice, Json, Reminded, Surroundings, TopicStopped, Turn, Unreminded
from bot.flow.timing import TOKYO, USUAL, Plan, next_due, weekdays
from bot.flow.words import label as word_label

_DAY = 86400


def service_of(flow: str) -> str:
    """Return the service a flow belongs to: within it the names of reminders are known."""
    return flow.partition(".")[0]


def carry_out(run: Run, program: Program, op: RemindOp | StopReminderOp) -> None:
    """Have something said later, or no more."""
    service = service_of(program.id)
    if isinstance(op, RemindOp):
        _remind(run, program, op, service)
    else:
        run.effects.append(Unreminded(service, op.reminder))


def _remind(run: Run, program: Program, op: RemindOp, service: str) -> None:
    # The moment is kept under the reminder's name; nothing is, when it has passed already.
    plan = _plan(run, op)
    due = None if plan is None else next_due(plan, run.around.now, _usual(run))
    run.keep(op.reminder, None if due is None else due.astimezone(TOKYO).strftime("%Y-%m-%dT%H:%M"))
    if plan is None or due is None:
        run.effects.append(Unreminded(service, op.reminder))
        return
    values = run.values()
    if op.flow is None:
        answers = run.talks[-1].answers
        given = {name: answers[name] for name in sorted(op.needs) if name in answers}
    else:
        given = {name: plain(each.value(values)) for name, each in op.arguments.items()}
    said, step = (program.id, op.name) if op.flow is None else (op.flow, None)
    run.effects.append(Reminded(service, op.reminder, said, step, op.topic, due, plan.as_json(), given))


def _plan(run: Run, op: RemindOp) -> Plan | None:
    """Return when to remind, None when what it counts from is no date."""
    now, values = run.around.now.astimezone(TOKYO), run.values()
    time = op.time
    if op.at is not None:
        first = _moment(op.at.value(values))
    elif op.after is not None and op.after % _DAY == 0:
        first = (now.date() + dt.timedelta(seconds=op.after)).isoformat()
    elif op.after is not None:
        first, time = (now + dt.timedelta(seconds=op.after)).strftime("%Y-%m-%dT%H:%M"), None
    else:
        first = now.date().isoformat()
    until = None if op.until is None else as_date(op.until.value(values))
    on = None if op.on is None else weekdays(op.on.value(values))
    unread = (op.until is not None and until is None) or (op.on is not None and on is None)
    if first is None or unread:
        return None
    if time is not None:
        first = first[:10]
    return Plan(first, op.every, time, until.isoformat() if until else None, op.quiet or "after", op.holiday, on or ())


def _moment(value: Any) -> str | None:
    """Return a date, or a date and time, as `Plan` has it."""
    if as_date(value) is None:
        return None
    written = str(value).replace(" ", "T")
    return written[:16] if "T" in written else written[:10]


def _usual(run: Run) -> dt.time:
    wanted = run.around.time_of_day()
    return USUAL if wanted is None else dt.time.fromisoformat(wanted)


def recall(book: Book, flow: str, step: str, around: Surroundings, values: Mapping[str, Json]) -> Turn | None:
    """Return what a reminder says now, in today's words, None when the step that held them is no longer there."""
    program = book.programs.get(flow)
    op = None if program is None else program.op(step)
    if program is None or not isinstance(op, RemindOp):
        return None
    run = Run(book, around, [])
    run.push(program, dict(values))
    say(run, op)
    return Turn(None, messages(run.drafts, run.language), quick(run.quick))


def stop_choice(language: str, flow: str, what: str) -> Choice:
    """Return the button by which a resident stops `what`: a topic, or one reminder by service and name (`tax/due`)."""
    shown = phrases.phrase("stop_notice", language)
    return Choice(label(shown), press.data(flow, "", "", "", press.STOP, what), echo=shown)


def stop_at_once(run: Run, found: press.Press) -> None:
    """Do what such a button wants."""
    service, one, name = found.value.partition("/")
    if one:
        run.effects.append(Unreminded(service, name))
        run.phrase("reminder_stopped", title=run.title(found.flow))
    else:
        titles = run.book.town.topics.get(found.value, {})
        title = titles.get(run.language) or titles.get("") or titles.get("ja") or run.title(found.flow)
        run.effects.append(TopicStopped(found.value))
        run.phrase("topic_stopped", title=title)
    if NOTICES in run.book.programs and run.talk is None:
        shown = word_label("notices", run.language)
        run.quick = [Choice(shown, press.data(NOTICES, "", "", "", press.START, ""), echo=shown)]
