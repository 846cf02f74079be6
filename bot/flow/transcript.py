"""Talks written down as tests (`*.talk.yaml`): what a resident does, what the bot must say, run through the pure engine."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from bot.flow.arriving import Pending, arrivals
from bot.flow.book import Book
from bot.flow.engine import beside_person, released, start, turn
from bot.flow.run import Trace
from bot.flow.scenario import Move, Scenario
from bot.flow.source import Source
from bot.flow.talk import (
    ActionResult,
    Buttons,
    Choice,
    Counter,
    Followed,
    HandedOver,
    Input,
    Json,
    LanguageChosen,
    LeftDesk,
    Message,
    Overtaken,
    Pressed,
    Rich,
    Said,
    Sent,
    Surroundings,
    ToldDesk,
    Turn,
)

TOKYO = ZoneInfo("Asia/Tokyo")
ANYTHING = "…"
_MOMENT = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:[ T](\d{2}):(\d{2}))?")


@dataclass(frozen=True, slots=True)
class Failure:
    """A line that did not come true; `expected` and `got` are lines to lay side by side."""

    line: int
    reason: str
    expected: tuple[str, ...] = ()
    got: tuple[str, ...] = ()


@dataclass
class Rehearsal:
    """One talk while it is run."""

    book: Book
    talk: Scenario
    trace: Trace | None = None
    now: dt.datetime = dt.datetime(2026, 4, 1, 9, 0, tzinfo=TOKYO)
    language: str | None = None
    state: bytes | None = None
    last: Turn | None = None
    shown: list[Choice] = field(default_factory=list)
    calls: dict[str, dict[str, Json]] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    handed: HandedOver | None = None
    answered: bool = False
    told: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.now = moment(self.talk.now) or self.now
        self.language = self.talk.language
        self.pending = Pending(self.talk.time_of_day)

    def around(self) -> Surroundings:
        return Surroundings(
            self.now, self.act, self.language, desk=self.counter, time_of_day=lambda: self.talk.time_of_day
        )

    def counter(self, _office: str) -> Counter:
        """Return how the desk stands, as the talk says."""
        desk = self.talk.desk
        return Counter(desk.takes, desk.closed, desk.ahead, desk.number, self.answered)

    def answer_as_person(self) -> str | None:
        """Let a person say something; return why nobody could."""
        if self.handed is None:
            return "担当者につながっていません（nobody is at the desk of this talk）"
        self.answered = True
        self.shown = [*beside_person(self.book, self.state, self.handed.flow, self.around()), *self.shown]
        return None

    def close(self) -> str | None:
        """Let the desk close the consultation; return why it could not."""
        handed = self.handed
        answer = None
        if handed is not None:
            answer = released(self.book, self.state, handed.flow, handed.begun, self.around(), self.trace)
        if answer is None:
            return "開いている相談がありません（no consultation is open）"
        self.handed, self.answered = None, False
        self.take(answer)
        return None

    def act(self, name: str, arguments: Mapping[str, Json]) -> ActionResult:
        """Answer as the talk says; the last answer stays when there are no more."""
        answers = self.talk.actions.get(name)
        if answers is None:
            raise MissingAnswer(name)
        count = self.counts.get(name, 0)
        self.counts[name] = count + 1
        self.calls[name] = dict(arguments)
        answer = answers[min(count, len(answers) - 1)]
        self.language = None if answer.forget else self.language
        return ActionResult(answer.outcome, answer.values, answer.forget)

    def send(self, what: Input) -> None:
        """Let the resident send something; the state goes through its bytes."""
        self.take(turn(self.book, self.state, what, self.around(), self.trace))

    def take(self, answer: Turn) -> None:
        """Take a turn's outcome as the platform does."""
        self.last, self.state = answer, answer.state
        for effect in answer.effects:
            self.pending.note(effect)
            match effect:
                case LanguageChosen(language):
                    self.language = language
                case HandedOver():
                    self.handed, self.answered = effect, False
                case ToldDesk():
                    self.told.append(effect.text or f"〔{effect.kind}〕")
                case LeftDesk():
                    self.handed = None
        self.show(answer)

    def wait(self, seconds: int) -> None:
        """Let time pass; what arrives meanwhile is what was said last."""
        until = self.now + dt.timedelta(seconds=seconds)
        messages: list[Message] = []
        quick: tuple[Choice, ...] = ()
        for _, arrival in arrivals(self.book, self.pending, self.around(), until, self.trace):
            messages += arrival.messages
            quick = arrival.quick
            self.show(arrival)
        self.now = until
        self.last = Turn(self.state, tuple(messages), quick)

    def show(self, answer: Turn) -> None:
        """Note what can be pressed."""
        fresh = [*answer.quick, *(choice for message in answer.messages for choice in choices_of(message))]
        self.shown = [*fresh, *self.shown][:100]

    def press(self, label: str) -> Choice | None:
        """Return the newest button of that label, else the area of the rich menu."""
        return next((choice for choice in (*self.shown, *self.book.areas) if choice.label == label), None)


class MissingAnswer(Exception):
    """An action was called that the talk gives no answer for: add it under `actions:`."""


def run(book: Book, talk: Scenario, source: Source, trace: Trace | None = None) -> list[Failure]:
    """Run a talk; return what did not come true, in order. It stops at the first move that cannot be made."""
    rehearsal = Rehearsal(book, talk, trace)
    failures: list[Failure] = []
    for index, move in enumerate(talk.moves):
        line = source.place(("moves", index)).line
        try:
            reason = _make(rehearsal, move)
        except MissingAnswer as error:
            reason = f"「{error}」の答えが actions: にありません（no answer for this action under actions:）"
        if reason is not None:
            return [*failures, Failure(line, reason)]
        failures.extend(_check(rehearsal, move, line))
    return failures


def moment(text: str) -> dt.datetime | None:
    """Return a moment in Tokyo written as `YYYY-MM-DD hh:mm`, None when it is none."""
    found = _MOMENT.fullmatch(text.strip())
    if found is None:
        return None
    year, month, day, hour, minute = (int(part or 0) for part in found.groups())
    try:
        return dt.datetime(year, month, day, hour, minute, tzinfo=TOKYO)
    except ValueError:
        return None


def lines(answer: Turn) -> list[str]:
    """Return what the bot said, one entry per message."""
    return [message.alt if isinstance(message, Rich) else message.text for message in answer.messages]


def choices_of(message: Message) -> tuple[Choice, ...]:
    """Return what can be pressed on a message and stays in the chat."""
    if isinstance(message, Buttons):
        return message.choices
    cards = message.content.get("cards", ()) if isinstance(message, Rich) else ()
    return tuple(choice for card in cards for choice in card["choices"])


def _labels(answer: Turn) -> list[str]:
    inside = (choice for message in answer.messages for choice in choices_of(message))
    return [choice.label for choice in (*inside, *answer.quick)]


def _make(rehearsal: Rehearsal, move: Move) -> str | None:
    rehearsal.told.clear()
    if move.wait is not None:
        rehearsal.wait(move.wait)
    if move.resident is not None:
        rehearsal.send(Said(move.resident))
    elif move.press is not None:
        choice = rehearsal.press(move.press)
        if choice is None:
            shown = "、".join(dict.fromkeys(choice.label for choice in rehearsal.shown))
            return f"「{move.press}」というボタンはありません（no such button; shown: {shown}）"
        if choice.kind not in {"open", "copy", "location", "camera", "camera_roll"}:
            rehearsal.send(Pressed(choice.data, move.picked))
    elif move.send is not None:
        rehearsal.send(Sent(move.send, move.detail))
    elif move.follow is not None:
        rehearsal.send(Followed(move.follow == "again"))
    elif move.overtaken:
        rehearsal.send(Overtaken())
    elif move.counsellor is not None:
        return rehearsal.answer_as_person()
    elif move.closed:
        return rehearsal.close()
    elif move.start is not None:
        rehearsal.take(
            start(rehearsal.book, move.start, rehearsal.around(), rehearsal.state, move.with_, rehearsal.trace)
        )
    return None


def _check(rehearsal: Rehearsal, move: Move, line: int) -> list[Failure]:
    failures = []
    last = rehearsal.last
    if move.bot is not None:
        said = [] if last is None else lines(last)
        if not _matches(move.bot, said):
            failures.append(Failure(line, "bot", _rows(move.bot), _rows(said)))
    if move.buttons is not None:
        labels = (
            []
            if last is None
            else [choice.label for choice in (*(c for m in last.messages for c in choices_of(m)), *last.quick)]
        )
        if labels != move.buttons:
            failures.append(Failure(line, "buttons", tuple(move.buttons), tuple(labels)))
    if move.desk is not None and move.desk != rehearsal.told:
        failures.append(Failure(line, "desk", tuple(move.desk), tuple(rehearsal.told)))
    for name, arguments in (move.called or {}).items():
        got = rehearsal.calls.get(name)
        if got != arguments:
            failures.append(Failure(line, f"called {name}", _pairs(arguments), _pairs(got or {})))
    if move.ended is not None and move.ended != (rehearsal.state is None):
        failures.append(Failure(line, "ended", (str(move.ended).lower(),), (str(not move.ended).lower(),)))
    return failures


def _matches(expected: list[str], said: list[str]) -> bool:
    if len(expected) == 1 and len(said) > 1:
        return _alike(expected[0], "\n".join(said))
    return len(expected) == len(said) and all(map(_alike, expected, said))


def _alike(expected: str, said: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in expected.strip().split(ANYTHING))
    return re.fullmatch(pattern, said.strip(), re.DOTALL) is not None


def _rows(texts: list[str]) -> tuple[str, ...]:
    return tuple(row for text in texts for row in text.strip().split("\n"))


def _pairs(arguments: Mapping[str, Json]) -> tuple[str, ...]:
    return tuple(f"{name}: {value}" for name, value in sorted(arguments.items()))
