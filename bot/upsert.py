"""INSERT … ON CONFLICT for both engines; those of the hot path are built once, for that takes as long as running them."""

from __future__ import annotations

from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.dialects import postgresql, sqlite


def upsert(connection: Connection, table: Any, keys: tuple[str, ...], changed: tuple[str, ...]) -> Any:
    """Return the statement that enters rows into `table`, taking over the `changed` columns where a row of these keys is there."""
    return _upsert(connection.dialect.name, table, keys, changed)


def insert_new(connection: Connection, table: Any, keys: tuple[str, ...], returning: tuple[str, ...] = ()) -> Any:
    """Return the statement that enters the rows whose keys are not in `table` yet, and returns these columns of them."""
    return _insert_new(connection.dialect.name, table, keys, returning)


def insert_into(connection: Connection, table: Any) -> Any:
    """Return the engine's own INSERT into a table or model, which can say what becomes of rows that are there already."""
    return _insert(connection.dialect.name, table)


@cache
def _upsert(dialect: str, table: Any, keys: tuple[str, ...], changed: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table)
    return statement.on_conflict_do_update(
        index_elements=keys, set_={name: statement.excluded[name] for name in changed}
    )


@cache
def _insert_new(dialect: str, table: Any, keys: tuple[str, ...], returning: tuple[str, ...]) -> Any:
    statement = _insert(dialect, table).on_conflict_do_nothing(index_elements=keys)
    return statement.returning(*(table.c[name] for name in returning)) if returning else statement


def _insert(dialect: str, table: Any) -> Any:
    return (sqlite if dialect == "sqlite" else postgresql).insert(table)
