"""Gathers what is stored about one resident, from the platform's tables and from what each service tells."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import select

from bot import audience
from bot.flow.book import Book
from bot.flow.program import AskOp
from bot.flow.segments import described
from bot.flow.talk import Json
from bot.models import Attachment, Attribute, Consent, Resident, Submission
from bot.now import TOKYO
from bot.service import ActionContext

Entry = dict[str, Json]


@dataclass(frozen=True, slots=True)
class OwnData:
    """Everything about one resident in plain values; `files` are rows of attachments, `entries` lines of the services."""

    language: str | None
    known_since: str
    consents: Sequence[Entry] = ()
    submissions: Sequence[Entry] = ()
    files: Sequence[Any] = ()
    entries: Sequence[str] = ()

    @property
    def empty(self) -> bool:
        """Tell whether nothing is stored but that the account is known."""
        return not (self.consents or self.submissions or self.files or self.entries)


def collect(context: ActionContext) -> OwnData:
    """Return what is stored about the resident who is talking."""
    mine, spoken = context.resident.id, context.resident.language or "ja"
    connection = context.connection
    row = connection.execute(select(Resident.language, Resident.created_at).where(Resident.id == mine)).one()
    files = select(Attachment).where(Attachment.resident_id == mine).order_by(Attachment.id)
    return OwnData(
        language=row.language,
        known_since=_day(row.created_at),
        consents=_consents(context, spoken),
        submissions=_submissions(context, spoken),
        files=connection.execute(files).all(),
        entries=_placed(context)
        + [line for service in context.services for line in service.own_data(connection, mine, spoken)],
    )


def _consents(context: ActionContext, language: str) -> list[Entry]:
    statement = select(Consent).where(Consent.resident_id == context.resident.id).order_by(Consent.id)
    return [
        {
            "name": row.name,
            "title": _agreed(context.book, row.name, language),
            "version": row.version,
            "given": row.given,
            "text": context.vault.open("consents.text", row.uid, row.text).decode(),
            "on": _day(row.decided_at),
            "withdrawn_on": None if row.withdrawn_at is None else _day(row.withdrawn_at),
        }
        for row in context.connection.execute(statement)
    ]


def _placed(context: ActionContext) -> list[str]:
    """Return the marks by which messages are addressed to this resident, and the topics they receive."""
    known = select(Attribute).where(Attribute.resident_id == context.resident.id).order_by(Attribute.name)
    spoken = context.resident.language or "ja"
    marks = [
        "{}：{}（{}）".format(*_described(context.book, row, spoken), _day(row.keep_until))
        for row in context.connection.execute(known)
    ]
    topics = audience.topics_of(context.connection, context.resident.id)
    return marks + [titles.get(spoken) or titles.get("ja", name) for name, titles in topics.items()]


def _described(book: Book | None, row: Any, language: str) -> tuple[str, str]:
    return (row.name, row.value) if book is None else described(book, row.name, row.value, language)


def _submissions(context: ActionContext, language: str) -> list[Entry]:
    statement = select(Submission).where(Submission.resident_id == context.resident.id).order_by(Submission.id)
    found = []
    for row in context.connection.execute(statement):
        answers = orjson.loads(context.vault.open("submissions.answers", row.uid, row.answers))
        found.append(
            {
                "flow": row.flow,
                "title": _title(context.book, row.flow, language),
                "on": _day(row.filed_at),
                "held": row.on_hold,
                "keep_until": None if row.keep_until is None else _day(row.keep_until),
                "answers": answers,
                "lines": _lines(context.book, row.flow, row.revision, answers, language),
            }
        )
    return found


def _title(book: Book | None, flow: str, language: str) -> str:
    program = None if book is None else book.programs.get(flow)
    return flow if program is None else program.title.in_(language, {})


def _agreed(book: Book | None, consent: str, language: str) -> str:
    """Return what was agreed to: the title of the flow that asks for it, in force now."""
    for program in () if book is None else book.programs.values():
        asked = program.questions.get(consent)
        if asked is not None and asked.type == "consent":
            return program.title.in_(language, {})
    return consent


def _lines(book: Book | None, flow: str, revision: str, answers: Mapping[str, Json], language: str) -> list[str]:
    program = None if book is None else book.program(flow, revision) or book.programs.get(flow)
    questions = {} if program is None else program.questions
    return [f"{_called(questions.get(name), name, language)}：{_shown(value)}" for name, value in answers.items()]


def _called(question: AskOp | None, name: str, language: str) -> str:
    words = None if question is None else question.label or question.text
    return (words.in_(language, {}).split("\n")[0].rstrip("。.？?") if words else "") or name


def _shown(value: Json) -> str:
    if isinstance(value, bool):
        return "○" if value else "×"
    if isinstance(value, dict):
        return str(value.get("address") or value.get("name") or "、".join(_shown(each) for each in _parts(value)))
    return "、".join(map(_shown, value)) if isinstance(value, list) else str(value)


def _parts(value: Mapping[str, Json]) -> list[Json]:
    return [each for name, each in value.items() if name != "attachment"]


def _day(moment: Any) -> str:
    return str(moment.astimezone(TOKYO).date().isoformat())
