"""Writes a talk down as a transcript (`*.talk.yaml`): what a resident did in a chat becomes the author's test."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from bot.flow.talk import (
    ActionResult,
    Actions,
    Choice,
    Followed,
    Input,
    Json,
    Overtaken,
    Pressed,
    Said,
    Sent,
    Turn,
)
from bot.flow.transcript import TOKYO, choices_of, lines

_WIDTH = 10_000
_MOST = 9_999


@dataclass
class Recorder:
    """Takes down the turns of one talk; `title` names it, `now` is when it began (aware)."""

    title: str
    now: dt.datetime
    language: str | None = None
    moves: list[dict[str, Any]] = field(default_factory=list)
    answers: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    shown: list[Choice] = field(default_factory=list)
    areas: Sequence[Choice] = ()

    def __post_init__(self) -> None:
        self.last = self.now

    def watching(self, actions: Actions) -> Actions:
        """Return `actions` that note what each of them answers."""

        def watched(name: str, arguments: Mapping[str, Json]) -> ActionResult:
            result = actions(name, arguments)
            entry: dict[str, Any] = {"outcome": result.outcome}
            if result.values:
                entry["values"] = dict(result.values)
            if result.forget:
                entry["forget"] = True
            self.answers.setdefault(name, []).append(entry)
            return result

        return watched

    def take(self, given: Input, answer: Turn, now: dt.datetime) -> None:
        """Note one turn: what the resident sent at `now`, and what the bot said."""
        self._take(self._sent(given), answer, now)

    def begin(self, flow: str, answer: Turn, now: dt.datetime) -> None:
        """Note that `flow` was begun from outside, and what the bot said."""
        self._take({"start": flow}, answer, now)

    def arrived(self, answer: Turn, now: dt.datetime) -> None:
        """Note that time has passed, and what the bot said meanwhile of its own accord."""
        move = self._waited(now) | {"bot": _said(answer)}
        self.moves.append(move)
        self._show(answer)

    def _take(self, sent: dict[str, Any], answer: Turn, now: dt.datetime) -> None:
        move = self._waited(now) | sent | {"bot": _said(answer)}
        if answer.state is None:
            move["ended"] = True
        self.moves.append(move)
        self._show(answer)

    def _waited(self, now: dt.datetime) -> dict[str, Any]:
        passed = int((now - self.last).total_seconds()) // 60
        self.last = now
        return {"wait": _span(passed)} if passed > 0 else {}

    def _show(self, answer: Turn) -> None:
        fresh = [*answer.quick, *(choice for message in answer.messages for choice in choices_of(message))]
        self.shown = [*fresh, *self.shown][:100]

    def text(self) -> str:
        """Return the transcript as YAML."""
        talk: dict[str, Any] = {"talk": self.title, "now": f"{self.now.astimezone(TOKYO):%Y-%m-%d %H:%M}"}
        if self.language is not None:
            talk["language"] = self.language
        if self.answers:
            talk["actions"] = self.answers
        talk["moves"] = self.moves
        yaml = YAML()
        yaml.width = _WIDTH
        yaml.indent(mapping=2, sequence=4, offset=2)
        written = io.StringIO()
        yaml.dump(talk, written)
        return written.getvalue()

    def _sent(self, given: Input) -> dict[str, Any]:
        match given:
            case Said(text):
                return {"resident": text}
            case Sent(kind, detail):
                return {"send": kind, **({"detail": dict(detail)} if detail else {})}
            case Followed(again):
                return {"follow": "again" if again else "new"}
            case Overtaken():
                return {"overtaken": True}
            case Pressed(data, picked):
                label = next((choice.label for choice in (*self.shown, *self.areas) if choice.data == data), data)
                return {"press": label, **({"picked": picked} if picked else {})}


def _span(minutes: int) -> str | int:
    """Return a span as an author writes it; one too long for its unit in seconds."""
    units = ((1440, "days"), (60, "hours"), (1, "minutes"))
    fitting = (f"{minutes // size} {unit}" for size, unit in units if minutes % size == 0 and minutes // size <= _MOST)
    return next(fitting, minutes * 60)


def _said(answer: Turn) -> str | list[str]:
    said = [_written(text) for text in lines(answer)]
    return said[0] if len(said) == 1 else said


def _written(text: str) -> str:
    return LiteralScalarString(text) if "\n" in text else text
