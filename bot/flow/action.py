"""What an action of a service promises: its arguments, its outcomes and the values it hands back.

Services register theirs; the check of flows compares every `do` with the promise, and the composition root calls them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from bot.flow.problems import Sentence

Kind = Literal["text", "number", "date", "yes_no", "list", "map", "any"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of an action; `choices` closes the set of values a flow may hand over as a constant."""

    kind: Kind = "any"
    required: bool = True
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class ActionSpec:
    """The signature of an action; each stands for itself, so that two which read alike are still two.

    `name` is what flows write after `do:` (`tax.mark_paid`). `outcomes` are all answers it may give. `values` names
    what it hands back per outcome, under "*" for all outcomes. `repeatable` actions only look something up: the resident
    may go back across them and they may run twice. `title` says what it does, for people who review flows.
    """

    name: str
    outcomes: tuple[str, ...]
    arguments: Mapping[str, Argument] = field(default_factory=dict)
    values: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    repeatable: bool = False
    title: Sentence | None = None

    def values_for(self, outcome: str) -> tuple[str, ...]:
        """Return the names that texts may use after `outcome`."""
        return (*self.values.get("*", ()), *self.values.get(outcome, ()))


class Registry(Mapping[str, ActionSpec]):
    """The signatures of all actions by name."""

    def __init__(self, specs: Iterable[ActionSpec] = ()) -> None:
        self._specs: dict[str, ActionSpec] = {}
        for spec in specs:
            self.add(spec)

    def add(self, spec: ActionSpec) -> None:
        """Register `spec`; ValueError when another action has its name."""
        if spec.name in self._specs:
            raise ValueError(f"two actions are called {spec.name!r}: rename one of them")
        self._specs[spec.name] = spec

    def __getitem__(self, name: str) -> ActionSpec:
        return self._specs[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._specs)

    def __len__(self) -> int:
        return len(self._specs)
