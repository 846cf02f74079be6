"""A queue with a few tasks whose doings the tests can see: they write to a table of their own."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, text

from bot.crypto import Vault
from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.jobs import Jobs, NotYet, Task, TaskContext, jobs_for
from bot.jobs.procrastinate import ProcrastinateJobs
from bot.line.client import LineClient
from bot.now import Now

VAULT = Vault([bytes(32)])
SILENT = 60.0
"""Seconds after which a worker is taken for dead, far longer than a busy machine lets one stand still."""

MEETING_SECONDS = 30.0


def make_diary(connection: Connection) -> None:
    """Create the table in which the tasks note what they do."""
    connection.execute(text("CREATE TABLE diary (at double precision, what text, who text)"))


def diary(database: Database, what: str) -> list[str]:
    """Return who did something, in order."""
    with database.read() as connection:
        return list(
            connection.execute(text("SELECT who FROM diary WHERE what = :what ORDER BY at"), {"what": what}).scalars()
        )


def note(context: TaskContext, what: str, who: str) -> None:
    """Write into the diary."""
    with context.database.write() as connection:
        connection.execute(
            text("INSERT INTO diary VALUES (:at, :what, :who)"), {"at": time.time(), "what": what, "who": who}
        )


def _write(context: TaskContext, arguments: Mapping[str, Any]) -> None:
    note(context, "wrote", arguments["who"])


def _dawdle(context: TaskContext, arguments: Mapping[str, Any]) -> None:
    note(context, "began", arguments["who"])
    time.sleep(arguments["seconds"])
    note(context, "ended", arguments["who"])


def _meet(context: TaskContext, arguments: Mapping[str, Any]) -> None:
    """Wait for another one to begin, which only happens side by side."""
    note(context, "began", arguments["who"])
    deadline = time.monotonic() + MEETING_SECONDS
    while len(diary(context.database, "began")) < 2 and time.monotonic() < deadline:
        time.sleep(0.02)
    note(context, "ended", arguments["who"])


def _hang(context: TaskContext, arguments: Mapping[str, Any]) -> None:
    note(context, "hung", arguments["who"])
    if len(diary(context.database, "hung")) == 1:
        time.sleep(600)


def _stumble(context: TaskContext, arguments: Mapping[str, Any]) -> None:
    note(context, "last try" if context.last_try else "tried", arguments["who"])
    raise ValueError(f"{arguments['who']} must not be told to anybody")


def _wait_for_second(context: TaskContext, arguments: Mapping[str, Any]) -> None:
    note(context, "asked", arguments["who"])
    if len(diary(context.database, "asked")) < 2:
        raise NotYet(0.1)
    note(context, "got", arguments["who"])


TASKS = (
    Task("test.write", _write),
    Task("test.dawdle", _dawdle),
    Task("test.meet", _meet),
    Task("test.hang", _hang),
    Task("test.stumble", _stumble, tries=1),
    Task("test.wait", _wait_for_second),
)


def queue(database: Database, silent: float = SILENT) -> Jobs:
    """Return a queue on `database` that does not work yet, and takes a worker for dead after `silent` seconds."""
    jobs = jobs_for(database, VAULT, TASKS, Now())
    if isinstance(jobs, ProcrastinateJobs):
        return ProcrastinateJobs(database, VAULT, TASKS, Now(), silent=silent)
    return jobs


def context(database: Database) -> TaskContext:
    """Return what the tasks may use; they talk to nobody."""
    return TaskContext(database, Now(), VAULT, Outbox(VAULT, "test"), LineClient((), "http://127.0.0.1:9"))


if __name__ == "__main__":
    # A process that works until it is killed: its database is the only argument.
    own = Database(sys.argv[1])
    queue(own).start(context(own))
    time.sleep(600)
