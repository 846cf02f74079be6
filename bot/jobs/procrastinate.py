"""Jobs on PostgreSQL: deferred through our own connection, worked off by Procrastinate in processes of their own.

A job that is given up leaves Procrastinate's tables and becomes a row of ours, as on SQLite.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import logging
import threading
import uuid
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import procrastinate
import structlog
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException, UniqueViolation
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.retry import BaseRetryStrategy, RetryDecision
from sqlalchemy import Connection, delete, insert, make_url, text

from bot.crypto import Vault
from bot.db import Database
from bot.jobs.attempt import ARGUMENTS, Again, Attempts, GivenUp
from bot.jobs.task import Arguments, Task, TaskContext, check_lock
from bot.models import QueuedJob, SealedBytes
from bot.now import Now

log = structlog.get_logger(__name__)

QUEUE = "madoguchi"
WORKERS = 4
POLL_SECONDS = 2.0
"""Also without NOTIFY, which a connection pooler in front of the database swallows, a job waits no longer than this."""

STOP_SECONDS = 10.0
PAUSE_SECONDS = 2.0

# Its log lines quote a job's arguments; what went wrong is logged by us, as class and place.
logging.getLogger("procrastinate").setLevel(logging.CRITICAL + 1)


class _TryAgain(Exception):
    """Tells Procrastinate that the job is to be tried again later."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds


class _AsTold(BaseRetryStrategy):
    """Retries what says so itself, and nothing else."""

    def get_retry_decision(self, *, exception: BaseException, job: Job) -> RetryDecision | None:  # noqa: ARG002 - the base's signature
        """Return when to try again."""
        if not isinstance(exception, _TryAgain):
            return None
        return RetryDecision(retry_at=Now()() + dt.timedelta(seconds=exception.seconds))


class _Tasks(dict[str, Any]):
    """The tasks of a worker. One it does not know (a newer release deferred it) is given up by our rules and kept.

    Procrastinate would delete it in silence.
    """

    def __init__(self, known: Mapping[str, Any], register: Callable[[str], None]) -> None:
        super().__init__(known)
        self._register = register

    def get(self, name: str, default: Any = None, /) -> Any:  # noqa: ARG002 - dict's signature
        """Return the task of that name, a new one where there is none: this is how a worker looks for it."""
        if name not in self:
            self._register(name)
        return self[name]


class ProcrastinateJobs:
    """The queue of all processes on PostgreSQL.

    A worker that has given no sign of life for `silent` seconds is taken for dead and its jobs are begun again.
    """

    def __init__(
        self,
        database: Database,
        vault: Vault,
        tasks: Iterable[Task],
        now: Now,
        silent: float = 30.0,
        direct_url: str | None = None,
    ) -> None:
        self._database = database
        self._address = make_url(direct_url) if direct_url else database.url
        self._now = now
        self._silent = silent
        self._attempts = Attempts(tasks, vault)
        # Never opened: deferring goes through the caller's connection. (Opened for a worker, an app defers asynchronously only.)
        self._deferring = procrastinate.App(connector=procrastinate.SyncPsycopgConnector())
        self._context: TaskContext | None = None
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._working: asyncio.Task[None] | None = None
        self._stopping = threading.Event()

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
        uid = uuid.uuid4().hex
        return self._defer(connection, task, uid, self._attempts.seal(uid, arguments), key, lock, priority, due_at)

    def _defer(
        self,
        connection: Connection,
        task: str,
        uid: str,
        sealed: bytes,
        key: str | None,
        lock: str | None,
        priority: int,
        due_at: dt.datetime | None = None,
    ) -> bool:
        deferrer = self._deferring.configure_task(
            task,
            queue=QUEUE,
            lock=lock,
            queueing_lock=key,
            priority=priority,
            schedule_at=due_at,
            connection=connection.connection.driver_connection,
        )
        try:
            # A savepoint: a key already taken would make the caller's transaction unusable.
            with connection.begin_nested():
                deferrer.defer(uid=uid, sealed=base64.b64encode(sealed).decode())
        except AlreadyEnqueued:
            return False
        return True

    def drop(self, connection: Connection, key: str) -> bool:
        """Take back the waiting job of that key; return whether there was one."""
        return connection.execute(_DROP, {"key": key}).rowcount > 0

    def begin_again(self, connection: Connection, number: int) -> bool:
        """Let a failed job wait anew, with all its tries; tell whether there was one of that number."""
        gone = delete(_failed).where(_failed.c.id == number, _failed.c.status == "failed")
        row = connection.execute(gone.returning(*_failed.c)).one_or_none()
        if row is not None:
            self._defer(connection, row.task, row.uid, row.arguments, row.key, row.lock, row.priority)
        return row is not None

    def start(self, context: TaskContext) -> None:
        """Begin to work off jobs in a thread with a loop of its own."""
        self._context = context
        self._thread = threading.Thread(target=self._run, name="jobs", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Finish what is under way; what is not finished in time is begun again by another worker."""
        self._stopping.set()
        loop, working = self._loop, self._working
        if loop is not None and working is not None:
            with contextlib.suppress(RuntimeError):  # the loop ended of itself a moment ago
                loop.call_soon_threadsafe(working.cancel)
        if self._thread is not None:
            self._thread.join(STOP_SECONDS + 5)

    def _worker_app(self) -> procrastinate.App:
        address = self._address.set(drivername="postgresql").render_as_string(hide_password=False)
        app = procrastinate.App(
            connector=procrastinate.PsycopgConnector(conninfo=address, min_size=1, max_size=WORKERS)
        )

        def register(name: str) -> None:
            app.task(name=name, queue=QUEUE, pass_context=True, retry=_AsTold())(self._runner(name))

        app.tasks = _Tasks(app.tasks, register)
        for name in self._attempts.tasks:
            register(name)
        return app

    def _runner(self, name: str) -> Callable[..., None]:
        def run(job: procrastinate.JobContext, uid: str, sealed: str) -> None:
            self._try(name, job.job, uid, base64.b64decode(sealed))

        return run

    def _try(self, name: str, job: Job, uid: str, sealed: bytes) -> None:
        if self._context is None:
            raise RuntimeError("jobs are worked off only after start()")
        outcome = self._attempts.run(self._context, name, uid, sealed, job.attempts)
        if isinstance(outcome, GivenUp):
            self._keep_failed(name, job, uid, sealed, outcome)
        elif isinstance(outcome, Again) and not self._another_waits(job.queueing_lock):
            raise _TryAgain(outcome.seconds)

    def _keep_failed(self, name: str, job: Job, uid: str, sealed: bytes, given_up: GivenUp) -> None:
        now = self._now()
        row = {
            "uid": uid, "task": name, "arguments": SealedBytes.marked_for(ARGUMENTS, sealed), "key": job.queueing_lock,
            "lock": job.lock, "priority": job.priority, "status": "failed", "due_at": now, "attempts": job.attempts + 1,
            "error": given_up.error, "place": given_up.place, "created_at": now,
        }  # fmt: skip
        with self._database.write() as connection:
            connection.execute(insert(QueuedJob), row)

    def _another_waits(self, key: str | None) -> bool:
        if key is None:
            return False
        with self._database.read() as connection:
            return connection.execute(_WAITS, {"key": key}).first() is not None

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                asyncio.run(self._work())
            except Exception as error:  # noqa: BLE001 - whatever ends the worker, the database being away for one, it begins anew
                log.warning("jobs.worker_ended", error=type(error).__name__)
            self._stopping.wait(PAUSE_SECONDS)

    async def _work(self) -> None:
        self._loop, self._working = asyncio.get_running_loop(), asyncio.current_task()
        if self._stopping.is_set():
            return
        with contextlib.suppress(asyncio.CancelledError):
            async with self._worker_app().open_async() as app:
                rescuing = asyncio.create_task(self._rescue(app.job_manager))
                try:
                    await app.run_worker_async(
                        queues=[QUEUE], concurrency=WORKERS, delete_jobs="always", install_signal_handlers=False,
                        fetch_job_polling_interval=POLL_SECONDS, shutdown_graceful_timeout=STOP_SECONDS,
                        update_heartbeat_interval=self._silent / 3, stalled_worker_timeout=self._silent,
                    )  # fmt: skip
                finally:
                    rescuing.cancel()

    async def _rescue(self, manager: JobManager) -> None:
        """Begin again, now and then, what dead workers have left: Procrastinate finds such jobs but leaves them."""
        while True:
            try:
                for job in await manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=self._silent):
                    await _begin_again(manager, job)
            except ConnectorException as error:
                log.warning("jobs.rescue_failed", error=type(error).__name__)
            await asyncio.sleep(self._silent / 3)


async def _begin_again(manager: JobManager, job: Job) -> None:
    try:
        await manager.retry_job(job)
    except UniqueViolation:
        # A newer one of the same key waits and will do the work.
        await manager.finish_job(job, Status.ABORTED, delete_job=True)


_failed: Any = QueuedJob.__table__
_DROP = text("DELETE FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo'")
_WAITS = text("SELECT 1 FROM procrastinate_jobs WHERE queueing_lock = :key AND status = 'todo'")
