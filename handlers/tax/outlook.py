"""What would go out on any day: reckoned from the notices there are and the town's schedule, whether it is planned yet or not."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from sqlalchemy import Connection, func, select

from bot.audience import who_stopped
from bot.flow.book import Book
from bot.models import Resident
from bot.notice import notice
from bot.now import TOKYO
from handlers.tax.ahead import TOPIC
from handlers.tax.dates import next_business_day
from handlers.tax.models import TaxNotice, TaxReminder, TaxSend
from handlers.tax.schedule import plan, read_schedule
from handlers.tax.sends import Obstacle, State, count_recipients, find_obstacle, texts_of
from handlers.tax.wording import ANONYMOUS

_sends: Any = TaxSend.__table__


@dataclass(frozen=True, slots=True)
class Bubble:
    """One message as a telephone has it: what its lock screen shows, all that can be read in it, and its buttons."""

    preview: str
    lines: Sequence[str]
    buttons: Sequence[str]


@dataclass(frozen=True, slots=True)
class Outgoing:
    """One occasion on a day: for whom, what it says by language, and its row once it is planned (`id` is None before that).

    `recipients` are those who would be written to now, or who were. `obstacle` is what keeps it back as things stand.
    """

    kind: str
    due_on: dt.date
    stage: str
    recipients: int
    texts: Mapping[str, Sequence[Bubble]]
    id: int | None = None
    state: str | None = None
    obstacle: Obstacle | None = None


def going_out(connection: Connection, book: Book, day: dt.date, today: dt.date) -> list[Outgoing]:
    """Return what leaves on `day` if everything stays as it is now: to those who linked a notice, and anonymous reminders.

    Of a day that is over it is what left then. What is late is with the next business day, for as long as it may leave.
    """
    town = book.town.town
    schedule = read_schedule(town)
    dates = due_dates(connection)
    known = {(row.kind, row.due_on, row.stage): row for row in connection.execute(select(_sends))}
    found = []
    for kind, due_on in dates:
        for planned in plan(schedule, due_on):
            row = known.get((kind, due_on, str(planned.stage)))
            if _leaves_on(planned if row is None else row, row, today) != day:
                continue
            send = row or SimpleNamespace(kind=kind, due_on=due_on, stage=str(planned.stage), send_on=day)
            found.append(_outgoing(connection, book, send, row, day))
    return found + _anonymous(connection, book, day)


def due_dates(connection: Connection) -> list[tuple[str, dt.date]]:
    """Return each tax and due date of which there are notices, the earliest first: two looks into the index per pair."""
    found: list[tuple[str, dt.date]] = []
    pair = _first(connection)
    while pair is not None:
        found.append(pair)
        kind, due_on = pair
        pair = _first(connection, TaxNotice.due_on == due_on, TaxNotice.kind > kind) or _first(
            connection, TaxNotice.due_on > due_on
        )
    return found


def _first(connection: Connection, *beyond: Any) -> tuple[str, dt.date] | None:
    asked = select(TaxNotice.kind, TaxNotice.due_on).where(*beyond).order_by(TaxNotice.due_on, TaxNotice.kind).limit(1)
    row = connection.execute(asked).one_or_none()
    return None if row is None else (row.kind, row.due_on)


def bubbles(messages: Sequence[Mapping[str, Any]]) -> list[Bubble]:
    """Return LINE messages as staff read them."""
    return [
        Bubble(str(message.get("text") or message.get("altText") or ""), list(_lines(message)), list(_buttons(message)))
        for message in messages
    ]


def _leaves_on(days: Any, row: Any, today: dt.date) -> dt.date | None:
    """Return the day on which a send left or would leave: the one planned, or the next business day when it is late."""
    if row is not None and row.state == State.DONE:
        finished: dt.date = row.finished_at.astimezone(TOKYO).date()
        return finished
    if row is not None and row.state != State.PLANNED:
        return days.send_on  # type: ignore[no-any-return]  # a row's date
    day = max(days.send_on, next_business_day(today))
    return day if day <= days.last_on else None


def _outgoing(connection: Connection, book: Book, send: Any, row: Any, day: dt.date) -> Outgoing:
    open_ = row is None or row.state == State.PLANNED
    return Outgoing(
        send.kind,
        send.due_on,
        send.stage,
        count_recipients(connection, send) if open_ else row.recipients,
        {language: bubbles(messages) for language, messages in texts_of(book, send, day).items()},
        None if row is None else row.id,
        None if row is None else row.state,
        find_obstacle(connection, row, book, book.town.town) if row is not None and open_ else None,
    )


def _anonymous(connection: Connection, book: Book, day: dt.date) -> list[Outgoing]:
    begins = dt.datetime.combine(day, dt.time(), TOKYO)
    asked = (
        select(TaxReminder.kind, TaxReminder.due_on, func.count().label("residents"))
        .join(Resident, Resident.id == TaxReminder.resident_id)
        .where(TaxReminder.remind_at >= begins, TaxReminder.remind_at < begins + dt.timedelta(days=1))
        .where(Resident.friend.is_not(False), TaxReminder.resident_id.not_in(who_stopped(TOPIC)))
        .group_by(TaxReminder.kind, TaxReminder.due_on)
    )
    return [
        Outgoing(
            row.kind,
            row.due_on,
            "anonymous",
            row.residents,
            {language: _reminder(book, language, row, day) for language in book.town.languages},
        )
        for row in connection.execute(asked)
    ]


def _reminder(book: Book, language: str, row: Any, day: dt.date) -> list[Bubble]:
    values = {"kind": row.kind, "due_on": row.due_on.isoformat(), "days_left": (row.due_on - day).days}
    return bubbles(notice(book, ANONYMOUS, language, values, dt.datetime.combine(day, dt.time(10), TOKYO)))


def _lines(part: Any) -> Any:
    """Yield what is read in a message, in order, without its buttons."""
    if isinstance(part, Mapping):
        if part.get("type") in {"button", "action", "postback", "uri", "message", "clipboard"}:
            return
        if isinstance(part.get("text"), str):
            yield from str(part["text"]).split("\n")
        for name, value in part.items():
            if name not in {"text", "altText", "quickReply", "actions"}:
                yield from _lines(value)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for each in part:
            yield from _lines(each)


def _buttons(part: Any) -> Any:
    if isinstance(part, Mapping):
        if isinstance(part.get("label"), str):
            yield part["label"]
        for name, value in part.items():
            if name != "quickReply":
                yield from _buttons(value)
    elif isinstance(part, Sequence) and not isinstance(part, str):
        for each in part:
            yield from _buttons(each)
