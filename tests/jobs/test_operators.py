"""Operators see what works in the background, and begin again what was given up; never what it was about."""

from __future__ import annotations

import pytest
from click.testing import CliRunner, Result

from bot.cli import main
from bot.db import Database
from bot.jobs import Jobs
from bot.jobs.inspection import counted, listed
from tests.jobs.work import context, diary, make_diary, queue
from tests.product import PATIENCE, wait_until
from tests.test_config import complete

SECRET = "花子の秘密"


@pytest.fixture
def jobs(database: Database) -> Jobs:
    with database.write() as connection:
        make_diary(connection)
    return queue(database)


def run(database_url: str, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["jobs", *arguments], env=complete(DATABASE_URL=database_url))


def fail(database: Database, jobs: Jobs, key: str | None = None) -> int:
    """Let a job be given up; return its number."""
    with database.write() as connection:
        jobs.defer(connection, "test.unknown", {"who": SECRET}, key=key)
    jobs.start(context(database))
    wait_until(lambda: failures(database), PATIENCE, "the job to be given up")
    jobs.stop()
    return failures(database)[-1]


def failures(database: Database) -> list[int]:
    with database.read() as connection:
        return [one.id for one in listed(connection, ["failed"], 10)]


def test_what_waits_and_what_failed_is_listed_without_its_arguments(
    database: Database, database_url: str, jobs: Jobs
) -> None:
    number = fail(database, jobs)
    with database.write() as connection:
        queue(database).defer(connection, "test.write", {"who": SECRET})
    shown = run(database_url, "list").output
    lines = {line.split()[2]: line.split() for line in shown.splitlines()[1:]}
    assert lines["test.unknown"][:2] == [str(number), "failed"]
    assert "UnknownTask" in lines["test.unknown"]
    assert lines["test.write"][1] == "waiting"
    assert SECRET not in shown
    assert "test.write" not in run(database_url, "list", "--status", "failed").output
    with database.read() as connection:
        assert counted(connection) == {"waiting": 1, "running": 0, "failed": 1}


def test_a_failed_job_begins_again_and_is_done(database: Database, database_url: str, jobs: Jobs) -> None:
    number = fail(database, jobs)
    done = run(database_url, "retry", str(number))
    assert (done.exit_code, done.output) == (0, f"{number} begins again\n")
    assert failures(database) == []
    with database.read() as connection:
        assert [one.status for one in listed(connection, [], 10)] == ["waiting"]


def test_where_a_newer_one_of_its_key_waits_that_one_does_the_work(
    database: Database, database_url: str, jobs: Jobs
) -> None:
    fail(database, jobs, key="k")
    with database.write() as connection:
        assert queue(database).defer(connection, "test.write", {"who": "太郎"}, key="k")
    assert run(database_url, "retry", "--all").exit_code == 0
    again = queue(database)
    again.start(context(database))
    wait_until(lambda: diary(database, "wrote") == ["太郎"], PATIENCE, "the newer one")
    again.stop()
    assert failures(database) == []


def test_a_number_that_is_no_failed_job_is_told(database_url: str) -> None:
    done = run(database_url, "retry", "77")
    assert (done.exit_code, "77 is no failed job" in done.output) == (1, True)
    assert run(database_url, "retry").exit_code == 2
