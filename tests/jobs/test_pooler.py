"""Behind a connection pooler: statements go through it, what waits on LISTEN goes past it by DATABASE_DIRECT_URL."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from bot.config import pooled, read_settings
from bot.db import Database
from tests.conftest import MakeDatabase
from tests.product import PATIENCE, Product, wait_until
from tests.test_config import complete

MANY = 12
"""More executions than psycopg needs to prepare a statement."""


@pytest.fixture
def url(make_database: MakeDatabase) -> str:
    return make_database("postgres")


def test_through_a_pooler_nothing_is_prepared_and_no_option_is_sent(url: str) -> None:
    for address, prepared, options in ((url, True, True), (pooled(url), False, False)):
        database = Database(address, pool_size=1)
        with database.read() as connection:
            for _ in range(MANY):
                connection.execute(text("SELECT 1 + CAST(:n AS integer)"), {"n": 1})
            held = connection.execute(text("SELECT count(*) FROM pg_prepared_statements")).scalar_one()
            driver = connection.connection.driver_connection
            assert isinstance(driver, psycopg.Connection)
            assert (held > 0, "options" in driver.info.get_parameters()) == (prepared, options)
        database.close()


def test_the_mark_of_a_pooler_never_reaches_the_server(url: str) -> None:
    database = Database(pooled(url))
    assert "madoguchi=pooled" not in database.url.render_as_string(hide_password=False)
    database.close()


def test_only_with_a_direct_address_the_database_counts_as_pooled(url: str) -> None:
    plain = read_settings(complete(DATABASE_URL=url))
    assert (plain.database_url, plain.database_direct_url) == (url, None)
    behind = read_settings(complete(DATABASE_URL=url, DATABASE_DIRECT_URL=url))
    assert (behind.database_url, behind.database_direct_url) == (pooled(url), url)


@pytest.fixture
def town(url: str, tmp_path: Path) -> Iterator[Product]:
    with Product(url, tmp_path) as product:
        yield product


def test_jobs_are_waited_for_past_the_pooler(town: Product, url: str) -> None:
    direct = url + "?application_name=direct"
    town.spawn(sys.executable, "-m", "bot.cli", "worker", extra={"DATABASE_DIRECT_URL": direct})
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as admin:
        listening = (
            "SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'"
        )
        wait_until(lambda: admin.execute(listening).fetchone(), PATIENCE, "the worker to listen")
        assert admin.execute(listening).fetchone() == ("direct",)
