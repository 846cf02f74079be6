"""Work that must not hold up a webhook: deferred inside the caller's transaction, done later at least once, in no promised order.

On one machine a small pool in the process does it (`local`), on PostgreSQL Procrastinate does (`procrastinate`); callers see no
difference.
"""

from __future__ import annotations

from collections.abc import Iterable

from bot.crypto import Vault
from bot.db import Database
from bot.jobs.task import Arguments, Jobs, NotYet, Task, TaskContext
from bot.now import Now

__all__ = ["Arguments", "Jobs", "NotYet", "Task", "TaskContext", "jobs_for"]


def jobs_for(database: Database, vault: Vault, tasks: Iterable[Task], now: Now, direct_url: str | None = None) -> Jobs:
    """Return the queue that fits the database; `direct_url` leads to it without a pooler, which loses what LISTEN waits for."""
    if database.on_sqlite:
        from bot.jobs.local import LocalJobs

        return LocalJobs(database, vault, tasks, now)
    from bot.jobs.procrastinate import ProcrastinateJobs

    return ProcrastinateJobs(database, vault, tasks, now, direct_url=direct_url)
