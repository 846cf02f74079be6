"""Closed attributes: what a finished flow may tell about a resident for choosing whom a message is for.

Only what cannot say more than its author foresaw: a choice, yes or no, or the ten years of age around a birth date.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping

from bot.flow.book import Book
from bot.flow.filters import as_date
from bot.flow.program import AskOp, Program
from bot.flow.talk import Json, Placed

CLOSED = frozenset({"choice", "yes_no", "date"})
"""Types of questions that may have `segment`; of a date only the age band is told."""

_OLDEST_BAND = 90


def placed(program: Program, answers: Mapping[str, Json], today: dt.date) -> Iterator[Placed]:
    """Yield the attributes of a finished talk; none when a consent in it was refused or never given."""
    consents = [answers.get(name) for name, asked in program.questions.items() if asked.type == "consent"]
    if not consents or not all(given is True for given in consents):
        return
    for name, asked in program.questions.items():
        if asked.segment is not None:
            yield Placed(asked.segment, _closed(asked, answers.get(name), today))


def described(book: Book, name: str, value: str, language: str) -> tuple[str, str]:
    """Return what an attribute and its value are called in the flow that asks for it; themselves where none does."""
    for program in book.programs.values():
        for asked in program.questions.values():
            if asked.segment == name:
                words = asked.label or asked.text
                title = name if words is None else words.in_(language, {})
                chosen = next((option.label.in_(language, {}) for option in asked.options if option.value == value), "")
                return title.rstrip("。.？?"), chosen or value
    return name, value


def _closed(asked: AskOp, value: Json, today: dt.date) -> str | None:
    if value is None:
        return None
    if asked.type == "yes_no":
        return "yes" if value in (True, "yes") else "no"
    if asked.type == "date":
        born = as_date(value)
        return None if born is None else _age_band(born, today)
    return str(value)


def _age_band(born: dt.date, today: dt.date) -> str:
    """Return the ten years in which the age lies: `30-39`, and `90-` for the oldest.

    >>> _age_band(dt.date(1990, 5, 2), dt.date(2030, 5, 1))
    '30-39'
    """
    age = max(0, today.year - born.year - ((today.month, today.day) < (born.month, born.day)))
    first = age // 10 * 10
    return f"{_OLDEST_BAND}-" if first >= _OLDEST_BAND else f"{first}-{first + 9}"
