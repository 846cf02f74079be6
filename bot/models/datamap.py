"""What each table holds, why, for how long and who sees it: said beside the table, shown in the console as the data map."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

Model = TypeVar("Model", bound=type[Any])

HANDED_OVER = "handed over"
"""Key in a column's `info`: which rows, in SQL, are open and go to a successor (see `handed_over`)."""

Words = tuple[str, str]
"""The same sentence in Japanese and in English."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the data map."""

    data: Words
    purpose: Words
    retention: Words
    seen_by: Words


def kept(*, data: Words, purpose: Words, retention: Words, seen_by: Words) -> Callable[[Model], Model]:
    """Enter the decorated table in the data map; each argument is (Japanese, English)."""

    def enter(model: Model) -> Model:
        model.__table__.info["map"] = Entry(data, purpose, retention, seen_by)
        return model

    return enter


def handed_over(still_open: str) -> dict[str, str]:
    """Return the `info` of a column that names who does something; `still_open` is a condition in SQL on its table."""
    return {HANDED_OVER: still_open}


def entry_of(table: Any) -> Entry | None:
    """Return what is said about a table; None if nothing is, which a test refuses."""
    found: Entry | None = table.info.get("map")
    return found
