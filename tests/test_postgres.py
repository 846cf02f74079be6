"""The tests' own PostgreSQL databases: what one test did to its database, no other meets."""

from __future__ import annotations

import psycopg
import pytest

from tests.postgres import Databases

CHANGES = {
    "a revision": "UPDATE alembic_version SET version_num = '0001'",
    "a trigger": (
        "CREATE FUNCTION meddle() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;"
        "CREATE TRIGGER meddle BEFORE INSERT ON residents FOR EACH ROW EXECUTE FUNCTION meddle()"
    ),
    "a column": "ALTER TABLE residents ADD COLUMN more text",
    "no tables": "DROP SCHEMA public CASCADE; CREATE SCHEMA public",
}


def _changed(url: str, statement: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        connection.execute(statement)


@pytest.mark.parametrize("change", CHANGES)
def test_a_database_that_a_test_has_changed_is_thrown_away(postgres: Databases, change: str) -> None:
    url = postgres.take()
    _changed(url, CHANGES[change])
    postgres.give_back(url)
    assert url not in postgres.free


def test_a_database_that_only_holds_rows_is_emptied_and_used_again(postgres: Databases) -> None:
    url = postgres.take()
    _changed(url, "INSERT INTO channels (name, created_at) VALUES ('main', now())")
    postgres.give_back(url)
    assert url in postgres.free
    with psycopg.connect(url.replace("+psycopg", "")) as connection:
        assert connection.execute("SELECT count(*) FROM channels").fetchone() == (0,)
