"""A resident who talks to the engine as the platform lets them: the state goes through its bytes at every turn."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from itertools import count
from zoneinfo import ZoneInfo

from bot.flow.book import Book
from bot.flow.engine import start, turn
from bot.flow.load import load_texts
from bot.flow.program import Program
from bot.flow.run import STEPS_PER_TURN, Trace
from bot.flow.talk import (
    ActionResult,
    Buttons,
    Choice,
    Effect,
    Input,
    Json,
    LanguageChosen,
    Pressed,
    Said,
    Surroundings,
    Text,
    Turn,
)

TOWN = """
languages: {ja: 日本語, ja-easy: やさしい日本語, en: English}
town: {name: 見本町}
"""


def book(*flows: str, town: str = TOWN) -> Book:
    """Return the book of these flow files; they must be sound."""
    loaded = load_texts({"flows/town.yaml": town, **{f"flows/{n}.yaml": text for n, text in enumerate(flows)}})
    assert not loaded.errors, [f"{problem.place} {problem.what.ja}" for problem in loaded.errors]
    return loaded.book


def bounded() -> Trace:
    """Return what counts the steps of a turn and ends one that has no end."""
    steps = count(1)

    def trace(_program: Program, _before: int, _after: int) -> None:
        assert next(steps) <= 2 * STEPS_PER_TURN, "a turn without end"

    return trace


class Resident:
    """One resident in front of `book`; `outcomes` says what each action answers."""

    def __init__(self, pages: Book, outcomes: Mapping[str, ActionResult] | None = None) -> None:
        self.book = pages
        self.outcomes = dict(outcomes or {})
        self.now = dt.datetime(2026, 5, 1, 9, 0, tzinfo=ZoneInfo("Asia/Tokyo"))
        self.language: str | None = None
        self.state: bytes | None = None
        self.calls: list[tuple[str, dict[str, Json]]] = []
        self.effects: list[Effect] = []
        self.last: Turn | None = None

    def _act(self, name: str, arguments: Mapping[str, Json]) -> ActionResult:
        self.calls.append((name, dict(arguments)))
        return self.outcomes.get(name, ActionResult("done"))

    def around(self) -> Surroundings:
        return Surroundings(self.now, self._act, self.language)

    def take(self, answer: Turn) -> str:
        self.last = answer
        self.state = answer.state
        self.effects.extend(answer.effects)
        for effect in answer.effects:
            if isinstance(effect, LanguageChosen):
                self.language = effect.language
        return self.heard

    def send(self, what: Input) -> str:
        return self.take(turn(self.book, self.state, what, self.around(), bounded()))

    def say(self, text: str) -> str:
        return self.send(Said(text))

    def begin(self, flow: str, **values: Json) -> str:
        return self.take(start(self.book, flow, self.around(), self.state, values))

    def press(self, label: str, picked: str | None = None) -> str:
        return self.send(Pressed(self.choice(label).data, picked))

    def wait(self, **span: float) -> None:
        self.now += dt.timedelta(**span)

    @property
    def choices(self) -> list[Choice]:
        assert self.last is not None
        buttons = [message for message in self.last.messages if isinstance(message, Buttons)]
        return [*self.last.quick, *(choice for message in buttons for choice in message.choices)]

    @property
    def labels(self) -> list[str]:
        return [choice.label for choice in self.choices]

    def choice(self, label: str) -> Choice:
        return next(choice for choice in self.choices if choice.label == label)

    @property
    def heard(self) -> str:
        """Everything the bot said in its last turn, a line per message."""
        assert self.last is not None
        return "\n".join(message.text for message in self.last.messages if isinstance(message, Text | Buttons))
