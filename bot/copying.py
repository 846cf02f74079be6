"""Copies a whole installation into another, empty database, of the same engine or the other one: how a town grows to PostgreSQL.

All of it is one transaction of the target: what is interrupted leaves nothing behind and is begun again. Rows go through in
batches, as they are (sealed values sealed, JSON to the letter), and are read back and compared by digest before the commit.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    TypeDecorator,
    cast,
    func,
    insert,
    inspect,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError

from bot import migrate
from bot.db import Database
from bot.heartbeat import ALIVE
from bot.jobs.attempt import ARGUMENTS
from bot.models import Base, Heartbeat, QueuedJob, Sealed, SealedBytes
from bot.now import Now

ROWS_AT_ONCE = 1000
PATIENCE = 24 * 3600.0
"""Seconds a statement of the copy may take: all of it is one transaction, with nobody else at work."""

_queue: Any = QueuedJob.__table__


class CannotCopy(Exception):
    """The copy was not made, and the target is as it was: its words say why and what to do."""


@dataclass(frozen=True, slots=True)
class Copied:
    """One table that was copied and compared."""

    table: str
    rows: int


class _ToTheLetter(TypeDecorator[str]):
    """PostgreSQL's JSON as the text that is stored, so that nothing is read into it or lost from it. SQLite stores text anyway."""

    impl = Text
    cache_ok = True

    def bind_expression(self, bindvalue: Any) -> Any:
        """Write text as JSON."""
        return cast(type_coerce(bindvalue, Text), JSON)

    def column_expression(self, column: Any) -> Any:
        """Read JSON as text."""
        return type_coerce(cast(column, Text), Text)


def copy(source: Database, target: Database, now: Now, told: Callable[[Copied], object]) -> int:
    """Copy everything and return how many rows there were. Raises CannotCopy."""
    _check_revision(source)
    migrate.upgrade(target)
    rows = 0
    try:
        with _reading(source) as reading, target.write(PATIENCE) as writing:
            _check(reading, writing, now())
            for table in Base.metadata.sorted_tables:
                done = Copied(table.name, _copy_table(reading, writing, table))
                rows += done.rows
                told(done)
            done = Copied("jobs waiting", _copy_jobs(reading, writing, now()))
            told(done)
            _set_numbers(reading, writing)
    except DBAPIError as error:
        raise CannotCopy(f"the database refused ({type(error.orig).__name__}); nothing was copied") from error
    return rows + done.rows


def _check_revision(source: Database) -> None:
    with source.read() as connection:
        found = migrate.current(connection)
    if found != migrate.head():
        raise CannotCopy(f"the source is at {found or 'nothing'}, the code needs {migrate.head()}: upgrade it first")


def _reading(source: Database) -> Any:
    """Open a transaction that sees one state of the source from first to last."""
    if source.on_sqlite:
        return source.read()
    engine = source.engine.execution_options(isolation_level="REPEATABLE READ")
    return engine.begin()


def _check(reading: Connection, writing: Connection, now: dt.datetime) -> None:
    ours = {table.name for table in Base.metadata.sorted_tables}
    unknown = {
        name
        for name in inspect(reading).get_table_names()
        if name not in ours and not name.startswith(("procrastinate_", "alembic_"))
    }
    if unknown:
        raise CannotCopy(
            f"the source has tables that no service here knows ({', '.join(sorted(unknown))}): see MADOGUCHI_SERVICES"
        )
    if reading.execute(select(Heartbeat.process).where(Heartbeat.seen_at > now - ALIVE)).first() is not None:
        raise CannotCopy(
            "processes are at work on the source: stop web, worker and clock, wait a minute, and begin again"
        )
    full = [table.name for table in Base.metadata.sorted_tables if writing.execute(select(table).limit(1)).first()]
    if full or _waiting_jobs(writing):
        raise CannotCopy(f"the target is not empty ({', '.join(full) or 'jobs'}): give it a fresh database")


def _copy_table(reading: Connection, writing: Connection, table: Table) -> int:
    there, here = _plain(table, reading), _plain(table, writing)
    wanted = select(there).order_by(*there.primary_key.columns)
    if table is _queue:
        # Those that wait live elsewhere on PostgreSQL: they are copied by themselves.
        wanted = wanted.where(there.c.status == "failed")
    sent = _Digest()
    for batch in _batches(reading, wanted):
        writing.execute(insert(here), [dict(row._mapping) for row in batch])  # noqa: SLF001 - SQLAlchemy's documented name
        sent.add(batch)
    arrived = _Digest()
    for batch in _batches(writing, select(here)):
        arrived.add(batch)
    if arrived != sent:
        raise CannotCopy(
            f"{table.name}: {sent.rows} rows left, {arrived.rows} arrived or they differ; nothing was copied"
        )
    return sent.rows


def _plain(table: Table, connection: Connection) -> Table:
    """Return the table with types that pass values through: sealed ones sealed, JSON as it is written."""
    as_json = Text if connection.dialect.name == "sqlite" else _ToTheLetter

    def plain(column: Column[Any]) -> Any:
        kind = type(column.type)
        return LargeBinary() if kind is Sealed else as_json() if kind is JSON else column.type

    columns = [Column(one.name, plain(one), primary_key=one.primary_key, autoincrement=False) for one in table.columns]
    return Table(table.name, MetaData(), *columns)


def _batches(connection: Connection, wanted: Any) -> Iterator[Sequence[Any]]:
    # A cursor of the server: no more than a batch is ever in memory.
    yield from connection.execute(wanted.execution_options(yield_per=ROWS_AT_ONCE)).partitions()


class _Digest:
    """The sum of the digests of rows, in whatever order they come."""

    def __init__(self) -> None:
        self.rows = 0
        self._sum = 0

    def add(self, rows: Iterable[Any]) -> None:
        for row in rows:
            self.rows += 1
            written = repr([_canonical(value) for value in row]).encode()
            self._sum = (self._sum + int.from_bytes(hashlib.sha256(written).digest())) % (1 << 256)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Digest) and (self.rows, self._sum) == (other.rows, other._sum)

    __hash__ = None  # type: ignore[assignment]  # it grows


def _canonical(value: Any) -> Any:
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat()
    return bytes(value) if isinstance(value, memoryview | bytearray) else value


def _copy_jobs(reading: Connection, writing: Connection, now: dt.datetime) -> int:
    """Let what waits or runs in one queue wait in the other."""
    jobs = _waiting_jobs(reading)
    if jobs:
        ours = writing.dialect.name == "sqlite"
        writing.execute(insert(_queue) if ours else _PUT_JOB, [_written(job, now, ours=ours) for job in jobs])
    if sorted(map(_key, _waiting_jobs(writing))) != sorted(map(_key, jobs)):
        raise CannotCopy("the jobs that wait differ after copying; nothing was copied")
    return len(jobs)


def _waiting_jobs(connection: Connection) -> list[dict[str, Any]]:
    """Return what waits or runs; one that runs lets go of its key, which a second one may hold by now."""
    if connection.dialect.name == "sqlite":
        rows = connection.execute(select(_queue).where(_queue.c.status != "failed").order_by(_queue.c.id)).mappings()
        names = ("uid", "task", "arguments", "key", "lock", "priority", "due_at", "attempts")
        return [{name: row[name] for name in names} | _freed(row["status"] == "running", row["key"]) for row in rows]
    rows = connection.execute(_THEIR_JOBS).mappings()
    return [
        {**row, "arguments": base64.b64decode(row["arguments"]), **_freed(row["running"], row["key"])} for row in rows
    ]


def _freed(running: bool, key: str | None) -> dict[str, Any]:
    return {"key": None if running else key}


def _key(job: dict[str, Any]) -> tuple[Any, ...]:
    return job["uid"], job["task"], bytes(job["arguments"]), job["key"] or "", job["lock"] or "", job["priority"]


def _written(job: dict[str, Any], now: dt.datetime, *, ours: bool) -> dict[str, Any]:
    if ours:
        names = ("uid", "task", "arguments", "key", "lock", "priority", "attempts")
        common = {name: job[name] for name in names}
        common["arguments"] = SealedBytes.marked_for(ARGUMENTS, job["arguments"])
        return common | {"status": "waiting", "due_at": job["due_at"] or now, "created_at": now}
    sealed = base64.b64encode(job["arguments"]).decode()
    due = job["due_at"] if job["lock"] is None else None
    return {name: job[name] for name in ("uid", "task", "key", "lock", "priority", "attempts")} | {
        "sealed": sealed,
        "due": due,
    }


def _set_numbers(reading: Connection, writing: Connection) -> None:
    """Let no number be given out twice, not even one whose row was deleted long ago."""
    for table in Base.metadata.sorted_tables:
        column = table.autoincrement_column
        if column is None or not isinstance(column.type.dialect_impl(reading.dialect), Integer):
            continue
        last = _last_number(reading, table, column)
        if not last:
            continue
        if writing.dialect.name == "sqlite":
            writing.execute(_FORGET_NUMBER, {"table": table.name})
            writing.execute(_NOTE_NUMBER, {"table": table.name, "last": last})
        else:
            writing.execute(_SET_NUMBER, {"table": table.name, "column": column.name, "last": last})


def _last_number(connection: Connection, table: Table, column: Column[Any]) -> int:
    most: int = connection.execute(select(func.coalesce(func.max(column), 0))).scalar_one()
    if connection.dialect.name == "sqlite":
        noted = (
            connection.execute(_NOTED_NUMBER, {"table": table.name}).scalar_one_or_none() if _numbered(table) else None
        )
    else:
        noted = connection.execute(_GIVEN_NUMBER, {"table": table.name, "column": column.name}).scalar_one_or_none()
    return max(most, noted or 0)


def _numbered(table: Table) -> bool:
    return bool(table.dialect_options["sqlite"]["autoincrement"])


_NOTED_NUMBER = text("SELECT seq FROM sqlite_sequence WHERE name = :table")
_FORGET_NUMBER = text("DELETE FROM sqlite_sequence WHERE name = :table")
_NOTE_NUMBER = text("INSERT INTO sqlite_sequence (name, seq) VALUES (:table, :last)")
_SET_NUMBER = text("SELECT setval(pg_get_serial_sequence(:table, :column), :last)")
_GIVEN_NUMBER = text(
    "SELECT last_value FROM pg_sequences"
    " WHERE format('%I.%I', schemaname, sequencename)::regclass = pg_get_serial_sequence(:table, :column)::regclass"
)
_THEIR_JOBS = text(
    "SELECT args->>'uid' AS uid, task_name AS task, args->>'sealed' AS arguments, queueing_lock AS key, lock, priority,"
    " scheduled_at AS due_at, attempts, status = 'doing' AS running"
    " FROM procrastinate_jobs WHERE status IN ('todo', 'doing') ORDER BY id"
)
_PUT_JOB = text(
    "INSERT INTO procrastinate_jobs (queue_name, task_name, priority, lock, queueing_lock, args, scheduled_at, attempts)"
    " VALUES ('madoguchi', :task, :priority, :lock, :key,"
    " jsonb_build_object('uid', CAST(:uid AS text), 'sealed', CAST(:sealed AS text)), :due, :attempts)"
)
