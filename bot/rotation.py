"""A change of keys: everything sealed with an older key is sealed again with the newest, a few rows a commit, beside the traffic.

Nothing is noted about how far it is: what is left is what the newest key has not sealed, so it can be stopped and begun at will.
Every encrypted column is found by its type; which columns name the row in the encryption, the type says too.
"""

from __future__ import annotations

import base64
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    Connection,
    LargeBinary,
    Select,
    Table,
    and_,
    func,
    select,
    text,
    tuple_,
    type_coerce,
    update,
)

from bot.crypto import CannotOpen, Vault
from bot.db import Database
from bot.jobs.attempt import ARGUMENTS
from bot.models import Base, Sealed, SealedBytes

ROWS_A_COMMIT = 200
PAUSE_SECONDS = 0.02
"""Between two commits: webhooks come first."""


@dataclass(frozen=True, slots=True)
class Place:
    """One encrypted column."""

    table: Table
    column: Column[Any]
    sealed: Sealed

    @property
    def name(self) -> str:
        """Return it as "table.column"."""
        return self.sealed.column

    @property
    def key(self) -> list[Column[Any]]:
        """Return the columns of the primary key."""
        return list(self.table.primary_key.columns)


@dataclass(frozen=True, slots=True)
class Progress:
    """What one step did with one column: `renewed` values, and those that no key opens."""

    place: str
    renewed: int
    closed: int


def places() -> list[Place]:
    """Return every encrypted column of the platform and of all services that are loaded."""
    return [
        Place(table, column, column.type)
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, Sealed)
    ]


def left(connection: Connection, vault: Vault) -> dict[str, int]:
    """Return for each column how many values another key than the newest has sealed."""
    counts = {}
    for place in places():
        older = select(func.count()).select_from(place.table).where(_is_older(place, vault))
        counts[place.name] = connection.execute(older).scalar_one()
    if connection.dialect.name == "postgresql":
        waiting = connection.execute(_WAITING_JOBS, {"after": 0, "limit": None}).all()
        counts[ARGUMENTS] += sum(not vault.is_newest(_sealed_of(row)) for row in waiting)
    return counts


def rotate(
    database: Database, vault: Vault, pause: float = PAUSE_SECONDS, rows: int = ROWS_A_COMMIT
) -> Iterator[Progress]:
    """Seal everything again that is not the newest key's; tells after each commit what was done."""
    for place in places():
        after: Sequence[Any] | None = None
        while found := _older(database, place, vault, after, rows):
            yield _renew(database, place, vault, found)
            after = tuple(found[-1][: len(place.key)])
            time.sleep(pause)
    if not database.on_sqlite:
        yield from _rotate_waiting_jobs(database, vault, pause, rows)


def _is_older(place: Place, vault: Vault) -> Any:
    start = func.substr(type_coerce(place.column, LargeBinary), 1, len(vault.mark))
    return and_(place.column.is_not(None), start != type_coerce(vault.mark, LargeBinary))


def _older(database: Database, place: Place, vault: Vault, after: Sequence[Any] | None, rows: int) -> Sequence[Any]:
    chosen = _named(place).where(_is_older(place, vault)).order_by(*place.key).limit(rows)
    if after is not None:
        chosen = chosen.where(tuple_(*place.key) > tuple_(*after, types=[column.type for column in place.key]))
    with database.read() as connection:
        return connection.execute(chosen).all()


def _named(place: Place) -> Select[Any]:
    """Select key, value, and what names the row in the encryption, in this order."""
    source: Any = place.table
    names = []
    for name in place.sealed.row:
        foreign, _, target = name.rpartition(".")
        if foreign:
            [reference] = place.table.c[foreign].foreign_keys
            parent = reference.column.table.alias(f"by_{foreign}")
            source = source.join(parent, parent.c[reference.column.name] == place.table.c[foreign])
            names.append(parent.c[target])
        else:
            names.append(place.table.c[target])
    return select(*place.key, place.column, *names).select_from(source)


def _renew(database: Database, place: Place, vault: Vault, found: Sequence[Any]) -> Progress:
    width, renewed, closed = len(place.key), 0, 0
    changes = []
    for row in found:
        value, name = row[width], "/".join(str(part) for part in row[width + 1 :])
        try:
            fresh = SealedBytes.seal(vault, place.name, name, vault.open(place.name, name, value))
        except CannotOpen:
            closed += 1
        else:
            changes.append((row[:width], bytes(value), fresh))
    with database.write() as connection:
        for key, old, fresh in changes:
            mine = [column == part for column, part in zip(place.key, key, strict=True)]
            # Somebody may have written it anew meanwhile: with the newest key, so there is nothing left to do.
            unchanged = type_coerce(place.column, LargeBinary) == type_coerce(old, LargeBinary)
            changed = update(place.table).where(*mine, unchanged).values({place.column: fresh})
            renewed += connection.execute(changed).rowcount
    return Progress(place.name, renewed, closed)


def _rotate_waiting_jobs(database: Database, vault: Vault, pause: float, rows: int) -> Iterator[Progress]:
    """Jobs that wait on PostgreSQL are in Procrastinate's table, sealed within their arguments."""
    after = 0
    while True:
        with database.read() as connection:
            found = connection.execute(_WAITING_JOBS, {"after": after, "limit": rows}).all()
        if not found:
            return
        after = found[-1].id
        older = [row for row in found if not vault.is_newest(_sealed_of(row))]
        if older:
            yield _renew_jobs(database, vault, older)
            time.sleep(pause)


def _renew_jobs(database: Database, vault: Vault, older: Sequence[Any]) -> Progress:
    renewed = closed = 0
    with database.write() as connection:
        for row in older:
            try:
                fresh = vault.seal(ARGUMENTS, row.uid, vault.open(ARGUMENTS, row.uid, _sealed_of(row)))
            except CannotOpen:
                closed += 1
                continue
            change = {"id": row.id, "old": row.sealed, "fresh": base64.b64encode(fresh).decode()}
            renewed += connection.execute(_RENEW_JOB, change).rowcount
    return Progress(ARGUMENTS, renewed, closed)


def _sealed_of(row: Any) -> bytes:
    return base64.b64decode(row.sealed)


_WAITING_JOBS = text(
    "SELECT id, args->>'uid' AS uid, args->>'sealed' AS sealed FROM procrastinate_jobs"
    " WHERE id > :after AND args ? 'sealed' ORDER BY id LIMIT :limit"
)
_RENEW_JOB = text(
    "UPDATE procrastinate_jobs SET args = jsonb_set(args, '{sealed}', to_jsonb(CAST(:fresh AS text)))"
    " WHERE id = :id AND args->>'sealed' = :old"
)
