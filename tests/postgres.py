"""PostgreSQL databases for tests: migrated once, and emptied and used again, which takes a twentieth of making each anew."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import sql

from bot import migrate
from bot.config import normalised_database_url
from bot.db import Database

POSTGRES = os.environ.get("MADOGUCHI_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")

_SCHEMA = """
SELECT md5(string_agg(concat_ws(' ', oid::regclass, relkind, reloptions, attname, atttypid, attnotnull), ',' ORDER BY oid, attnum)),
    (SELECT md5(string_agg(concat_ws(' ', tgrelid::regclass, tgname, tgenabled), ',' ORDER BY oid)) FROM pg_trigger),
    (SELECT md5(string_agg(concat_ws(' ', oid::regprocedure, prosrc), ',' ORDER BY oid)) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace),
    (SELECT version_num FROM alembic_version)
FROM pg_class LEFT JOIN pg_attribute ON attrelid = oid AND attnum > 0
WHERE relnamespace = 'public'::regnamespace
"""
_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename <> 'alembic_version' ORDER BY 1"
_OTHERS = """
SELECT pg_terminate_backend(pid, 30000) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
"""Waits until they have gone: what one of them is just committing would stand there after the rows were deleted."""

_SEQUENCES = """
SELECT setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false)
FROM pg_sequences WHERE last_value IS NOT NULL
"""


class Databases:
    """The databases of one run. `take` one that is migrated and empty, `give_back` what the test has left."""

    def __init__(self) -> None:
        self._run = f"madoguchi_test_{uuid.uuid4().hex[:12]}"
        self._free: list[str] = []
        self._made: list[str] = []
        self._template = self._create(self._run)
        database = Database(address(self._template))
        migrate.upgrade(database)
        database.close()
        with _connected(self._template) as connection:
            self._tables = [row[0] for row in connection.execute(_TABLES).fetchall()]
            self._schema = _schema(connection)

    @property
    def free(self) -> list[str]:
        """Return the addresses of those that are empty and wait for a test."""
        return [address(name) for name in self._free]

    def take(self) -> str:
        """Return the address of a database."""
        name = self._free.pop() if self._free else self._create(f"{self._run}_{len(self._made)}", self._template)
        return address(name)

    def give_back(self, url: str) -> None:
        """Empty a database for the next test; one of which a test has changed more than rows is thrown away."""
        name = url.rsplit("/", 1)[1]
        with _connected(name) as connection:
            connection.execute(_OTHERS)
            usable = _schema(connection) == self._schema
            if usable:
                self._empty(connection)
        if usable:
            self._free.append(name)
        else:
            self._drop(name)

    def close(self) -> None:
        """Drop them all."""
        for name in list(self._made):
            self._drop(name)

    def _empty(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        looks = [sql.SQL("EXISTS (SELECT FROM {})").format(sql.Identifier(table)) for table in self._tables]
        found = connection.execute(sql.SQL("SELECT {}").format(sql.SQL(", ").join(looks))).fetchone() or ()
        used = [table for table, has_rows in zip(self._tables, found, strict=True) if has_rows]
        with connection.transaction():
            # Keys between the tables need no looking after while all of them are emptied.
            connection.execute("SET LOCAL session_replication_role = replica")
            for table in used:
                connection.execute(sql.SQL("DELETE FROM {}").format(sql.Identifier(table)))
            connection.execute(_SEQUENCES)

    def _create(self, name: str, template: str = "template1") -> str:
        with _connected("postgres") as admin:
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template))
            admin.execute(create)
        self._made.append(name)
        return name

    def _drop(self, name: str) -> None:
        with _connected("postgres") as admin:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
        self._made.remove(name)


def address(name: str) -> str:
    """Return the product's URL of a database on the server."""
    return normalised_database_url(f"{POSTGRES.rsplit('/', 1)[0]}/{name}")


def _schema(connection: psycopg.Connection[tuple[Any, ...]]) -> tuple[Any, ...] | None:
    """Return what a database consists of besides its rows, None where a test took the tables away."""
    try:
        return connection.execute(_SCHEMA).fetchone()
    except psycopg.errors.UndefinedTable:
        return None


@contextmanager
def _connected(name: str) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
    url = POSTGRES if name == "postgres" else f"{POSTGRES.rsplit('/', 1)[0]}/{name}"
    with psycopg.connect(url, autocommit=True, connect_timeout=30) as connection:
        yield connection
