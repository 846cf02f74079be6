"""The database: one engine for SQLite and PostgreSQL, with transactions that never wait longer than they were told to."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, create_engine, event, make_url, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.pool import ConnectionPoolEntry

SQLITE_RETRY_SECONDS = 0.002
WRITE_PATIENCE = 5.0
"""Seconds a write waits for another one's lock unless it says otherwise."""

CONNECT_SECONDS = 2
"""Until PostgreSQL is taken for away."""

_CONFLICTS = {"40001", "40P01"}  # serialization failure, deadlock


class Database:
    """An engine and the two ways to use it: `write` (locks at once, bounded wait) and `read`."""

    def __init__(self, url: str, pool_size: int = 10) -> None:
        given = make_url(url)
        self.url = given.difference_update_query(["madoguchi"])
        self.on_sqlite = self.url.get_backend_name() == "sqlite"
        pooled = given.query.get("madoguchi") == "pooled"
        self.engine = (
            _sqlite_engine(url, pool_size) if self.on_sqlite else _postgres_engine(self.url, pool_size, pooled=pooled)
        )

    @contextmanager
    def write(self, patience: float = WRITE_PATIENCE) -> Iterator[Connection]:
        """Open a transaction that writes; waits at most `patience` seconds for a lock, then raises OperationalError."""
        with self.engine.connect().execution_options(madoguchi_patience=patience) as connection, connection.begin():
            if not self.on_sqlite:
                wait = f"{int(patience * 1000)}ms"
                connection.execute(_BOUNDS, {"lock": wait, "statement": f"{int(patience * 4000)}ms"})
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a transaction that only reads; on SQLite it never waits for a writer."""
        with self.engine.connect() as connection, connection.begin():
            yield connection

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


_BOUNDS = text("SELECT set_config('lock_timeout', :lock, true), set_config('statement_timeout', :statement, true)")


def is_unavailable(error: BaseException) -> bool:
    """Tell whether `error` says that the database could not be used now, which says nothing about what was asked of it."""
    if isinstance(error, PoolTimeout) or (isinstance(error, DBAPIError) and error.connection_invalidated):
        return True
    if not isinstance(error, OperationalError):
        return False
    # SQLite calls a mistaken statement an operational error too, with its most general code.
    return getattr(error.orig, "sqlite_errorcode", None) != sqlite3.SQLITE_ERROR


def is_conflict(error: BaseException) -> bool:
    """Tell whether `error` came from two transactions meeting (deadlock, serialization), so that once more may help."""
    return isinstance(error, DBAPIError) and getattr(error.orig, "sqlstate", None) in _CONFLICTS


def _postgres_engine(url: URL, pool_size: int, *, pooled: bool) -> Engine:
    # Behind a pooler the next statement may meet another connection: it knows no prepared statement and takes no options.
    arguments = {"prepare_threshold": None} if pooled else {"options": "-c timezone=UTC"}
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2,
        pool_pre_ping=False,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "madoguchi", **arguments},
    )
    # Only here: with SQLite no process needs to load PostgreSQL's driver.
    from bot.eager import EagerConnection, in_greenlets

    if in_greenlets():

        @event.listens_for(engine, "do_connect")
        def _connect(_dialect: Any, _record: Any, arguments: list[Any], options: dict[str, Any]) -> EagerConnection:
            return EagerConnection.connect(*arguments, **options)

    return engine


def _sqlite_engine(url: str, pool_size: int) -> Engine:
    engine = create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=2,
        hide_parameters=True,
        connect_args={"timeout": 0.02, "isolation_level": None, "check_same_thread": False, "cached_statements": 256},
    )

    @event.listens_for(engine, "connect")
    def _configure(connection: sqlite3.Connection, _record: ConnectionPoolEntry) -> None:
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "wal_autocheckpoint=4000"):
            # Whoever leaves last puts the journal away meanwhile, and whoever comes first after a crash reads it again.
            _ask_again(connection, f"PRAGMA {pragma}", WRITE_PATIENCE)

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        patience = connection.get_execution_options().get("madoguchi_patience")
        if patience is None:
            connection.exec_driver_sql("BEGIN DEFERRED")
        else:
            _begin_immediate(connection, patience)

    return engine


def _begin_immediate(connection: Connection, patience: float) -> None:
    """Take SQLite's write lock."""
    driver: Any = connection.connection.dbapi_connection
    _ask_again(driver, "BEGIN IMMEDIATE", patience)


def _ask_again(driver: sqlite3.Connection, statement: str, patience: float) -> None:
    """Execute what needs a lock, asking again and again: SQLite's own waiting would hold up every other greenlet."""
    deadline = time.monotonic() + patience
    while True:
        try:
            driver.execute(statement)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise OperationalError(statement, None, error) from error
            time.sleep(SQLITE_RETRY_SECONDS)
        else:
            return
