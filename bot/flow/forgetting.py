"""Takes single answers out of what was kept: a message may be taken back, and then nothing of it may stay."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bot.flow.state import dump, load
from bot.flow.talk import Json

Taken = Callable[[str, Json], bool]
"""Tells whether the answer of that name and value is to go."""


def forget_in_answers(answers: Mapping[str, Json], taken: Taken) -> dict[str, Json]:
    """Return the answers without those taken back, also those inside repeated groups."""
    return {name: _inside(value, taken) for name, value in answers.items() if not taken(name, value)}


def forget_in_state(state: bytes, taken: Taken) -> bytes | None:
    """Return a conversation's state without those answers, in what 戻る would bring back as well."""
    talks = load(state)
    for talk in talks:
        talk.answers = forget_in_answers(talk.answers, taken)
        for entry in talk.history:
            entry[1] = {name: _before(name, old, taken) for name, old in entry[1].items()}
    return dump(talks)


def _before(name: str, old: Any, taken: Taken) -> Any:
    return [_inside(value, taken) for value in old if not taken(name, value)] if isinstance(old, list) else old


def _inside(value: Json, taken: Taken) -> Json:
    if isinstance(value, dict):
        return forget_in_answers(value, taken)
    return [_inside(each, taken) for each in value] if isinstance(value, list) else value
