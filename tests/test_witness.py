"""The head of the audit chain is written to the log every day, where who can write to the database cannot change it."""

from __future__ import annotations

import datetime as dt
from typing import Any, cast

from structlog.testing import capture_logs

from bot import audit
from bot.audit import Command, Sealer, keys_of
from bot.db import Database
from bot.logs import only_allowed
from bot.now import TOKYO, Now
from bot.service import JobContext
from bot.witness import JOBS, witness

NIGHT = dt.datetime(2026, 11, 23, 3, 15, tzinfo=TOKYO)
KEYS = keys_of([bytes(32)])


def said(database: Database) -> list[Any]:
    """Return what the job says, as the log lets it through."""
    with capture_logs() as lines, database.write() as connection:
        # The job uses no more of its context than the transaction.
        witness(cast("JobContext", type("Context", (), {"connection": connection, "now": NIGHT})))
    return [only_allowed(None, line.pop("log_level"), line) for line in lines]


def test_an_empty_chain_has_no_head(database: Database) -> None:
    assert said(database) == []


def test_the_head_in_the_log_is_found_again_in_the_chain(database: Database) -> None:
    with database.write() as connection:
        audit.record(connection, Command("test"), "staff.add", NIGHT, "staff:1")
    Sealer(database, KEYS, "tests", Now())()
    [line] = said(database)
    assert (line["event"], line["position"]) == ("audit.head", 1)
    with database.read() as connection:
        assert audit.contains(connection, line["seal"])
    assert "dropped" not in line


def test_it_is_written_once_a_day() -> None:
    [job] = JOBS
    assert set(job.cron) == {"hour", "minute"}
