"""The longest values that can be filled into a flow's texts, by language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.flow.answers.contact import EMAIL_CHARACTERS, KANA_CHARACTERS
from bot.flow.answers.plain import TEXT_CHARACTERS
from bot.flow.book import Book
from bot.flow.program import FALLBACK, AskOp, Program, Words

_SOME_CHARACTERS = 30
_NUMBER = 10**12
_DAY = "2026-12-31"
_MOMENT = "2026-12-31T10:30"


def longest(book: Book, program: Program, language: str) -> dict[str, Any]:
    """Return for each name that a text may use the longest value in `language`; what an action returns is not known."""
    asked = [op for op in program.ops if isinstance(op, AskOp)]
    answers: dict[str, Any] = {op.variable: _answer(op) for op in asked}
    known = {
        **answers,
        "town": book.town_in(language),
        "language": language,
        "today": _DAY,
        "now": _MOMENT,
        "answer": "字" * TEXT_CHARACTERS,
        "ahead": 999,
        "number": 9999,
        "opens": _MOMENT,
        "office": max((_in_texts(office.name, language) for office in book.offices.values()), key=len, default=""),
        "tables": {name: _widest([values for _, values in rows]) for name, rows in book.tables.items()},
        "rows": {op.variable: _row(book, op, language) for op in asked if op.listing in book.lists},
        "labels": {op.variable: _label(op, language, answers[op.variable]) for op in asked},
    }
    shared = {name: _in(words, language).render({**known, "snippets": {}}) for name, words in program.snippets.items()}
    return {**known, "snippets": shared}


def _answer(op: AskOp) -> Any:
    if op.options:
        values = [option.value for option in op.options]
        return values if op.type == "choices" else max(values, key=len)
    match op.type:
        case "text":
            return "字" * TEXT_CHARACTERS
        case "email":
            return "a" * EMAIL_CHARACTERS
        case "kana":
            return "か" * KANA_CHARACTERS
        case "number" | "yes_no" | "consent":
            return _NUMBER
        case "date":
            return _DAY
        case "datetime":
            return _MOMENT
    return "字" * _SOME_CHARACTERS


def _label(op: AskOp, language: str, answer: Any) -> str:
    if not op.options:
        return str(answer)[:TEXT_CHARACTERS]
    labels = [_in(option.label, language).source for option in op.options]
    return "、".join(labels) if op.type == "choices" else max(labels, key=len)


def _row(book: Book, op: AskOp, language: str) -> dict[str, Any]:
    listing = book.lists[op.listing or ""]
    return _widest([listing.in_(row["name"], language) for row in listing.rows])


def _widest(rows: list[Any]) -> dict[str, Any]:
    columns = dict.fromkeys(column for row in rows for column in row)
    return {
        column: max((row[column] for row in rows if column in row), key=lambda value: len(str(value)))
        for column in columns
    }


def _in_texts(texts: Mapping[str, str], language: str) -> str:
    return texts.get(language) or texts.get("") or texts.get(FALLBACK) or next(iter(texts.values()))


def _in(words: Words, language: str) -> Any:
    texts = words.by_language
    return texts.get(language) or texts.get("") or texts.get(FALLBACK) or next(iter(texts.values()))
