"""Finding submissions among a million: what an index knows first, newest first, one reading per flow; words last, within a bound.

Answers are encrypted, so words can only be looked for by opening them: `LOOKED_AT` of them at a time, and whoever searches is told
where the search ended and can go on from there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, func, literal, select, text, tuple_, union_all

from bot.crypto import CannotOpen, Vault
from bot.flow.words import fold
from bot.models import Resident, Submission
from bot.submissions.reading import Searched, open_answers
from bot.submissions.states import TAKEN_DOWN, Source, Status

LOOKED_AT = 1_000
_CHUNK = 250
COUNTED = 1_000

_submissions: Any = Submission.__table__
NOBODY = 0
"""As `assigned_to`: assigned to nobody."""

Place = tuple[dt.datetime, int]
"""Where a page ended: when the last row was filed, and its number."""


@dataclass(frozen=True, slots=True)
class Filter:
    """What is looked for; all of it must hold. `flows` are those the reader may see; empty sequences mean any.

    `since` is a moment, `until` the first one that is too late.
    """

    flows: Sequence[str]
    statuses: Sequence[Status] = ()
    assigned_to: int | None = None
    source: Source | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    on_hold: bool = False
    number: int | None = None
    resident: str | None = None
    words: str = ""

    @property
    def folded(self) -> list[str]:
        """Return the words as answers are compared."""
        return [word for word in map(fold, self.words.split()) if word]


@dataclass(frozen=True, slots=True)
class Found:
    """A page of rows. `next` is where the next one begins; `looked` counts the opened answers, when that was the end of it."""

    rows: Sequence[Any]
    next: Place | None = None
    looked: int | None = None


def find(
    connection: Connection, vault: Vault, searched: Searched, wanted: Filter, after: Place | None, size: int
) -> Found:
    """Return a page, newest first."""
    if not wanted.folded:
        rows = read(connection, wanted, after, size + 1)
        return Found(rows[:size], _place(rows[size - 1]) if len(rows) > size else None)
    found: list[Any] = []
    looked = 0
    while looked < LOOKED_AT:
        rows = read(connection, wanted, after, _CHUNK, with_answers=True)
        for row in rows:
            looked, after = looked + 1, _place(row)
            if _matches(vault, searched, row, wanted.folded):
                found.append(row)
                if len(found) == size:
                    return Found(found, after)
        if len(rows) < _CHUNK:
            return Found(found)
    return Found(found, after, looked)


def read(
    connection: Connection, wanted: Filter, after: Place | None, size: int, *, with_answers: bool = False
) -> list[Any]:
    """Return rows without looking for words, newest first: their places from the indexes alone, then only these rows."""
    places = connection.execute(statement(wanted, after, size)).all()
    columns = [_submissions.c[name] for name in ((*_SHOWN, "answers") if with_answers else _SHOWN)]
    rows = connection.execute(select(*columns).where(_submissions.c.id.in_([place.id for place in places])))
    by_id = {row.id: row for row in rows}
    return [by_id[place.id] for place in places if place.id in by_id]


def _place(row: Any) -> Place:
    return row.filed_at, row.id


def _matches(vault: Vault, searched: Searched, row: Any, words: list[str]) -> bool:
    try:
        return searched.holds(row, open_answers(vault, row), words)
    except CannotOpen:
        return False  # its key is gone: the list shows it, a search cannot know


_SHOWN = (
    "id", "uid", "resident_id", "flow", "revision", "filed_at", "keep_until", "source", "status", "assigned_to", "on_hold",
)  # fmt: skip


def statement(wanted: Filter, after: Place | None, size: int) -> Select[Any]:
    """Return the statement for the places of a page: each flow and status read from its own end of an index, the newest merged."""
    columns = (_submissions.c.filed_at, _submissions.c.id)
    if not wanted.flows:
        return select(*columns).where(literal(value=False))
    branches = [
        select(select(*columns).where(*conditions).order_by(*_NEWEST).limit(size).subquery())
        for conditions in _branches(wanted, after)
    ]
    merged = (branches[0] if len(branches) == 1 else union_all(*branches)).subquery()
    return select(merged).order_by(merged.c.filed_at.desc(), merged.c.id.desc()).limit(size)


_NEWEST = (_submissions.c.filed_at.desc(), _submissions.c.id.desc())


def _branches(wanted: Filter, after: Place | None) -> list[list[Any]]:
    common = _conditions(wanted, after)
    if wanted.resident is not None:
        # Of one resident there are few: found by who filed them, not by reading what everybody filed.
        few = [_submissions.c.flow.in_(wanted.flows), *common]
        wished = [status.value for status in wanted.statuses]
        return [[*few, _submissions.c.status.in_(wished)] if wished else few]
    flows = [[_submissions.c.flow == flow, *common] for flow in wanted.flows]
    # The indexes of what is rare begin with the status: without one each status is read for itself.
    rare = wanted.assigned_to is not None or wanted.on_hold or wanted.source in TAKEN_DOWN
    statuses = wanted.statuses or (tuple(Status) if rare else ())
    if not statuses:
        return flows
    return [[*flow, _submissions.c.status == status.value] for flow in flows for status in statuses]


def _conditions(wanted: Filter, after: Place | None) -> list[Any]:
    c = _submissions.c
    found: list[Any] = []
    if after is not None:
        found.append(
            tuple_(c.filed_at, c.id) < tuple_(literal(after[0], c.filed_at.type), literal(after[1], c.id.type))
        )
    if wanted.since is not None:
        found.append(c.filed_at >= wanted.since)
    if wanted.until is not None:
        found.append(c.filed_at < wanted.until)
    if wanted.assigned_to is not None:
        found.append(c.assigned_to.is_(None) if wanted.assigned_to == NOBODY else c.assigned_to == wanted.assigned_to)
    if wanted.source is not None:
        # Written out: only then does a partial index serve.
        found += [
            c.source == wanted.source.value,
            *([text("source != 'line'")] if wanted.source != Source.LINE else []),
        ]
    if wanted.on_hold:
        found.append(text("on_hold"))
    if wanted.number is not None:
        found.append(c.id == wanted.number)
    if wanted.resident is not None:
        mine = select(Resident.id).where(Resident.reference == wanted.resident).scalar_subquery()
        found.append(c.resident_id == mine)
    return found


def count(connection: Connection, wanted: Filter) -> int:
    """Return how many there are, `COUNTED` at most: nobody works off more than that by looking at a number."""
    if not wanted.flows:
        return 0
    total = 0
    for conditions in _branches(wanted, None):
        some = select(literal(1)).select_from(_submissions).where(*conditions).limit(COUNTED - total).subquery()
        total += connection.execute(select(func.count()).select_from(some)).scalar_one()
        if total >= COUNTED:
            break
    return total


def flows_with_submissions(connection: Connection) -> list[str]:
    """Return the flows of which anything is kept, gone ones too: one look into the index per flow."""
    return list(connection.execute(_FLOWS).scalars())


_FLOWS = text(
    "WITH RECURSIVE found(flow) AS ("
    " SELECT min(flow) FROM submissions UNION ALL"
    " SELECT (SELECT min(flow) FROM submissions WHERE flow > found.flow) FROM found WHERE found.flow IS NOT NULL"
    ") SELECT flow FROM found WHERE flow IS NOT NULL"
)
