"""The state of a conversation between two turns: small JSON, versioned, read anew at every turn."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

VERSION = 1
TALKS = 3
HISTORY = 40
STATE_BYTES = 64_000


@dataclass(slots=True)
class Talk:
    """One flow under way: where it waits, what was answered, and how to go back.

    `history` holds per question asked before this one: its step and what to put back (`[name, step, {variable:
    value or missing}]`). `begun` and `expires` are seconds since the epoch. `asked` counts questions, so that the
    button of an earlier round is known.
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

    @property
    def mark(self) -> str:
        """Return what tells this round of this question from all others."""
        return f"{self.begun:x}.{self.asked}"


def dump(talks: list[Talk]) -> bytes | None:
    """Return the state as JSON bytes, None when nothing is under way."""
    if not talks:
        return None
    rows = [
        [
            talk.flow,
            talk.revision,
            talk.begun,
            talk.expires,
            talk.step,
            talk.asked,
            talk.tries,
            talk.answers,
            talk.history,
        ]
        for talk in talks
    ]
    return orjson.dumps({"version": VERSION, "talks": rows})


def load(state: bytes | None) -> list[Talk]:
    """Return the talks under way, the running one last; what cannot be read counts as nothing."""
    if not state:
        return []
    try:
        found = orjson.loads(state)
        if found["version"] != VERSION:
            return []
        talks = [Talk(*row) for row in found["talks"]]
    except (orjson.JSONDecodeError, KeyError, TypeError):
        return []
    return talks if all(_sound(talk) for talk in talks) else []


def _sound(talk: Talk) -> bool:
    return (
        isinstance(talk.flow, str)
        and isinstance(talk.revision, str)
        and isinstance(talk.begun, int)
        and isinstance(talk.expires, int)
        and isinstance(talk.step, str)
        and isinstance(talk.asked, int)
        and isinstance(talk.tries, int)
        and isinstance(talk.answers, dict)
        and isinstance(talk.history, list)
    )
