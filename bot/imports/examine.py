"""Reads a file's rows into values and finds what is wrong with each: the same for checking and for loading."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.imports.cells import BadCell, narrow
from bot.imports.kind import Check, Column, ImportKind, Row, RowFault
from bot.imports.sheet import LOST, Record


@dataclass(frozen=True, slots=True)
class Examined:
    """One row with its faults; `cells` are what stood in the file, by column."""

    row: Row
    cells: Mapping[str, str]
    faults: list[RowFault] = field(default_factory=list)


class Examiner:
    """Knows the keys it has seen: the same record twice in one file is told at the second one."""

    def __init__(self, kind: ImportKind, places: Mapping[str, int], width: int, check: Check) -> None:
        self._kind = kind
        self._check = check
        self._places = [(column, places.get(column.name)) for column in kind.columns]
        self._width = width
        self._seen: dict[bytes, int] = {}

    def examine(self, records: Iterable[Record]) -> Iterator[Examined]:
        """Yield the rows in order."""
        for record in records:
            yield self._examine(record)

    def _examine(self, record: Record) -> Examined:
        values: dict[str, Any] = {}
        cells: dict[str, str] = {}
        faults: list[RowFault] = []
        if any(record.cells[self._width :]):
            faults.append(RowFault(record.number, "", "too_many_cells"))
        for column, place in self._places:
            cell = record.cells[place] if place is not None and place < len(record.cells) else ""
            cells[column.name], values[column.name] = cell, None
            try:
                values[column.name] = _parsed(column, cell)
            except BadCell as bad:
                faults.append(RowFault(record.number, column.name, bad.code, bad.details))
        row = Row(record.number, values)
        if not faults:
            faults += self._check(row)
        if not faults and self._kind.key:
            faults += self._twice(row)
        return Examined(row, cells, faults)

    def _twice(self, row: Row) -> list[RowFault]:
        parts = "\0".join(narrow(str(row.values[name])) for name in self._kind.key)
        first = self._seen.setdefault(hashlib.blake2b(parts.encode(), digest_size=12).digest(), row.number)
        if first == row.number:
            return []
        return [RowFault(row.number, self._kind.key[0], "twice", {"first": first})]


def _parsed(column: Column, cell: str) -> Any:
    if LOST in cell:
        raise BadCell("unreadable")
    if cell:
        return column.parse(cell)
    if column.required:
        raise BadCell("required")
    return None
