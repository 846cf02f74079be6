"""What reading an answer yields, and what a reader may know about the question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Understood:
    """The answer as a value JSON can hold."""

    value: Any


@dataclass(frozen=True, slots=True)
class Maybe:
    """Probably `value`, which is called `label`: to be asked back."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class NotUnderstood:
    """Why the answer cannot be taken: the name of a sentence in `phrases` and what fills its places."""

    phrase: str
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Near:
    """Not one entry of a list but near to these, best first: to be chosen from."""

    values: tuple[str, ...]


Reading = Understood | Maybe | Near | NotUnderstood


@dataclass(frozen=True, slots=True)
class Offer:
    """One answer that may be chosen: `names` are all the ways its label is written, folded."""

    value: str
    label: str
    names: frozenset[str]


@dataclass(frozen=True, slots=True)
class Question:
    """What a reader may know: today's date as ISO text and what may be chosen."""

    today: str
    offers: Sequence[Offer] = ()
