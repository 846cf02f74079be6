"""One consultation opened: what was said, how each message travels, what came with it, notes and what happened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.orm import aliased

from bot.delivery.outcome import Status as Outcome
from bot.desk.desk import Desk
from bot.desk.states import Direction, Kind, Status
from bot.desk.writing import NOTE, TEXT
from bot.flow.talk import Json
from bot.models import Attachment, Delivery, DeskEvent, DeskMessage, DeskNote, Resident, Staff

_messages: Any = DeskMessage.__table__
_notes: Any = DeskNote.__table__
_events: Any = DeskEvent.__table__
_attachments: Any = Attachment.__table__
_deliveries: Any = Delivery.__table__
_residents: Any = Resident.__table__
_author, _sender = aliased(Staff), aliased(Staff)
_TAKEN = frozenset({Outcome.SENT, Outcome.PRESUMED})
_TRAVELS = (
    _deliveries.c.status.label("delivery"), _deliveries.c.attempts, _residents.c.friend, _residents.c.friend_at
)  # fmt: skip

_SINCE = (
    select(_messages, _author.name.label("author"), _sender.name.label("sender"), *_TRAVELS)
    .outerjoin(_author, _author.id == _messages.c.author_id)
    .outerjoin(_sender, _sender.id == _messages.c.sent_by)
    .outerjoin(_deliveries, _deliveries.c.key == _messages.c.delivery_key)
    .outerjoin(_residents, _residents.c.id == _deliveries.c.resident_id)
    .where(_messages.c.consultation_id == bindparam("number"), _messages.c.id > bindparam("after"))
    .order_by(_messages.c.id)
)
_LATELY = (
    select(_messages.c.id, _messages.c.at, *_TRAVELS)
    .join(_deliveries, _deliveries.c.key == _messages.c.delivery_key)
    .join(_residents, _residents.c.id == _deliveries.c.resident_id)
    .where(_messages.c.consultation_id == bindparam("number"))
    .order_by(_messages.c.id.desc())
    .limit(20)
)


@dataclass(frozen=True, slots=True)
class File:
    """A file of a message: to be opened on demand by its id; `status` is waiting, kept, refused or gone."""

    id: int
    status: str
    content_type: str | None


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `dangers` are the danger words in it; `delivery` is how it travels (None: it does not go by LINE).

    `delivery` is the outbox's word (waiting, held, sent, presumed, failed, unknown, stale), or `again` when LINE did not take it
    and it is tried anew, or `blocked` when the resident cannot have seen it. An unsent one has no text any more.
    """

    id: int
    direction: str
    status: str
    kind: str
    text: str | None
    dangers: tuple[str, ...]
    files: tuple[File, ...]
    author_id: int | None
    author: str | None
    sender: str | None
    delivery: str | None
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Note:
    """A note for colleagues."""

    id: int
    author: str
    text: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Happened:
    """One line of the history; `kind` is a word of `Kind`, `to` who got a talk that was handed over."""

    kind: str
    who: str | None
    detail: str | None
    at: dt.datetime
    to: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer that came with the consultation, as a person reads it."""

    name: str
    label: str
    shown: str
    dangers: tuple[str, ...]


def messages_since(desk: Desk, consultation_id: int, after: int = 0) -> list[Message]:
    """Return the messages after the id `after`, in order."""
    rows = desk.connection.execute(_SINCE, {"number": consultation_id, "after": after}).all()
    files = _files(desk, [row.bundle for row in rows if row.bundle is not None])
    flow = desk.find(consultation_id).flow if rows else ""
    return [_message(desk, flow, row, files) for row in rows]


def deliveries(desk: Desk, consultation_id: int) -> dict[int, str]:
    """Return how the latest messages of ours travel, by message id: what failed is to be seen within seconds."""
    return {row.id: _travel(row) for row in desk.connection.execute(_LATELY, {"number": consultation_id})}


def changed_messages(desk: Desk, consultation_id: int) -> dict[int, str]:
    """Return which messages were taken back or are drafts, by id, so that an open page follows."""
    statement = select(_messages.c.id, _messages.c.status).where(
        _messages.c.consultation_id == consultation_id, _messages.c.status != Status.SENT.value
    )
    return {row[0]: row[1] for row in desk.connection.execute(statement)}


def answers(desk: Desk, consultation_id: int, language: str = "ja") -> list[Answer]:
    """Return what the resident answered on the way to the desk."""
    row = desk.find(consultation_id)
    program = desk.book.program(row.flow, row.revision) or desk.book.programs.get(row.flow)
    questions = {} if program is None else program.questions
    danger = desk.book.danger_of(row.flow)
    found = []
    for name, value in desk.carried(row).items():
        asked = questions.get(name)
        words = None if asked is None else asked.label or asked.text
        label = words.in_(language, {}).split("\n")[0].rstrip("。.？?") if words else name
        dangers = danger.found_in(value) if danger is not None and isinstance(value, str) else ()
        found.append(Answer(name, label or name, _shown(asked, value, language, desk), dangers))
    return found


def notes(desk: Desk, consultation_id: int) -> list[Note]:
    """Return the notes, in order."""
    statement = select(_notes, Staff.name.label("author")).join(Staff, Staff.id == _notes.c.author_id)
    rows = desk.connection.execute(statement.where(_notes.c.consultation_id == consultation_id).order_by(_notes.c.id))
    return [Note(row.id, row.author, desk.vault.open(NOTE, row.uid, row.text).decode(), row.at) for row in rows]


def happened(desk: Desk, consultation_id: int) -> list[Happened]:
    """Return what happened to a consultation, in order."""
    statement = select(_events, Staff.name.label("who")).outerjoin(Staff, Staff.id == _events.c.staff_id)
    mine = statement.where(_events.c.consultation_id == consultation_id).order_by(_events.c.id)
    rows = desk.connection.execute(mine).all()
    handed = {int(row.detail) for row in rows if row.kind == Kind.HANDED and row.detail}
    names = {
        row.id: row.name for row in desk.connection.execute(select(Staff.id, Staff.name).where(Staff.id.in_(handed)))
    }
    return [
        Happened(row.kind, row.who, row.detail, row.at, names.get(int(row.detail)) if row.kind == Kind.HANDED else None)
        for row in rows
    ]


def file_of(desk: Desk, consultation_id: int, attachment_id: int) -> Any:
    """Return the row of a kept file if it belongs to this consultation, for `bot.media.store.pieces`; None otherwise."""
    statement = (
        select(_attachments)
        .join(_messages, _messages.c.bundle == _attachments.c.bundle)
        .where(
            _messages.c.consultation_id == consultation_id,
            _attachments.c.id == attachment_id,
            _attachments.c.status == "kept",
        )
    )
    return desk.connection.execute(statement).first()


def _message(desk: Desk, flow: str, row: Any, files: Mapping[str, Sequence[File]]) -> Message:
    text = None if row.text is None else desk.vault.open(TEXT, row.uid, row.text).decode()
    danger = desk.book.danger_of(flow)
    inbound = row.direction == Direction.IN
    dangers = danger.found_in(text) if inbound and danger is not None and text else ()
    return Message(
        row.id, row.direction, row.status, row.kind, text, dangers, tuple(files.get(row.bundle or "", ())),
        row.author_id, row.author, row.sender, None if row.delivery is None else _travel(row), row.at,
    )  # fmt: skip


def _travel(row: Any) -> str:
    """Return how a message travels: LINE takes a push to somebody who has blocked the account, and shows it to nobody."""
    if row.delivery == Outcome.WAITING and row.attempts:
        return "again"
    if row.friend is False and row.delivery in _TAKEN and row.at.timestamp() * 1000 >= row.friend_at:
        return "blocked"
    return str(row.delivery)


def _files(desk: Desk, bundles: Sequence[str]) -> dict[str, list[File]]:
    found: dict[str, list[File]] = {}
    if bundles:
        statement = select(_attachments).where(_attachments.c.bundle.in_(bundles)).order_by(_attachments.c.id)
        for row in desk.connection.execute(statement):
            found.setdefault(row.bundle, []).append(File(row.id, row.status, row.content_type))
    return found


def _shown(asked: Any, value: Json, language: str, desk: Desk) -> str:
    if isinstance(value, bool):
        return {"ja": "はい" if value else "いいえ"}.get(language, "Yes" if value else "No")
    options = () if asked is None else asked.options
    chosen = value if isinstance(value, list) else [value]
    named = {option.value: option.label.in_(language, {"town": desk.book.town_in(language)}) for option in options}
    return "、".join(str(named.get(each, each)) for each in chosen)
