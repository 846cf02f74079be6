"""A compiled flow: its steps in one row, every text and condition ready to run, places to jump to known by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

from bot.flow.model import AnswerType, Flow
from bot.flow.sandbox import Expression, Template
from bot.flow.timing import Every, Shift

FALLBACK = "ja"
Asked = AnswerType | Literal["consent", "confirm"]


@dataclass(frozen=True, slots=True)
class Words:
    """One text in its languages."""

    by_language: Mapping[str, Template]

    def in_(self, language: str, values: dict[str, Any]) -> str:
        """Return the text in `language`, else in Japanese, else in whatever there is."""
        texts = self.by_language
        found = texts.get(language) or texts.get("") or texts.get(FALLBACK) or next(iter(texts.values()))
        return found.render(values)


@dataclass(frozen=True, slots=True)
class Given:
    """A value of `with` or `set`: worked out when it is needed, or written down."""

    expression: Expression | None = None
    constant: Any = None

    def value(self, values: Mapping[str, Any]) -> Any:
        """Return the value."""
        return self.constant if self.expression is None else self.expression.value(values)


@dataclass(frozen=True, slots=True)
class Pressable:
    """A button under a text."""

    label: Words
    goto: str | None = None
    do: str | None = None
    arguments: Mapping[str, Given] = field(default_factory=dict)
    outcomes: Mapping[str, str] = field(default_factory=dict)
    start: str | None = None
    open: Words | None = None
    copy: Words | None = None
    only_while_running: bool = False

    @property
    def target(self) -> str:
        """Return what the button is for, by which an older revision's button is found again."""
        return f"{self.do or self.goto or self.start or ''}"


@dataclass(frozen=True, slots=True)
class CardShown:
    """A card with its texts compiled."""

    title: Words | None
    text: Words
    image: str | None
    buttons: tuple[Pressable, ...]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message that is no plain text: `plain` holds what needs no filling, the rest is compiled."""

    kind: str
    alt: Words | None
    plain: Mapping[str, Any] = field(default_factory=dict)
    words: Mapping[str, Words] = field(default_factory=dict)
    cards: tuple[CardShown, ...] = ()


@dataclass(frozen=True, slots=True)
class Op:
    """One step to run; `name` is how state and buttons know it."""

    name: str
    relevant: Expression | None = None


@dataclass(frozen=True, slots=True)
class SayOp(Op):
    """Say texts and show things, then go on."""

    items: tuple[Words | Shown, ...] = ()
    buttons: tuple[Pressable, ...] = ()


@dataclass(frozen=True, slots=True)
class RemindOp(SayOp):
    """Remember to say this later, or what the flow `flow` says; `needs` are the answers that its texts use."""

    reminder: str = ""
    at: Given | None = None
    after: int | None = None
    every: Every | None = None
    on: Given | None = None
    time: str | None = None
    until: Given | None = None
    quiet: Shift | None = None
    holiday: Shift | None = None
    flow: str | None = None
    arguments: Mapping[str, Given] = field(default_factory=dict)
    topic: str | None = None
    needs: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class StopReminderOp(Op):
    """Forget a reminder."""

    reminder: str = ""


@dataclass(frozen=True, slots=True)
class OptionOp:
    """One answer that may be chosen; `names` are its labels in all languages and its value, folded."""

    value: str
    label: Words
    names: frozenset[str]
    goto: str | None = None
    relevant: Expression | None = None


@dataclass(frozen=True, slots=True)
class AskOp(Op):
    """Ask, then wait; a consent and a confirmation are questions too."""

    variable: str = ""
    text: Words | None = None
    type: Asked = "text"
    label: Words | None = None
    options: tuple[OptionOp, ...] = ()
    listing: str | None = None
    required: bool = True
    constraint: Expression | None = None
    constraint_message: Words | None = None
    hint: Words | None = None
    why: Words | None = None
    secret: bool = False
    segment: str | None = None
    min: Given | None = None
    max: Given | None = None
    retries: int | None = None
    on_fail: str | None = None
    version: str = ""
    refused: str | None = None
    confirmed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class JumpOp(Op):
    """Go to another step; with a condition only when it does not hold."""

    target: int = 0
    unless: Expression | None = None


@dataclass(frozen=True, slots=True)
class GotoOp(Op):
    """Go to the step of that name."""

    target: str = ""


@dataclass(frozen=True, slots=True)
class SetOp(Op):
    """Keep values."""

    values: Mapping[str, Given] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CollectOp(Op):
    """Put the answers of one round of a group into its list."""

    into: str = ""
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DoOp(Op):
    """Have a service do something; with no outcomes listed the talk goes on at `after`."""

    action: str = ""
    arguments: Mapping[str, Given] = field(default_factory=dict)
    outcomes: Mapping[str, int] = field(default_factory=dict)
    after: int = 0
    repeatable: bool = False


@dataclass(frozen=True, slots=True)
class HandoffOp(Op):
    """Wait for a person of the queue at the office that `route` leads to; with no such office go on at `nowhere`."""

    queue: str = ""
    route: Expression | None = None
    carry: tuple[str, ...] = ()
    waiting: Words = field(default_factory=lambda: Words({}))
    outside: Words = field(default_factory=lambda: Words({}))
    full: Words | None = None
    nowhere: str | None = None
    on_close: str | None = None


@dataclass(frozen=True, slots=True)
class BeginOp(Op):
    """End here and begin another flow in its place."""

    flow: str = ""


@dataclass(frozen=True, slots=True)
class EndOp(Op):
    """End the talk."""


@dataclass(frozen=True)
class Program:
    """One revision of one flow, ready to run."""

    flow: Flow
    revision: str
    title: Words
    ops: tuple[Op, ...]
    places: Mapping[str, int]
    snippets: Mapping[str, Words] = field(default_factory=dict)
    always: tuple[Pressable, ...] = ()

    @property
    def id(self) -> str:
        """Return the flow's name."""
        return self.flow.flow

    def op(self, name: str) -> Op | None:
        """Return the step called `name`."""
        index = self.places.get(name)
        return self.ops[index] if index is not None and index < len(self.ops) else None

    @cached_property
    def hands_over(self) -> bool:
        """Tell whether the flow leads to a person."""
        return any(isinstance(op, HandoffOp) for op in self.ops)

    @cached_property
    def questions(self) -> Mapping[str, AskOp]:
        """Return the questions by the name of their answer; the first one where several share a name."""
        found: dict[str, AskOp] = {}
        for op in self.ops:
            if isinstance(op, AskOp) and op.variable:
                found.setdefault(op.variable, op)
        return found

    @cached_property
    def groups(self) -> Mapping[str, str]:
        """Return the lists that repeated groups fill, and the step each group begins with."""
        collected = {op.into for op in self.ops if isinstance(op, CollectOp)}
        return {name: op.name for op in self.ops if isinstance(op, SetOp) for name in op.values if name in collected}
