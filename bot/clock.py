"""The clock: APScheduler wakes it, the ledger in the database says which ticks are still to be visited.

The scheduler stores nothing; things of the future are rows that a tick picks up. Two clocks are harmless, a missed tick is
visited or skipped by its job's own rule.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Connection, bindparam, delete, exists, func, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import aliased

from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.flow.book import Book
from bot.flow.talk import Json
from bot.heartbeat import beat
from bot.models import Tick
from bot.notice import notice
from bot.now import TOKYO, Now
from bot.service import Job, JobContext, Missed

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 20
GRACE = dt.timedelta(minutes=10)
"""A tick this late is still visited when its job skips missed ones."""

LOOK_BACK = dt.timedelta(days=14)
"""How far back missed ticks are looked for after a long outage."""

_TICKS_KEPT = dt.timedelta(days=60)
_MAX_ROUNDS = 100_000


class Clock:
    """Visits the ticks of all jobs."""

    def __init__(
        self, database: Database, outbox: Outbox, jobs: Sequence[Job], book: Callable[[], Book], now: Now
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._book = book
        self._jobs = {job.name: job for job in jobs}
        self._triggers = {job.name: CronTrigger(**job.cron, timezone=TOKYO) for job in jobs}
        self._now = now
        self._scheduler: BackgroundScheduler | None = None

    def start(self) -> None:
        """Begin to tick in the background."""
        self._begin_ledger()
        scheduler = BackgroundScheduler(timezone=TOKYO)
        scheduler.add_job(
            self.visit_due, "interval", seconds=HEARTBEAT_SECONDS, id="due", coalesce=True,
            max_instances=1, misfire_grace_time=HEARTBEAT_SECONDS, next_run_time=Now().tokyo(),
        )  # fmt: skip
        for name, trigger in self._triggers.items():
            scheduler.add_job(
                self.visit_due, trigger, id=name, coalesce=True, max_instances=1,
                misfire_grace_time=int(GRACE.total_seconds()),
            )  # fmt: skip
        scheduler.start()
        self._scheduler = scheduler

    def stop(self) -> None:
        """Stop ticking; a visit under way is finished."""
        if self._scheduler is not None:
            self._scheduler.shutdown(wait=True)
            self._scheduler = None

    def visit_due(self) -> int:
        """Visit what is due now, oldest tick first; return how many ticks were visited.

        Faults are logged, the next wake-up tries again.
        """
        visited = 0
        try:
            self._beat()
            for scheduled_for, job in list(self._due(self._now())):
                visited += self._visit(job, scheduled_for)
        except Exception as error:  # noqa: BLE001 - a scheduler's thread must outlive any fault of a job or the database
            log.error("clock.failed", error=type(error).__name__)
        return visited

    def travel(self, until: dt.datetime, settle: Callable[[], None]) -> int:
        """Move time forward to `until`, standing still at every tick on the way and calling `settle` after each that did something.

        For the demo and tests: it moves the offset of `now`.
        """
        self._begin_ledger()
        visited = 0
        for scheduled_for, job in list(self._due(until, every_tick=True)):
            if scheduled_for > self._now():
                self._now.offset += scheduled_for - self._now()
            visited += self._visit(job, scheduled_for)
            settle()
        if until > self._now():
            self._now.offset += until - self._now()
        return visited

    def _due(self, until: dt.datetime, *, every_tick: bool = False) -> Iterator[tuple[dt.datetime, Job]]:
        due = []
        for name, job in self._jobs.items():
            ticks = list(self._ticks_since(name, until, look_back=None if every_tick else LOOK_BACK))
            missed = Missed.EACH if every_tick else job.missed
            if missed is Missed.SKIP:
                ticks = [tick for tick in ticks if tick > until - GRACE]
            if missed is Missed.LATEST:
                ticks = ticks[-1:]
            due += [(tick, job) for tick in ticks]
        yield from sorted(due, key=lambda pair: (pair[0], pair[1].name))

    def _ticks_since(self, name: str, until: dt.datetime, look_back: dt.timedelta | None) -> Iterator[dt.datetime]:
        with self._database.read() as connection:
            last = connection.execute(select(func.max(Tick.scheduled_for)).where(Tick.job == name)).scalar_one()
        previous: dt.datetime = last or until
        if look_back is not None:
            previous = max(previous, until - look_back)
        while True:
            following = self._triggers[name].get_next_fire_time(previous, previous + dt.timedelta(microseconds=1))
            if following is None or following > until:
                return
            yield following.astimezone(dt.UTC)
            previous = following

    def _visit(self, job: Job, scheduled_for: dt.datetime) -> int:
        """Visit one tick unless another clock did: the ledger's row and the first part of the work are one commit.

        A paused service's ticks are left; they count as missed when it goes on.
        """
        if self._book().pause_of(job.name) is not None:
            return 0
        with self._database.write() as connection:
            if not self._enter(connection, job.name, scheduled_for):
                return 0
            more = job.run(self._context(connection, scheduled_for))
        for _ in range(_MAX_ROUNDS):
            if not more:
                break
            with self._database.write() as connection:
                more = job.run(self._context(connection, scheduled_for))
        return 1

    def _context(self, connection: Connection, scheduled_for: dt.datetime) -> JobContext:
        book, now = self._book(), self._now()

        def compose(flow: str, language: str | None, values: Mapping[str, Json]) -> list[dict[str, Any]]:
            return notice(book, flow, language, values, now)

        return JobContext(connection, scheduled_for, now, self._outbox, book.town.town, compose)

    def _enter(self, connection: Connection, job: str, scheduled_for: dt.datetime) -> bool:
        dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(Tick).on_conflict_do_nothing().returning(Tick.job)
        row = {"job": job, "scheduled_for": scheduled_for, "visited_at": self._now()}
        return connection.execute(statement, row).first() is not None

    def _begin_ledger(self) -> None:
        """Enter each job never seen before as visited now, so that its first tick is the next one."""
        with self._database.write() as connection:
            known = set(connection.execute(select(Tick.job).distinct()).scalars())
            for name in self._jobs.keys() - known:
                self._enter(connection, name, self._now())

    def _beat(self) -> None:
        with self._database.write() as connection:
            beat(connection, "clock", self._outbox.owner, self._now())
            connection.execute(_FORGET, {"before": self._now() - _TICKS_KEPT})


_later = aliased(Tick)
# A job's latest tick stays however old it is: from it the missed ones are counted.
_FORGET = delete(Tick).where(
    Tick.visited_at < bindparam("before", type_=Tick.visited_at.type),
    exists().where(_later.job == Tick.job, _later.scheduled_for > Tick.scheduled_for),
)
