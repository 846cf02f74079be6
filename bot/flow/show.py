"""How an answer is shown to the resident: labels for choices, dates as people write them, nothing of a secret."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from bot.flow import phrases
from bot.flow.book import Book
from bot.flow.filters import date_text
from bot.flow.program import AskOp, Words

SHOWN_CHARACTERS = 200


class Reader(Protocol):
    """Whoever an answer is shown to: in which language, from which book, with which choices handed over."""

    @property
    def language(self) -> str: ...

    @property
    def book(self) -> Book: ...

    def words(self, words: Words) -> str: ...

    def given(self, name: str) -> list[tuple[str, str]]: ...


def show(run: Reader, asked: AskOp, value: Any) -> str | None:
    """Return the answer to `asked` in the resident's language, None when there is none."""
    if value is None:
        return None
    if asked.secret:
        return phrases.phrase("hidden", run.language)
    if isinstance(value, bool):
        agreed = ("agree", "disagree") if asked.type == "consent" else ("yes", "no")
        return phrases.phrase(agreed[0] if value else agreed[1], run.language)
    if asked.type in {"date", "datetime"} and isinstance(value, str):
        return " ".join((date_text(value, run.language), *value.split("T")[1:]))
    if asked.type == "language":
        return run.book.town.languages.get(str(value), str(value))
    if asked.type in {"choice", "choices"}:
        chosen = value if isinstance(value, list) else [value]
        if asked.listing is not None:
            given = dict(run.given(asked.listing))
            return given.get(str(value), str(value))
        labels = (_label(run, asked, each) for each in chosen)
        return phrases.phrase("between", run.language).join(labels) or phrases.phrase("none_chosen", run.language)
    if asked.type == "lookup" and (listing := run.book.lists.get(asked.listing or "")) is not None:
        return listing.in_(str(value), run.language).get("name") or str(value)
    if isinstance(value, Mapping):
        return str(value.get("address") or phrases.phrase("sent", run.language))[:SHOWN_CHARACTERS]
    return str(value)[:SHOWN_CHARACTERS]


def _label(run: Reader, asked: AskOp, value: Any) -> str:
    found = next((option for option in asked.options if option.value == value), None)
    return str(value) if found is None else run.words(found.label)
