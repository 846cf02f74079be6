"""What staff take down for somebody on the telephone: a form made from the flow's questions, read by the flow's own rules."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, insert

from bot.crypto import Vault
from bot.flow.answers.reading import Maybe, Understood
from bot.flow.asking import read, refusal
from bot.flow.book import Book
from bot.flow.offers import NO, YES, called, offers
from bot.flow.program import AskOp, CollectOp, Program
from bot.flow.run import Run
from bot.flow.talk import Json
from bot.models import SealedBytes, Submission
from bot.submissions.reading import ANSWERS, run_of
from bot.submissions.states import Source, Status
from bot.submissions.work import Hand, Work

_NOT_BY_WORDS = frozenset({"photo", "file", "language", "services", "confirm", "consent"})
"""What cannot be said on the telephone, or is no answer; a consent is the resident's own to give."""

ANSWER_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class Field:
    """One question as a field: `kind` is line, lines, select or checks; `sometimes` tells that it is asked on a condition."""

    name: str
    label: str
    kind: str
    hint: str = ""
    options: Sequence[tuple[str, str]] = ()
    sometimes: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What was read of a filled form: the answers, or why some cannot be taken, by field."""

    answers: Mapping[str, Json]
    errors: Mapping[str, str] = field(default_factory=dict)


def may_be_taken_down(program: Program) -> bool:
    """Tell whether a flow keeps answers that can be said in words."""
    return bool(program.flow.retain_answers) and any(_asked(program))


def fields(book: Book, program: Program, language: str, now: dt.datetime) -> list[Field]:
    """Return the form of a flow."""
    run = run_of(book, program, {}, language, now)
    return [_field(run, name, asked) for name, asked in _asked(program)]


def _asked(program: Program) -> list[tuple[str, AskOp]]:
    more = {f"{group}_more" for group in program.groups}  # whether there is another: one round is taken down
    return [
        (name, asked)
        for name, asked in program.questions.items()
        if asked.type not in _NOT_BY_WORDS and not asked.secret and name not in more
    ]


def _field(run: Run, name: str, asked: AskOp) -> Field:
    options: Sequence[tuple[str, str]] = [(option.value, run.words(option.label)) for option in asked.options]
    kind = {"choice": "select", "choices": "checks", "yes_no": "select", "text": "lines"}.get(asked.type, "line")
    if asked.type == "yes_no":
        options = [(YES, "はい" if run.language == "ja" else "Yes"), (NO, "いいえ" if run.language == "ja" else "No")]
    hint = run.words(asked.hint) if asked.hint is not None else ""
    return Field(name, called(run, asked, name), kind, hint, options, asked.relevant is not None)


def take(book: Book, program: Program, given: Mapping[str, Sequence[str]], language: str, now: dt.datetime) -> Taken:
    """Read a filled form question by question; one that does not apply after the answers before it is left out."""
    run = run_of(book, program, {}, language, now)
    answers = run.talks[-1].answers
    errors: dict[str, str] = {}
    for name, asked in _asked(program):
        said = [text[:ANSWER_CHARACTERS].strip() for text in given.get(name, ()) if text.strip()]
        if not said or (asked.relevant is not None and not asked.relevant.holds(run.values())):
            continue
        run.talks[-1].partial = []
        reading = _read(run, asked, said)
        reason = refusal(run, asked, reading)
        if reason is None and isinstance(reading, Understood):
            run.keep(name, reading.value)
        else:
            errors[name] = reason or ""
    return Taken(_grouped(program, dict(answers)), errors)


def _read(run: Run, asked: AskOp, said: list[str]) -> Any:
    if asked.type == "location":
        return Understood({"kind": "location", "address": said[0]})
    if asked.type in {"choice", "choices"}:
        known = [offer.value for offer in offers(run, asked)]
        chosen = [value for value in known if value in said]
        if chosen:
            return Understood(chosen if asked.type == "choices" else chosen[0])
    if asked.type == "yes_no":
        return Understood(said[0] == YES)
    found = read(run, asked, said[0])
    # A near miss is taken as it is meant: the one who typed it sees the result at once.
    return Understood(found.value) if isinstance(found, Maybe) else found


def _grouped(program: Program, answers: dict[str, Json]) -> dict[str, Json]:
    """Return the answers with those of a repeated group put into its list, as one round."""
    for op in program.ops:
        if isinstance(op, CollectOp):
            one = {name: answers.pop(name) for name in op.variables if name in answers}
            if one:
                answers[op.into] = [one]
    return answers


def file(
    connection: Connection, vault: Vault, program: Program, answers: Mapping[str, Json], source: Source, hand: Hand
) -> int:
    """Store what was taken down, and by whom; return its number."""
    uid = uuid.uuid4().hex
    row = {
        "uid": uid, "resident_id": None, "flow": program.id, "revision": program.revision, "filed_at": hand.now,
        "answers": SealedBytes.seal(vault, ANSWERS, uid, orjson.dumps(dict(answers))), "source": source.value,
        "status": Status.NEW.value, "entered_by": hand.staff_id, "version": 0, "on_hold": False,
        "keep_until": hand.now + dt.timedelta(seconds=program.flow.retain_answers),
    }  # fmt: skip
    number: int = connection.execute(insert(Submission.__table__).returning(Submission.id), row).scalar_one()  # type: ignore[arg-type]  # declared as FromClause, a Table at run time
    Work(vault).note_down(connection, number, hand, "entered", after=source.value)
    return number
