"""From a chat in the simulator to a transcript: the same turns once more through the engine, and whether it says the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from bot.flow import engine, phrases, press
from bot.flow.arriving import Pending, arrivals
from bot.flow.book import Book
from bot.flow.program import Program
from bot.flow.recorder import Recorder
from bot.flow.talk import (
    ActionResult,
    Followed,
    Input,
    Json,
    LanguageChosen,
    Pressed,
    Reminded,
    Said,
    Sent,
    Surroundings,
    Turn,
)
from bot.flow.transcript import ANYTHING, TOKYO, MissingAnswer, lines

Move = Mapping[str, Any]
"""A turn as the simulator tells it: `at`, `resident`/`press`/`send`/`follow`, `bot`, `notes` (what actions answered)."""

_DOES = frozenset({"resident", "press", "send", "follow"})


class NotFound(Exception):
    """Nothing of this flow was said in the chat: begin it there with one of its words, then record."""


@dataclass(frozen=True, slots=True)
class Recording:
    """A transcript as text, and where the flows say something else than the chat shows (a line each; none: it passes)."""

    text: str
    differences: tuple[str, ...]


def record(book: Book, moves: Sequence[Move], flow: str | None = None) -> Recording:
    """Return the talk of `moves`; with `flow` only its latest one. Raises NotFound without any.

    It is called by what it is about, not by who had it: a transcript is kept and shown around.
    """
    moves, first, language = _together(moves), 0, None
    if flow is not None:
        first, language = _beginning(book, moves, flow)
    moves = moves[first : _end(book, moves, first, language, flow)]
    if not moves:
        raise NotFound(flow or "")
    take = _Take(book, _minute(moves[0]), language, part=flow is not None)
    differences = []
    for number, move in enumerate(moves, 1):
        difference = take.run(move)
        if difference is not None:
            differences.append(f"{number}. {difference}")
    take.recorder.title = take.title(flow or take.began, "ja")
    return Recording(take.recorder.text(), tuple(differences))


def _together(moves: Sequence[Move]) -> list[Move]:
    """Return the turns with what the bot sent of its own accord within the same minute as one: they arrive in one wait."""
    found: list[Move] = []
    for move in moves:
        before = found[-1] if found else None
        if before is not None and _minute(before) == _minute(move) and not _DOES & (before.keys() | move.keys()):
            found[-1] = {**before, "bot": [*before.get("bot", ()), *move.get("bot", ())]}
        else:
            found.append(move)
    return found


def _beginning(book: Book, moves: Sequence[Move], flow: str) -> tuple[int, str | None]:
    """Return the latest turn that begins `flow` with nothing under way, and the language it was said in."""
    for index in range(len(moves) - 1, -1, -1):
        for language in (None, *book.town.languages):
            take = _Take(book, _minute(moves[index]), language, part=True)
            if take.run(moves[index]) is None and flow in take.flows:
                return index, language
    whole = [_Take(book, _minute(move), None) for move in moves[:1]]
    if not any(_touches(take, move, flow) for take in whole for move in moves):
        raise NotFound(flow)
    return 0, None


def _end(book: Book, moves: Sequence[Move], first: int, language: str | None, flow: str | None) -> int:
    """Return the turn at which something else begins with nothing of `flow` under way."""
    if flow is None or first == 0:
        return len(moves)
    take = _Take(book, _minute(moves[first]), language)
    for index in range(first, len(moves)):
        ended = take.state is None
        if not _touches(take, moves[index], flow) and ended:
            return index
    return len(moves)


def _touches(take: _Take, move: Move, flow: str) -> bool:
    take.run(move)
    return flow in take.flows


def _minute(move: Move) -> dt.datetime:
    return dt.datetime.fromtimestamp(move["at"] // 60 * 60, TOKYO)


@dataclass
class _Take:
    """One run of the engine along a chat; `flows` are those the last turn went through, `began` the very first of them.

    It is a `part` where the chat had something else under way, which the chat takes up again where the part ends.
    """

    book: Book
    now: dt.datetime
    language: str | None
    part: bool = False
    began: str = ""
    state: bytes | None = None
    flows: set[str] = field(default_factory=set)
    notes: list[Mapping[str, Any]] = field(default_factory=list)
    pending: Pending = field(default_factory=Pending)
    set_by: dict[tuple[str, str], frozenset[str]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.recorder = Recorder("", self.now, self.language, areas=self.book.areas)

    def title(self, flow: str, language: str) -> str:
        """Return what a flow is called; of one that is gone its name."""
        program = self.book.programs.get(flow)
        return flow if program is None else program.title.in_(language, {"town": self.book.town_in(language)})

    def run(self, move: Move) -> str | None:
        """Make one turn and take it down; return how it differs from the chat, None when it does not."""
        before, self.now = self.now, _minute(move)
        self.notes, self.flows = list(move.get("notes", ())), set()
        around = Surroundings(self.now, self.recorder.watching(self._act), self.language)
        try:
            arrived = self._arrived(replace(around, now=before))
            answer = self._turn(move, around, arrived)
        except MissingAnswer as error:
            return f"「{error}」の答えがチャットに残っていません（`madoguchi demo` の画面で話したものを使ってください）"
        if answer is None:
            return _left_out(move)
        said, heard = lines(answer), list(move.get("bot", ()))
        if self.part and answer.state is None and self._takes_up(heard[len(said) :]):
            del heard[len(said) :]
        same = len(said) == len(heard) and all(one in (ANYTHING, other) for one, other in zip(heard, said, strict=True))
        return None if same or not heard else f"チャットでは「{_joined(heard)}」、いまのフローでは「{_joined(said)}」"

    def _takes_up(self, heard: Sequence[str]) -> bool:
        """Tell whether these words go on with something else that was under way."""
        language = self.language or "ja"
        titles = (self.title(flow, language) for flow in self.book.programs)
        return bool(heard) and heard[0] in {phrases.phrase("resumed", language, {"title": one}) for one in titles}

    def _arrived(self, around: Surroundings) -> Turn | None:
        """Return the reminders that have arrived since the last turn as one, None without any."""
        found = list(arrivals(self.book, self.pending, around, self.now))
        for reminded, _ in found:
            self.flows |= {reminded.flow} | self.set_by[reminded.service, reminded.name]
        messages = tuple(message for _, said in found for message in said.messages)
        return Turn(self.state, messages, found[-1][1].quick) if found else None

    def _turn(self, move: Move, around: Surroundings, arrived: Turn | None) -> Turn | None:
        data = press.read(str(move.get("data", "")))
        if (given := self._input(move)) is not None:
            answer = engine.turn(self.book, self.state, given, around, self._trace)
            self.recorder.take(given, answer, self.now)
        elif data is not None and data.verb == press.START:
            answer = engine.start(self.book, data.flow, around, self.state, trace=self._trace)
            self.recorder.begin(data.flow, answer, self.now)
        elif arrived is not None and not _DOES & move.keys():
            self.recorder.arrived(arrived, self.now)
            return arrived
        else:
            return None
        self.state = answer.state
        for effect in answer.effects:
            self.pending.note(effect)
            if isinstance(effect, Reminded):
                self.set_by[effect.service, effect.name] = frozenset(self.flows)
        chosen = [effect.language for effect in answer.effects if isinstance(effect, LanguageChosen)]
        self.language = chosen[-1] if chosen else self.language
        return answer

    def _input(self, move: Move) -> Input | None:
        if "resident" in move:
            return Said(move["resident"])
        if "follow" in move:
            return Followed(move["follow"] == "again")
        if "send" in move:
            return Sent(move["send"], _without_surplus(move.get("detail", {})))
        could = (*self.recorder.shown, *self.book.areas)
        choice = next((choice for choice in could if choice.label == move.get("press")), None)
        return None if choice is None else Pressed(choice.data, move.get("picked"))

    def _act(self, name: str, _arguments: Mapping[str, Json]) -> ActionResult:
        told = next((note for note in self.notes if note.get("action") == name), None)
        if told is None:
            raise MissingAnswer(name)
        self.notes.remove(told)
        if told.get("forget"):
            self.language = None
        return ActionResult(told["outcome"], told.get("values", {}), bool(told.get("forget")))

    def _trace(self, program: Program, _index: int, _next: int) -> None:
        self.flows.add(program.id)
        self.began = self.began or program.id


def _without_surplus(detail: Mapping[str, Any]) -> dict[str, Any]:
    """Return a place as a test needs it: an author who tried the flow at home must not hand round where that is."""
    named = {name: detail[name] for name in ("address", "title") if detail.get(name)}
    coarse = {name: round(detail[name], 2) for name in ("latitude", "longitude") if name in detail}
    return dict(list(named.items())[:1]) | coarse


def _left_out(move: Move) -> str:
    if "press" in move:
        return f"「{move['press']}」は、ここまでの会話にないボタンなので記録できません"
    return f"町から届いた「{_joined(move.get('bot', ()))}」は記録に入りません"


def _joined(said: Sequence[str]) -> str:
    return "／".join(" ".join(text.split()) for text in said)
