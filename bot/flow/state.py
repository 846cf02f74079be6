"""The state of a conversation between two turns: small JSON, versioned, read anew at every turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any

import orjson

VERSION = 1
TALKS = 3
HISTORY = 40


@dataclass(slots=True)
class Talk:
    """One flow under way: where it waits, what was answered, and how to go back.

    `begun` and `expires` are seconds since the epoch. `asked` counts questions, so that the button of an earlier
    round is known. `history` holds per answered question its step, what to put back (`{variable: [old value] or
    []}`) and the `replay` of then. `replay` names the confirmation to come back to while one answer is changed.
    `partial` is what is chosen so far where several may be, or the one near miss asked back.
    """

    flow: str
    revision: str
    begun: int
    expires: int
    step: str = ""
    asked: int = 0
    tries: int = 0
    answers: dict[str, Any] = field(default_factory=dict)
    history: list[list[Any]] = field(default_factory=list)
    replay: str = ""
    partial: list[str] = field(default_factory=list)

    @property
    def mark(self) -> str:
        """Return what tells this round of this question from all others."""
        return f"{self.begun:x}.{self.asked}"

    def wait_at(self, step: str) -> None:
        """Wait at another question, as a new round."""
        self.step, self.asked, self.tries, self.partial = step, self.asked + 1, 0, []


Rows = list[list[Any]]
"""The talks as they stand in the JSON: the fields of `Talk` in their order."""
UPGRADES: dict[int, Callable[[Rows], Rows]] = {}
"""For each older version what turns its rows into those of the next: residents are in the middle of their talks while a new
engine is installed, so whoever raises VERSION adds one."""

_TYPES = (str, str, int, int, str, int, int, dict, list, str, list)
_NAMES = tuple(each.name for each in fields(Talk))


def dump(talks: list[Talk]) -> bytes | None:
    """Return the state as JSON bytes, None when nothing is under way."""
    if not talks:
        return None
    rows = [[getattr(talk, name) for name in _NAMES] for talk in talks]
    return orjson.dumps({"version": VERSION, "talks": rows})


def load(state: bytes | None) -> list[Talk]:
    """Return the talks under way, the running one last; what cannot be read counts as nothing."""
    if not state:
        return []
    try:
        found = orjson.loads(state)
        rows = _upgraded(found["version"], found["talks"])
        if not all(len(row) == len(_TYPES) and all(map(isinstance, row, _TYPES)) for row in rows):
            return []
        talks = [Talk(*row) for row in rows]
        return talks if all(_sound(entry) for talk in talks for entry in talk.history) else []
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return []


def _upgraded(version: int, rows: Rows) -> Rows:
    """Return rows of an older version as this one writes them. Raises KeyError for a version it does not know."""
    while version != VERSION:
        rows, version = UPGRADES[version](rows), version + 1
    return rows


def _sound(entry: Any) -> bool:
    return isinstance(entry, list) and len(entry) == 3 and all(map(isinstance, entry, (str, dict, str)))
