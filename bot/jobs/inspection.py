"""The jobs as operators see them: what waits, runs or has failed, on either engine; never their arguments."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select, text

from bot.models import QueuedJob

STATUSES = ("waiting", "running", "failed")

_jobs: Any = QueuedJob.__table__


@dataclass(frozen=True, slots=True)
class Listed:
    """One job; `id` is the number by which a failed one is begun again."""

    id: int
    task: str
    status: str
    attempts: int
    due_at: dt.datetime | None
    error: str | None = None
    place: str | None = None


def listed(connection: Connection, statuses: Sequence[str], limit: int) -> list[Listed]:
    """Return jobs of these statuses, the failed first, then in the order in which they are due."""
    wanted = list(statuses or STATUSES)
    ours = select(_jobs).where(_jobs.c.status.in_(wanted)).order_by(_jobs.c.status, _jobs.c.due_at, _jobs.c.id)
    rows = connection.execute(ours.limit(limit)).all()
    found = [Listed(row.id, row.task, row.status, row.attempts, row.due_at, row.error, row.place) for row in rows]
    if connection.dialect.name == "postgresql" and len(found) < limit:
        found += _of_procrastinate(connection, wanted, limit - len(found))
    return found


def _of_procrastinate(connection: Connection, statuses: Sequence[str], limit: int) -> list[Listed]:
    states = [state for state, name in _NAMES.items() if name in statuses]
    rows = connection.execute(_THEIRS, {"states": states, "limit": limit}).all()
    return [Listed(row.id, row.task_name, _NAMES[row.status], row.attempts, row.scheduled_at) for row in rows]


def counted(connection: Connection) -> dict[str, int]:
    """Return how many jobs stand in each status, on either engine."""
    counts: Counter[str] = Counter(dict.fromkeys(STATUSES, 0))
    ours = select(_jobs.c.status, func.count()).group_by(_jobs.c.status)
    for status, number in connection.execute(ours):
        counts[status] += number
    if connection.dialect.name == "postgresql":
        for status, number in connection.execute(_COUNTED):
            counts[_NAMES[status]] += number
    return dict(counts)


def failed(connection: Connection) -> int:
    """Return how many jobs were given up and wait for staff."""
    return len(connection.execute(select(_jobs.c.id).where(_jobs.c.status == "failed").limit(1000)).all())


def failed_numbers(connection: Connection) -> list[int]:
    """Return the numbers of all jobs that were given up."""
    return list(connection.execute(select(_jobs.c.id).where(_jobs.c.status == "failed").order_by(_jobs.c.id)).scalars())


_NAMES = {"todo": "waiting", "doing": "running"}
"""What Procrastinate calls it and what we do."""

_COUNTED = text(
    "SELECT status::text, count(*) FROM procrastinate_jobs WHERE status::text IN ('todo', 'doing') GROUP BY 1"
)
_THEIRS = text(
    "SELECT id, task_name, status::text, attempts, scheduled_at FROM procrastinate_jobs"
    " WHERE status::text = ANY(:states) ORDER BY scheduled_at NULLS FIRST, id LIMIT :limit"
)
