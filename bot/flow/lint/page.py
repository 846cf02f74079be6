"""One flow as the rules see it: program, file, notes, and the ways from one step to the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

from bot.flow.action import ActionSpec
from bot.flow.book import Book
from bot.flow.leaves import Notes
from bot.flow.lint.longest import longest
from bot.flow.problems import Problem, Sentence
from bot.flow.program import AskOp, BeginOp, DoOp, EndOp, GotoOp, HandoffOp, JumpOp, Op, Pressable, Program, SayOp
from bot.flow.source import Path, Source


@dataclass(frozen=True)
class Page:
    """A flow under check."""

    book: Book
    program: Program
    source: Source
    notes: Notes
    actions: Mapping[str, ActionSpec] | None
    today: dt.date | None = None

    def problem(
        self,
        code: str,
        path: Path,
        ja: str,
        en: str,
        remedy: tuple[str, str] | None = None,
        *,
        severity: Literal["error", "warning"] = "error",
        key: bool = False,
    ) -> Problem:
        """Return a problem at `path`."""
        mend = None if remedy is None else Sentence(*remedy)
        return self.source.problem(code, path, Sentence(ja, en), mend, key=key, severity=severity)

    @property
    def ops(self) -> tuple[Op, ...]:
        """Return the steps in a row."""
        return self.program.ops

    @property
    def end(self) -> int:
        """Return the index that stands for the end of the talk."""
        return len(self.ops)

    @cached_property
    def following(self) -> list[set[int]]:
        """Return per step the steps that may come right after it (without buttons)."""
        return [self._following(op, index) for index, op in enumerate(self.ops)]

    def _following(self, op: Op, index: int) -> set[int]:
        passed = set() if op.relevant is None else {op.after if isinstance(op, DoOp) else index + 1}
        match op:
            case JumpOp():
                return {op.target} if op.unless is None else {op.target, index + 1}
            case GotoOp():
                return passed | {self.program.places.get(op.target, self.end)}
            case EndOp() | BeginOp():
                return passed | {self.end}
            case DoOp():
                return passed | (set(op.outcomes.values()) or {op.after})
            case AskOp():
                return passed | set(self._answers(op, index))
            case HandoffOp():
                ways = (op.on_close, op.nowhere)
                return passed | {index + 1 if way is None else self.program.places.get(way, self.end) for way in ways}
        return {index + 1}

    def _answers(self, op: AskOp, index: int) -> Iterator[int]:
        places = self.program.places
        if op.type == "consent" and op.refused is None:
            yield self.end
        for name in (op.refused, op.on_fail, *(option.goto for option in op.options)):
            if name is not None:
                yield places.get(name, self.end)
        if not op.required or not op.options or any(option.goto is None for option in op.options):
            yield index + 1

    @cached_property
    def pressed(self) -> list[set[int]]:
        """Return per step the steps its buttons lead to."""
        return [
            self.always
            if isinstance(op, AskOp | HandoffOp)
            else self._led(op.buttons)
            if isinstance(op, SayOp)
            else set()
            for op in self.ops
        ]

    @cached_property
    def always(self) -> set[int]:
        """Return the steps that the flow's own buttons lead to from every question."""
        return self._led(self.program.always)

    def _led(self, buttons: tuple[Pressable, ...]) -> set[int]:
        places = self.program.places
        names = (name for button in buttons for name in (button.goto, *button.outcomes.values()))
        return {places[name] for name in names if name is not None and name in places}

    def longest(self, language: str) -> dict[str, Any]:
        """Return the longest values that texts in `language` may be filled with."""
        if language not in self._longest:
            self._longest[language] = longest(self.book, self.program, language)
        return self._longest[language]

    @cached_property
    def _longest(self) -> dict[str, dict[str, Any]]:
        return {}

    @cached_property
    def unreached(self) -> frozenset[int]:
        """Return the steps that nothing leads to."""
        return frozenset(range(self.end)) - self.reached()

    def reached(self, start: int = 0) -> set[int]:
        """Return all steps that can be come to from `start`."""
        seen: set[int] = set()
        ahead = [start]
        while ahead:
            index = ahead.pop()
            if index in seen or index >= self.end:
                continue
            seen.add(index)
            ahead.extend(self.following[index] | self.pressed[index])
        return seen
