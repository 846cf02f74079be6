"""A kind of file a service takes: its columns, what names a record, and how rows become records."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import Connection

from bot.crypto import Lookup, Vault

Words = Mapping[str, str]
"""A text by language, `ja` and `en`."""

KEPT = dt.timedelta(days=14)


@dataclass(frozen=True, slots=True)
class Row:
    """One good row: its number as a spreadsheet counts (the heading is 1) and its values by column, None where a cell is empty."""

    number: int
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class RowFault:
    """What is wrong with a row: `column` is empty for the whole row; `details` fill the sentence and hold nothing personal."""

    row: int
    column: str
    code: str
    details: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Loaded:
    """What became of a batch. Rows in `faults` were left out because of what the database holds."""

    added: int = 0
    changed: int = 0
    unchanged: int = 0
    faults: Sequence[RowFault] = ()


@dataclass(frozen=True)
class ImportContext:
    """What checking and loading may use. `town` is read when it is first asked for."""

    uid: str
    vault: Vault
    lookup: Lookup
    now: dt.datetime
    staff_id: int | None
    read_town: Callable[[], Mapping[str, Any]] = dict

    @cached_property
    def town(self) -> Mapping[str, Any]:
        """Return the town's own variables."""
        return self.read_town()


@dataclass(frozen=True, slots=True)
class Column:
    """One column: `parse` reads a cell that is not empty (it raises BadCell); `also` are other headings it may have."""

    name: str
    label: Words
    parse: Callable[[str], Any]
    required: bool = False
    example: str = ""
    also: Sequence[str] = ()

    @property
    def headings(self) -> frozenset[str]:
        """Return what this column may be called, folded."""
        return frozenset(map(fold_heading, (self.name, *self.label.values(), *self.also)))


Load = Callable[[Connection, Sequence[Any], ImportContext], Loaded]
"""Stores at most a thousand prepared rows. It must be idempotent by the kind's key: the same file may be handed in again."""

Prepare = Callable[[ImportContext, Sequence[Row]], Sequence[Any]]


def _as_they_are(_context: ImportContext, rows: Sequence[Row]) -> Sequence[Any]:
    return rows


Check = Callable[[Row], Iterable[RowFault]]
"""Finds what several cells of a row together show."""


def _no_faults(_row: Row) -> Iterable[RowFault]:
    return ()


@dataclass(frozen=True)
class ImportKind:
    """A kind of file. `prepare` does what is slow outside the transaction; `checks` makes, for a whole file, what checks its rows.

    `key` names the columns by which a record is known: the same key twice in one file is a fault. `faults` are the service's own
    sentences by code and language.
    """

    name: str
    title: Words
    columns: Sequence[Column]
    load: Load
    key: Sequence[str] = ()
    prepare: Prepare = _as_they_are
    checks: Callable[[ImportContext], Check] = lambda _context: _no_faults
    faults: Mapping[str, Words] = field(default_factory=dict)
    note: Words = field(default_factory=dict)
    keep: dt.timedelta = KEPT

    @property
    def service(self) -> str:
        """Return the service it belongs to."""
        return self.name.partition(".")[0]

    def column(self, name: str) -> Column | None:
        """Return the column of that name."""
        return next((column for column in self.columns if column.name == name), None)


def fold_heading(text: str) -> str:
    """Return a heading as headings are compared: width, capitals, spaces and marks of duty make no difference."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if not letter.isspace() and letter not in "*※必須()[]【】")
