"""What a service adds to the desk: how urgent a consultation is, the fields of its record, and what is counted when it closes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from bot.flow.book import Book
from bot.flow.talk import Json

GRADES = ("AA", "A", "B", "C")
"""Urgency, highest first: AA wants somebody at once, A today; C is the rest."""

Words = tuple[str, str]
"""The same words in Japanese and in English."""


@dataclass(frozen=True, slots=True)
class Urgency:
    """A grade, and the names of the rules that gave it (never what anybody wrote)."""

    grade: str
    reason: str


@dataclass(frozen=True, slots=True)
class SheetField:
    """One field of the fact sheet.

    `answer` is the question of the flow whose answer it begins with; with `urgency` it begins with the grade and what gave it.
    """

    name: str
    label: Words
    group: Words
    answer: str | None = None
    long: bool = False
    urgency: bool = False


@dataclass(frozen=True, slots=True)
class Closed:
    """A consultation that has just closed, as far as it may be counted.

    `times` is 1, or -1 when what was counted before no longer holds: it was opened again, or something of it has changed.
    """

    office: str
    reason: str
    grade: str
    danger: bool
    outside: bool
    answered: bool
    referred: bool
    carried: Mapping[str, Json]
    opened_at: dt.datetime
    closed_at: dt.datetime
    times: int = 1


def plain_urgency(_book: Book, _answers: Mapping[str, Json], dangers: Sequence[str], _today: dt.date) -> Urgency:
    """Grade a consultation of a service that has no rules: A for danger words, else C."""
    return Urgency("A", "danger_words") if dangers else Urgency("C", "")


def count_nothing(_connection: Connection, _closed: Closed) -> None:
    """Count nothing."""


REASONS: Mapping[str, Words] = {
    "solved": ("相談が終わった", "Talked through"),
    "referred": ("ほかの機関につないだ", "Referred to another body"),
    "no_reply": ("返事がなくなった", "No more replies"),
    "resident": ("相談者が終えた", "Ended by the resident"),
    "mistake": ("間違い・いたずら", "By mistake or a prank"),
    "other": ("その他", "Other"),
}
"""Why a consultation may be closed."""


@dataclass(frozen=True, slots=True)
class Consulting:
    """How a service uses the desk: its grading, what its rules are called, its fact sheet, bodies it refers to, its counting."""

    urgency: Callable[[Book, Mapping[str, Json], Sequence[str], dt.date], Urgency] = plain_urgency
    rules: Callable[[Book], Mapping[str, Words]] = lambda _book: {}
    fields: Sequence[SheetField] = ()
    bodies: Sequence[Words] = ()
    count: Callable[[Connection, Closed], Any] = count_nothing
