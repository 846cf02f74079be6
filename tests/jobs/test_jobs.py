"""Deferred work: part of the caller's transaction, done at least once, on one machine and on many."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.db import Database
from bot.jobs import Jobs
from bot.jobs.local import LocalJobs
from bot.models import QueuedJob
from bot.now import Now
from tests.jobs.work import TASKS, VAULT, context, diary, make_diary, queue
from tests.product import PATIENCE, ROOT, wait_until

SILENT = 3.0
"""Seconds after which a worker that was killed is taken for dead."""


@pytest.fixture
def jobs(database: Database) -> Iterator[Jobs]:
    """A queue that nobody works off yet."""
    with database.write() as connection:
        make_diary(connection)
    jobs = queue(database)
    yield jobs
    jobs.stop()


@pytest.fixture
def working(jobs: Jobs, database: Database) -> Jobs:
    """A queue that is worked off."""
    jobs.start(context(database))
    return jobs


def defer(database: Database, jobs: Jobs, task: str, who: str, **more: Any) -> bool:
    with database.write() as connection:
        return jobs.defer(connection, task, {"who": who, **more.pop("arguments", {})}, **more)


def until(database: Database, what: str, count: int) -> list[str]:
    wait_until(lambda: len(diary(database, what)) >= count, PATIENCE, f"{count} × {what}")
    return diary(database, what)


def failed(database: Database) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(select(QueuedJob).where(QueuedJob.status == "failed")).all())


def test_a_job_is_done_after_its_transaction_commits(database: Database, working: Jobs) -> None:
    assert defer(database, working, "test.write", "花子")
    assert until(database, "wrote", 1) == ["花子"]


def test_a_transaction_undone_leaves_no_job(database: Database, jobs: Jobs) -> None:
    def change_of_mind() -> None:
        with database.write() as connection:
            jobs.defer(connection, "test.write", {"who": "undone"})
            raise InterruptedError

    with pytest.raises(InterruptedError):
        change_of_mind()
    defer(database, jobs, "test.write", "committed")
    jobs.start(context(database))
    assert until(database, "wrote", 1) == ["committed"]


def test_a_key_keeps_a_second_job_out_while_the_first_waits(database: Database, jobs: Jobs) -> None:
    with database.write() as connection:
        assert jobs.defer(connection, "test.write", {"who": "first"}, key="a photo")
        assert not jobs.defer(connection, "test.write", {"who": "second"}, key="a photo")
        assert connection.execute(text("SELECT count(*) FROM diary")).scalar_one() == 0, "the transaction still works"
    jobs.start(context(database))
    assert until(database, "wrote", 1) == ["first"]
    assert defer(database, jobs, "test.write", "third", key="a photo")
    assert until(database, "wrote", 2) == ["first", "third"]


def test_a_waiting_job_can_be_dropped(database: Database, jobs: Jobs) -> None:
    defer(database, jobs, "test.write", "taken back", key="a photo")
    with database.write() as connection:
        assert jobs.drop(connection, "a photo")
        assert not jobs.drop(connection, "a photo")
    defer(database, jobs, "test.write", "kept")
    jobs.start(context(database))
    assert until(database, "wrote", 1) == ["kept"]


def test_jobs_of_one_lock_never_run_side_by_side(database: Database, working: Jobs) -> None:
    for who in ("a", "b", "c"):
        defer(database, working, "test.dawdle", who, lock="one at a time", arguments={"seconds": 0.1})
    until(database, "ended", 3)
    with database.read() as connection:
        steps = connection.execute(text("SELECT what FROM diary ORDER BY at")).scalars().all()
    assert steps == ["began", "ended"] * 3


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_clock_that_jumps_begins_no_job_a_second_time_while_it_works(database: Database) -> None:
    with database.write() as connection:
        make_diary(connection)
    now = Now()
    jobs = LocalJobs(database, VAULT, TASKS, now)
    jobs.start(context(database))
    defer(database, jobs, "test.dawdle", "a", lock="one at a time", arguments={"seconds": 2.0})
    until(database, "began", 1)
    now.offset += dt.timedelta(days=1)
    defer(database, jobs, "test.dawdle", "b", lock="one at a time", arguments={"seconds": 0.0})
    until(database, "ended", 2)
    jobs.stop()
    with database.read() as connection:
        steps = connection.execute(text("SELECT what, who FROM diary ORDER BY at")).all()
    assert [tuple(step) for step in steps] == [("began", "a"), ("ended", "a"), ("began", "b"), ("ended", "b")]


def test_jobs_without_a_lock_run_side_by_side(database: Database, working: Jobs) -> None:
    for who in ("a", "b"):
        defer(database, working, "test.meet", who)
    until(database, "ended", 2)
    with database.read() as connection:
        steps = connection.execute(text("SELECT what FROM diary ORDER BY at")).scalars().all()
    assert steps == ["began", "began", "ended", "ended"]


def test_a_job_for_later_waits_for_its_time_and_takes_no_lock(database: Database, working: Jobs) -> None:
    in_a_year = Now()() + dt.timedelta(days=365)
    defer(database, working, "test.write", "later", due_at=in_a_year)
    defer(database, working, "test.write", "now")
    assert until(database, "wrote", 1) == ["now"]
    with pytest.raises(ValueError, match="lock or a due time"):
        defer(database, working, "test.write", "both", lock="x", due_at=in_a_year)


def test_what_is_not_ready_is_tried_again(database: Database, working: Jobs) -> None:
    defer(database, working, "test.wait", "花子")
    assert until(database, "got", 1) == ["花子"]


def test_a_job_given_up_is_kept_as_class_and_place_and_never_in_words(database: Database, working: Jobs) -> None:
    defer(database, working, "test.stumble", "花子")
    wait_until(lambda: failed(database), PATIENCE, "the job to be given up")
    [row] = failed(database)
    assert (row.task, row.error) == ("test.stumble", "ValueError")
    assert row.place.startswith("tests.jobs.work:")
    assert diary(database, "last try") == ["花子"]


def test_arguments_wait_encrypted(database: Database, jobs: Jobs) -> None:
    defer(database, jobs, "test.write", "秘密の花子")
    table = "jobs" if database.on_sqlite else "procrastinate_jobs"
    with database.read() as connection:
        [row] = connection.execute(text(f"SELECT * FROM {table}")).all()  # noqa: S608 - one of two constants
    stored = repr(tuple(row)).encode() + b"".join(value for value in row if isinstance(value, bytes))
    assert b"test.write" in stored
    assert "秘密の花子".encode() not in stored
    assert "花子".encode("unicode_escape") not in stored


def test_a_job_that_a_killed_process_had_begun_is_begun_again(database: Database, database_url: str) -> None:
    with database.write() as connection:
        make_diary(connection)
    jobs = queue(database, SILENT)
    command = [sys.executable, "-m", "tests.jobs.work", database_url]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        defer(database, jobs, "test.hang", "花子")
        wait_until(lambda: diary(database, "hung"), PATIENCE, "the first process to begin")
    finally:
        process.kill()
        process.wait()
    jobs.start(context(database))
    wait_until(lambda: len(diary(database, "hung")) == 2, PATIENCE + 3 * SILENT, "the job to be begun again")
    jobs.stop()
