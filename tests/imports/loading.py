"""Hands a file in, has it checked and loads it, in this process: what a service's tests of its own kind need."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import update

from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.imports import ImportKind, stage, work
from bot.imports.tasks import CHECK, LOAD
from bot.jobs import Task, jobs_for
from bot.models import Import
from bot.now import Now

VAULT = Vault([bytes(32)])
LOOKUP = Lookup([bytes(32)])


def _nothing(_context: Any, _arguments: Any) -> None:
    """What the deferred jobs do here: the stages are called by hand."""


def imports(database: Database, vault: Vault = VAULT, lookup: Lookup = LOOKUP) -> work.Imports:
    """Return the imports of an installation whose queue nobody works off."""
    jobs = jobs_for(database, vault, [Task(CHECK, _nothing), Task(LOAD, _nothing)], Now())
    return work.Imports(database, vault, lookup, jobs)


def bench(
    database: Database,
    *,
    vault: Vault = VAULT,
    lookup: Lookup = LOOKUP,
    town: Mapping[str, Any] | None = None,
    go_on: Callable[[], bool] = lambda: True,
    owner: str = "test",
) -> stage.Bench:
    """Return what a stage works with."""
    return stage.Bench(database, vault, lookup, Now(), owner, go_on, lambda: town or {})


def row_of(database: Database, uid: str) -> Any:
    """Return the import."""
    with database.read() as connection:
        return work.one(connection, uid)


def hand_in(database: Database, kind: ImportKind, body: bytes, filename: str = "data.csv") -> str:
    """Upload a file and return its uid."""
    return imports(database).receive(work.Upload(kind, filename, io.BytesIO(body), None), Now()())


def checked(
    database: Database,
    kind: ImportKind,
    body: bytes,
    mapping: Mapping[str, str] | None = None,
    town: Mapping[str, Any] | None = None,
) -> Any:
    """Upload a file and have it checked; return the import."""
    uid = hand_in(database, kind, body)
    desk, row = imports(database), row_of(database, uid)
    headings = desk.preview(row).headings
    with database.write() as connection:
        desk.begin_check(connection, row, mapping or work.proposal(connection, kind, headings), Now()())
    go_through(bench(database, town=town), kind, uid)
    return row_of(database, uid)


def start(database: Database, row: Any) -> None:
    """Start loading what was checked."""
    with database.write() as connection:
        imports(database).start(connection, row, None, Now()())


def go_through(work_bench: stage.Bench, kind: ImportKind, uid: str) -> None:
    """Do the stage an import is in to its end."""
    row = stage.take(work_bench, uid)
    assert row is not None
    assert stage.run(work_bench, kind, row)


def run(database: Database, kind: ImportKind, body: bytes, town: Mapping[str, Any] | None = None) -> Any:
    """Upload, check and load a file; return the import as it ended."""
    row = checked(database, kind, body, town=town)
    assert row.status == "checked", row.trouble
    start(database, row)
    go_through(bench(database, town=town), kind, row.uid)
    return row_of(database, row.uid)


def end_lease(database: Database, uid: str) -> None:
    """Let the time of a worker that died run out."""
    with database.write() as connection:
        connection.execute(update(Import).where(Import.uid == uid).values(lease_until=Now()() - stage.LEASE))
