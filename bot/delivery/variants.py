"""Variants: a broadcast that says something else to each part of the town ("the north"), by closed attributes of its residents.

LINE takes one text for all recipients of a request, so residents are parted by what is said to them, as they are by language.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import Connection, select

from bot.delivery.members import among
from bot.models import Attribute

MOST = 200
"""So many kinds of residents are told apart at most."""


class TooMany(Exception):
    """The attributes have more combinations of values than are told apart: use fewer of them."""


@dataclass(frozen=True, slots=True)
class Variants:
    """`names` of attributes and the different `values` of each; whoever has another value, or none, belongs to no variant."""

    names: tuple[str, ...]
    values: tuple[tuple[str, ...], ...]

    def __post_init__(self) -> None:
        """Raise TooMany for more combinations than are told apart."""
        number = 1
        for some in self.values:
            number *= len(some)
        if number > MOST:
            raise TooMany(f"{number} combinations of {', '.join(self.names)}: at most {MOST} are told apart")

    def all(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield each variant: its number and the values of the attributes."""
        for number, combination in enumerate(itertools.product(*self.values)):
            yield number, dict(zip(self.names, combination, strict=True))

    @staticmethod
    def key(language: str, number: int) -> str:
        """Return under what name the messages of a variant stand; at most 12 characters."""
        return f"{language}~{number}"

    def part(self, connection: Connection, parted: Mapping[str, list[int]]) -> dict[str, list[int]]:
        """Part residents by language and variant who are parted by language."""
        known = self._known(connection, [id_ for ids in parted.values() for id_ in ids])
        numbers = {tuple(values[name] for name in self.names): number for number, values in self.all()}
        found: dict[str, list[int]] = {}
        for language, ids in parted.items():
            for id_ in ids:
                number = numbers.get(tuple(known.get((id_, name), "") for name in self.names))
                found.setdefault(language if number is None else self.key(language, number), []).append(id_)
        return found

    def _known(self, connection: Connection, ids: Sequence[int]) -> dict[tuple[int, str], str]:
        wanted = select(Attribute.resident_id, Attribute.name, Attribute.value).where(
            among(connection, Attribute.resident_id, sorted(ids)), Attribute.name.in_(self.names)
        )
        return {(row.resident_id, row.name): row.value for row in connection.execute(wanted)}

    def write(self) -> dict[str, Any]:
        """Return the variants as JSON."""
        return {"names": list(self.names), "values": [list(some) for some in self.values]}

    @classmethod
    def read(cls, written: Mapping[str, Any] | None) -> Self | None:
        """Return the variants that `write` wrote."""
        if written is None:
            return None
        return cls(tuple(written["names"]), tuple(tuple(some) for some in written["values"]))
