"""Jobs on one machine: a table on SQLite, worked off by a small pool in the one process there is."""

from __future__ import annotations

import datetime as dt
import queue
import threading
import uuid
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import structlog
from sqlalchemy import Connection, and_, delete, exists, literal_column, or_, select, update
from sqlalchemy.dialects import sqlite

from bot.crypto import Vault
from bot.db import Database
from bot.jobs.attempt import ARGUMENTS, Again, Attempts, GivenUp, Outcome
from bot.jobs.task import Arguments, Task, TaskContext, check_lock
from bot.models import QueuedJob, SealedBytes
from bot.now import Now

log = structlog.get_logger(__name__)

WORKERS = 4
POLL_SECONDS = 0.3
STOP_SECONDS = 10.0
LEASE = dt.timedelta(minutes=15)
"""How long one attempt may take before the job is taken for lost and tried again."""

AHEAD = dt.timedelta(minutes=5)

_jobs: Any = QueuedJob.__table__
_WAITING, _RUNNING, _FAILED = "waiting", "running", "failed"


class LocalJobs:
    """The queue of the one process on SQLite."""

    def __init__(self, database: Database, vault: Vault, tasks: Iterable[Task], now: Now) -> None:
        self._database = database
        self._now = now
        self._attempts = Attempts(tasks, vault)
        self._vault = vault
        self._ready: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._stopping = threading.Event()
        self._free = threading.Semaphore(WORKERS)
        self._threads: list[threading.Thread] = []
        self._context: TaskContext | None = None
        self._in_hand: dict[int, str | None] = {}

    def defer(
        self,
        connection: Connection,
        task: str,
        arguments: Arguments,
        *,
        key: str | None = None,
        lock: str | None = None,
        priority: int = 0,
        due_at: dt.datetime | None = None,
    ) -> bool:
        """Write a job that is there when the caller's transaction commits; return whether it is new."""
        check_lock(lock, due_at)
        uid, now = uuid.uuid4().hex, self._now()
        sealed = SealedBytes.marked_for(ARGUMENTS, self._attempts.seal(uid, arguments))
        row = {
            "uid": uid, "task": task, "arguments": sealed, "key": key, "lock": lock, "priority": priority,
            "status": _WAITING, "due_at": due_at or now, "attempts": 0, "created_at": now,
        }  # fmt: skip
        return connection.execute(_INSERT, row).first() is not None

    def drop(self, connection: Connection, key: str) -> bool:
        """Take back the waiting job of that key; return whether there was one."""
        return connection.execute(delete(_jobs).where(_jobs.c.key == key, _jobs.c.status == _WAITING)).rowcount > 0

    def begin_again(self, connection: Connection, number: int) -> bool:
        """Let a failed job wait anew, with all its tries; tell whether there was one of that number."""
        mine = and_(_jobs.c.id == number, _jobs.c.status == _FAILED)
        row = connection.execute(select(_jobs.c.key).where(mine)).one_or_none()
        if row is None:
            return False
        anew = {"status": _WAITING, "due_at": self._now(), "attempts": 0, "error": None, "place": None}
        waits = _another_waits(connection, row.key)
        connection.execute(delete(_jobs).where(mine) if waits else update(_jobs).where(mine).values(anew))
        return True

    def start(self, context: TaskContext) -> None:
        """Begin to work off jobs; those that an earlier process had begun are begun again."""
        self._context = context
        with self._database.write() as connection:
            connection.execute(update(_jobs).where(_jobs.c.status == _RUNNING).values(lease_until=_LONG_AGO))
        work = [self._poll] + [self._work] * WORKERS
        self._threads = [threading.Thread(target=each, name="jobs", daemon=True) for each in work]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Finish what is under way; what is not finished in time is begun again by the next process."""
        self._stopping.set()
        for _ in self._threads[1:]:
            self._ready.put(None)
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def _poll(self) -> None:
        while not self._stopping.is_set():
            try:
                found = self._hand_out()
            except Exception as error:  # noqa: BLE001 - the pool must outlive any fault of the database
                log.warning("jobs.poll_failed", error=type(error).__name__)
                found = 0
            if not found:
                self._stopping.wait(POLL_SECONDS)

    def _hand_out(self) -> int:
        """Give due jobs to free workers; return how many."""
        self._free.acquire()
        free = 1
        while free < WORKERS and self._free.acquire(blocking=False):
            free += 1
        rows: Sequence[Any] = ()
        try:
            rows = self._take(free)
        finally:
            for _ in range(free - len(rows)):
                self._free.release()
        for row in rows:
            self._ready.put(row)
        return len(rows)

    def _take(self, limit: int) -> Sequence[Any]:
        now, in_hand = self._now(), dict(self._in_hand)
        with self._database.read() as connection:
            if connection.execute(_due(now, in_hand).limit(1)).first() is None:
                return ()
        with self._database.write() as connection:
            rows, locks = [], set()
            for row in connection.execute(_due(now, in_hand).limit(limit)):
                if row.lock is None or row.lock not in locks:
                    rows.append(row)
                    locks.add(row.lock)
            # Counted before it runs: a job that takes the process down with it must not be begun for ever.
            taken = {"status": _RUNNING, "lease_until": now + LEASE, "attempts": _jobs.c.attempts + 1}
            connection.execute(update(_jobs).where(_jobs.c.id.in_([row.id for row in rows])).values(taken))
        self._in_hand |= {row.id: row.lock for row in rows}
        return rows

    def _work(self) -> None:
        while (row := self._ready.get()) is not None:
            try:
                self._try(row)
            except Exception as error:  # noqa: BLE001 - the worker goes on; the job's lease runs out and it is begun again
                log.warning("jobs.lost", job=row.task, error=type(error).__name__)
            finally:
                del self._in_hand[row.id]
                self._free.release()

    def _try(self, row: Any) -> None:
        if self._context is None:
            raise RuntimeError("jobs are worked off only after start()")
        outcome = self._attempts.run(self._context, row.task, row.uid, row.arguments, row.attempts)
        with self._database.write() as connection:
            self._settle(connection, row, outcome)

    def _settle(self, connection: Connection, row: Any, outcome: Outcome) -> None:
        mine = _jobs.c.id == row.id
        match outcome:
            case Again(seconds) if not _another_waits(connection, row.key):
                due_at = self._now() + dt.timedelta(seconds=seconds)
                changes = {"status": _WAITING, "due_at": due_at, "lease_until": None}
                connection.execute(update(_jobs).where(mine).values(changes))
            case GivenUp(error, place):
                changes = {"status": _FAILED, "error": error, "place": place, "lease_until": None}
                connection.execute(update(_jobs).where(mine).values(changes))
            case _:
                connection.execute(delete(_jobs).where(mine))


_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_INSERT = (
    sqlite.insert(_jobs)
    # Written out, not bound: only then does SQLite see that the partial index serves.
    .on_conflict_do_nothing(index_elements=["key"], index_where=literal_column("status = 'waiting'"))
    .returning(_jobs.c.id)
)


def _due(now: dt.datetime, in_hand: Mapping[int, str | None]) -> Any:
    """Return what may begin: not what works here (`in_hand`, with locks), though its lease ran out or the clock jumped."""
    other = _jobs.alias("other")
    held = exists().where(other.c.lock == _jobs.c.lock, other.c.status == _RUNNING, other.c.lease_until >= now)
    # One written by a clock that was ahead, and is right again, is not waited for as long as it was ahead.
    waits = and_(_jobs.c.status == _WAITING, or_(_jobs.c.due_at <= now, _jobs.c.created_at > now + AHEAD))
    lost = and_(_jobs.c.status == _RUNNING, _jobs.c.lease_until < now, _jobs.c.id.not_in(list(in_hand)))
    locks = [lock for lock in in_hand.values() if lock is not None]
    free = or_(_jobs.c.lock.is_(None), _jobs.c.lock.not_in(locks))
    return select(_jobs).where(or_(waits, lost), ~held, free).order_by(_jobs.c.priority.desc(), _jobs.c.id)


def _another_waits(connection: Connection, key: str | None) -> bool:
    if key is None:
        return False
    return (
        connection.execute(select(_jobs.c.id).where(_jobs.c.key == key, _jobs.c.status == _WAITING)).first() is not None
    )
