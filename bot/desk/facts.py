"""The fact sheet (受付票): filled by hand or by picking messages, never overwritten by somebody who saw an older one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import insert, select, update

from bot.desk.desk import Desk, Refusal
from bot.desk.talk import answers
from bot.desk.writing import TEXT
from bot.models import DeskMessage, FactSheet, SealedBytes

FIELDS = "fact_sheets.fields"
CHARACTERS = 4000
_sheets: Any = FactSheet.__table__
_messages: Any = DeskMessage.__table__


class Overwritten(Refusal):
    """ほかの人が先に受付票を書きました。新しい内容を見てから、もう一度書いてください。 / Somebody has written the sheet since: look at it and write again."""  # noqa: E501 - one sentence in two languages


class NoSuchField(Refusal):
    """その項目は受付票にありません。 / The fact sheet has no such field."""


@dataclass(frozen=True, slots=True)
class FieldValue:
    """What stands in a field, and the messages it was picked from."""

    text: str = ""
    messages: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A fact sheet; `version` 0 is one nobody has written yet, which begins with the intake's answers."""

    version: int = 0
    values: Mapping[str, FieldValue] = field(default_factory=dict)


def sheet(desk: Desk, consultation_id: int) -> Sheet:
    """Return the fact sheet of a consultation."""
    row = desk.connection.execute(select(_sheets).where(_sheets.c.consultation_id == consultation_id)).one_or_none()
    if row is not None:
        stored = orjson.loads(desk.vault.open(FIELDS, consultation_id, row.fields))
        return Sheet(
            row.version, {name: FieldValue(one["text"], tuple(one["messages"])) for name, one in stored.items()}
        )
    return Sheet(0, {name: FieldValue(text) for name, text in _begun(desk, consultation_id).items() if text})


def _begun(desk: Desk, consultation_id: int) -> dict[str, str]:
    """Return what a sheet that nobody has written yet begins with."""
    told = {answer.name: answer.shown for answer in answers(desk, consultation_id)}
    row = desk.find(consultation_id)
    consulting = desk.consulting(row.flow)
    named = consulting.rules(desk.book)
    why = "、".join(named[name][0] for name in row.reason.split(",") if name in named)
    urgency = f"緊急度{row.grade}：{why}" if why else ""
    return {each.name: urgency if each.urgency else told.get(each.answer or "", "") for each in consulting.fields}


def save(desk: Desk, consultation_id: int, staff_id: int, texts: Mapping[str, str], version: int) -> int:
    """Write fields; return the new version. Raises Overwritten, NoSuchField."""
    row = desk.hold(consultation_id)
    known = {each.name for each in desk.consulting(row.flow).fields}
    if texts.keys() - known:
        raise NoSuchField
    before = sheet(desk, consultation_id)
    if before.version != version:
        raise Overwritten
    values = dict(before.values)
    for name, text in texts.items():
        messages = values[name].messages if name in values else ()
        values[name] = FieldValue(text.strip()[:CHARACTERS], messages)
    return _store(desk, row, staff_id, before, values)


def pick(desk: Desk, consultation_id: int, staff_id: int, name: str, message_id: int) -> int:
    """Add what a message says to a field; return the new version. Raises NoSuchField."""
    row = desk.hold(consultation_id)
    if name not in {each.name for each in desk.consulting(row.flow).fields}:
        raise NoSuchField
    mine = (_messages.c.id == message_id, _messages.c.consultation_id == consultation_id)
    message = desk.connection.execute(select(_messages.c.uid, _messages.c.text).where(*mine)).one_or_none()
    before = sheet(desk, consultation_id)
    if message is None or message.text is None:
        return before.version
    said = desk.vault.open(TEXT, message.uid, message.text).decode()
    there = before.values.get(name, FieldValue())
    if message_id in there.messages:
        return before.version
    text = f"{there.text}\n{said}".strip()[:CHARACTERS]
    return _store(desk, row, staff_id, before, {**before.values, name: FieldValue(text, (*there.messages, message_id))})


def _store(desk: Desk, row: Any, staff_id: int, before: Sheet, values: Mapping[str, FieldValue]) -> int:
    plain = {name: {"text": one.text, "messages": list(one.messages)} for name, one in values.items()}
    stored = {
        "fields": SealedBytes.seal(desk.vault, FIELDS, row.id, orjson.dumps(plain)),
        "version": before.version + 1,
        "updated_by": staff_id,
        "updated_at": desk.now,
    }
    if before.version:
        desk.connection.execute(update(_sheets).where(_sheets.c.consultation_id == row.id).values(stored))
    else:
        desk.connection.execute(insert(_sheets), {"consultation_id": row.id, **stored})
    desk.change(row)
    return before.version + 1
