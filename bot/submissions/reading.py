"""A submission's answers as staff read them: every question by its label, choices by theirs, files as what can be opened."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bot.crypto import Vault
from bot.flow.book import Book
from bot.flow.offers import called
from bot.flow.program import AskOp, CollectOp, Program
from bot.flow.run import Run
from bot.flow.show import show
from bot.flow.talk import ActionResult, Json, Surroundings
from bot.flow.words import fold
from bot.now import TOKYO

ANSWERS = "submissions.answers"


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: `text` is None where nothing was answered; `bundle` names files; `place` is a point as latitude, longitude."""

    name: str
    label: str
    text: str | None
    bundle: str | None = None
    place: tuple[float, float] | None = None


def open_answers(vault: Vault, row: Any) -> dict[str, Json]:
    """Return the answers of a submission's row."""
    found: dict[str, Json] = orjson.loads(vault.open(ANSWERS, row.uid, row.answers))
    return found


def program_of(book: Book, flow: str, revision: str) -> Program | None:
    """Return the revision that was answered, else the present one, None for a flow that is gone."""
    return book.program(flow, revision) or book.programs.get(flow)


def title_of(book: Book, flow: str, language: str) -> str:
    """Return what a flow is called."""
    program = book.programs.get(flow)
    return flow if program is None else program.title.in_(language, {})


def lines(book: Book, row: Any, answers: Mapping[str, Json], language: str, now: dt.datetime) -> list[Line]:
    """Return the answers in the order of the questions; those without a question any more come last."""
    program = program_of(book, row.flow, row.revision)
    if program is None:
        return [_unnamed(name, value) for name, value in answers.items()]
    run = run_of(book, program, answers, language, now)
    collected = {name for op in program.ops if isinstance(op, CollectOp) for name in (*op.variables, f"{op.into}_more")}
    found: list[Line] = []
    groups = set(program.groups)
    for name, asked in program.questions.items():
        if name in answers and not (name in collected and groups & set(answers)):
            found.append(_line(run, asked, name, answers[name]))
    for group in program.groups:
        found += _rounds(run, program, group, answers.get(group))
    known = {line.name.partition("[")[0] for line in found} | collected | groups
    return found + [_unnamed(name, value) for name, value in answers.items() if name not in known]


def run_of(book: Book, program: Program, answers: Mapping[str, Json], language: str, now: dt.datetime) -> Run:
    """Return a turn in which nothing happens, for what knows labels, choices and conditions."""
    run = Run(book, Surroundings(now.astimezone(TOKYO), _no_action, language), [])
    run.push(program, dict(answers))
    return run


def _no_action(name: str, _arguments: Mapping[str, Json]) -> ActionResult:
    raise LookupError(f"{name}: nothing is done while answers are read")


def _rounds(run: Run, program: Program, group: str, rounds: Json) -> Iterator[Line]:
    for number, one in enumerate(rounds if isinstance(rounds, list) else [], 1):
        for name, value in one.items() if isinstance(one, dict) else ():
            asked = program.questions.get(name)
            line = _line(run, asked, name, value) if asked is not None else _unnamed(name, value)
            yield Line(f"{group}[{number}].{name}", f"{number}. {line.label}", line.text, line.bundle, line.place)


def _line(run: Run, asked: AskOp, name: str, value: Json) -> Line:
    label = called(run, asked, name) or name
    if isinstance(value, dict):
        return Line(name, label, _sent(value), _bundle(value), _place(value))
    return Line(name, label, _whole(run, asked, value))


def _whole(run: Run, asked: AskOp, value: Json) -> str | None:
    """Return an answer uncut: what residents are shown is shortened, what staff read is not."""
    return value if isinstance(value, str) and asked.type == "text" else show(run, asked, value)


def _unnamed(name: str, value: Json) -> Line:
    if isinstance(value, dict):
        return Line(name, name, _sent(value), _bundle(value), _place(value))
    return Line(name, name, None if value is None else "、".join(leaves(value)))


def _sent(value: Mapping[str, Any]) -> str | None:
    return "、".join(str(value[key]) for key in ("title", "address", "name") if value.get(key)) or None


def _bundle(value: Mapping[str, Any]) -> str | None:
    found = value.get("attachment")
    return found if isinstance(found, str) else None


def _place(value: Mapping[str, Any]) -> tuple[float, float] | None:
    latitude, longitude = value.get("latitude"), value.get("longitude")
    if isinstance(latitude, int | float) and isinstance(longitude, int | float):
        return float(latitude), float(longitude)
    return None


def leaves(value: Json) -> Iterator[str]:
    """Yield all texts and numbers within an answer."""
    if isinstance(value, dict):
        for key, each in value.items():
            if key != "attachment":
                yield from leaves(each)
    elif isinstance(value, list):
        for each in value:
            yield from leaves(each)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


class Searched:
    """What can be searched in answers: what was typed, and the Japanese labels of what was chosen."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._labels: dict[tuple[str, str], dict[str, dict[str, str]]] = {}

    def holds(self, row: Any, answers: Mapping[str, Json], words: list[str]) -> bool:
        """Tell whether every one of the folded `words` stands somewhere in the answers."""
        labels = self._labels_of(row)
        parts = [fold(text) for text in leaves(answers)]
        for name, options in labels.items():
            chosen = answers.get(name)
            parts += [
                options[each]
                for each in (chosen if isinstance(chosen, list) else [chosen])
                if isinstance(each, str) and each in options
            ]
        text = "\n".join(parts)
        return all(word in text for word in words)

    def _labels_of(self, row: Any) -> dict[str, dict[str, str]]:
        key = (row.flow, row.revision)
        if key not in self._labels:
            program = program_of(self._book, *key)
            questions = {} if program is None else program.questions
            self._labels[key] = {
                name: {option.value: fold(option.label.in_("ja", {})) for option in asked.options}
                for name, asked in questions.items()
                if asked.options
            }
        return self._labels[key]
