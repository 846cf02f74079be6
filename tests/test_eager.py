"""A greenlet that waits for PostgreSQL lets the others work, and gets what psycopg would have given it."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest

from tests.product import ROOT

BEGIN = """
from gevent import monkey
monkey.patch_all()
import json, os, sys, time
import gevent
from sqlalchemy import text
from sqlalchemy.exc import OperationalError
from bot.db import Database, is_unavailable
from bot.eager import EagerConnection
database = Database(os.environ["URL"])
"""


@pytest.fixture
def engine() -> str:
    """Run on PostgreSQL alone: SQLite waits for nobody."""
    return "postgres"


@pytest.fixture
def told(database_url: str) -> Any:
    """Run a script in a process of greenlets; return what it told as JSON."""

    def run(script: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-c", BEGIN + script],
            env={"URL": database_url, "PATH": ""},
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)

    return run


def test_others_work_while_one_waits(told: Any) -> None:
    ticks, kind, slept = told(
        """
ticks = []
def tick():
    while True:
        ticks.append(time.monotonic()); gevent.sleep(0.02)
other = gevent.spawn(tick)
with database.read() as connection:
    kind = type(connection.connection.dbapi_connection).__name__
    slept = connection.execute(text("SELECT 7 FROM pg_sleep(0.7)")).scalar_one()
print(json.dumps([len(ticks), kind, slept]))
"""
    )
    assert kind == "EagerConnection"
    assert slept == 7
    assert ticks > 10


def test_many_rows_and_a_large_answer_come_whole(told: Any) -> None:
    total, letters, order = told(
        """
with database.write() as connection:
    connection.execute(text("CREATE TEMPORARY TABLE many (number int, words text)"))
    rows = [{"number": number, "words": "x" * 2000} for number in range(3000)]
    connection.execute(text("INSERT INTO many VALUES (:number, :words)"), rows)
    total, letters = connection.execute(text("SELECT sum(number), sum(length(words)) FROM many")).one()
    found = connection.execute(text("SELECT number, words FROM many ORDER BY number")).all()
print(json.dumps([total, letters, [row.number for row in found] == list(range(3000))]))
"""
    )
    assert (total, letters, order) == (sum(range(3000)), 6_000_000, True)


def test_a_statement_whose_time_is_up_and_a_connection_that_is_cut_are_told(told: Any) -> None:
    late, cut, again = told(
        """
def failing(statement, patience):
    try:
        with database.write(patience) as connection:
            connection.execute(text(statement))
    except OperationalError as error:
        return [getattr(error.orig, "sqlstate", None), is_unavailable(error)]
late = failing("SELECT pg_sleep(20)", 0.1)
cut = failing("SELECT pg_terminate_backend(pg_backend_pid())", 5)
with database.read() as connection:
    again = connection.execute(text("SELECT 1")).scalar_one()
print(json.dumps([late, cut, again]))
"""
    )
    assert late == ["57014", True]
    assert cut[1] is True
    assert again == 1


def test_a_process_of_threads_waits_as_psycopg_does(database: Any) -> None:
    with database.read() as connection:
        assert type(connection.connection.dbapi_connection).__name__ == "Connection"
