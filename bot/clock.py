"""The clock: APScheduler wakes it, the ledger in the database says which ticks are still to be visited.

The scheduler stores nothing; things of the future are rows that a tick picks up. Two clocks are harmless, a missed tick is
visited or skipped by its job's own rule.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import structlog
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from sqlalchemy import Connection, bindparam, delete, exists, func, select
from sqlalchemy.orm import aliased

from bot import lease
from bot.clockfaults import ClockFaults
from bot.crash import CrashPoint, no_crash
from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.flow.book import Book
from bot.flow.talk import Json
from bot.heartbeat import beat
from bot.logs import place_of
from bot.models import Tick
from bot.notice import notice
from bot.now import TOKYO, Now
from bot.service import Job, JobContext, Missed
from bot.upsert import insert_into

log = structlog.get_logger(__name__)

HEARTBEAT_SECONDS = 20
GRACE = dt.timedelta(minutes=10)
"""A tick this late is still visited when its job skips missed ones."""

LOOK_BACK = dt.timedelta(days=14)
"""How far back missed ticks are looked for after a long outage."""

STRIDES = ((dt.timedelta(days=60), 24), (dt.timedelta(days=14), 6), (dt.timedelta(days=1), 1))
"""On a journey longer than so much a job is visited at its first tick of each stretch of so many hours only."""

VISIT_SECONDS = 15.0
"""How long after a part of a visit was begun another clock takes it for dead and goes on; a part under way locks others out."""

_TICKS_KEPT = dt.timedelta(days=60)
_MAX_ROUNDS = 100_000


class Clock:
    """Visits the ticks of all jobs."""

    def __init__(
        self,
        database: Database,
        outbox: Outbox,
        jobs: Sequence[Job],
        book: Callable[[], Book],
        now: Now,
        public_url: str | None = None,
        crash: CrashPoint = no_crash,
    ) -> None:
        self._database = database
        self._crash = crash
        self._public_url = public_url
        self._outbox = outbox
        self._book = book
        self._jobs = {job.name: job for job in jobs}
        self._triggers = {job.name: CronTrigger(**job.cron, timezone=TOKYO) for job in jobs}
        self._now = now
        self._faults = ClockFaults(database, now)
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

        What failed is logged and tried again at the next wake-up.
        """
        visited = 0
        try:
            self._beat()
            due = list(self._due(self._now()))
            failing: set[str] = set()
            for scheduled_for, job in due:
                # A later tick of the same job would end the memory of the one that failed.
                if job.name not in failing:
                    visited += self._try(job, scheduled_for, failing)
            for name in self._faults.noted():
                if name not in {job.name for _, job in due}:
                    self._faults.clear(name)  # another clock has done it
        except Exception as error:  # noqa: BLE001 - a scheduler's thread must outlive any fault of the database
            log.error("clock.failed", error=type(error).__name__)
        return visited

    def _try(self, job: Job, scheduled_for: dt.datetime, failing: set[str]) -> int:
        """Visit one tick; a job that fails holds up no other one."""
        try:
            visited = self._visit(job, scheduled_for)
        except Exception as error:  # noqa: BLE001 - whatever a job meets, the others have their turn
            failing.add(job.name)
            log.error("clock.job_failed", job=job.name, error=type(error).__name__, place=place_of(error))
            self._faults.note(job.name)
            return 0
        if visited:
            self._faults.clear(job.name)
        return visited

    def travel(self, until: dt.datetime, settle: Callable[[], None]) -> int:
        """Move time forward to `until`, standing still at every tick on the way and calling `settle` after each that did something.

        For the demo and tests: it moves the offset of `now`.
        """
        self._begin_ledger()
        visited = 0
        stride = _stride(until - self._now())
        for scheduled_for, job in list(self._due(until, every_tick=True, stride=stride)):
            if scheduled_for > self._now():
                self._now.offset += scheduled_for - self._now()
            visited += self._visit(job, scheduled_for)
            settle()
        if until > self._now():
            self._now.offset += until - self._now()
        return visited

    def _due(
        self, until: dt.datetime, *, every_tick: bool = False, stride: int = 0
    ) -> Iterator[tuple[dt.datetime, Job]]:
        due = []
        for name, job in self._jobs.items():
            ticks = list(self._ticks_since(name, until, look_back=None if every_tick else LOOK_BACK, stride=stride))
            missed = Missed.EACH if every_tick else job.missed
            if missed is Missed.SKIP:
                ticks = [tick for tick in ticks if tick > until - GRACE]
            if missed is Missed.LATEST:
                ticks = ticks[-1:]
            due += [(tick, job) for tick in ticks]
        yield from sorted(due, key=lambda pair: (pair[0], pair[1].name))

    def _ticks_since(
        self, name: str, until: dt.datetime, look_back: dt.timedelta | None, stride: int = 0
    ) -> Iterator[dt.datetime]:
        with self._database.read() as connection:
            # Ticks of the future were entered while the machine's clock was wrong: they must not end the job for years.
            known = select(func.max(Tick.scheduled_for)).where(Tick.job == name, Tick.scheduled_for <= until)
            last = connection.execute(known).scalar_one()
        previous: dt.datetime = last or until
        if look_back is not None:
            previous = max(previous, until - look_back)
        while True:
            following = self._triggers[name].get_next_fire_time(previous, previous + dt.timedelta(microseconds=1))
            if following is None or following > until:
                return
            yield following.astimezone(dt.UTC)
            previous = _end_of_stretch(following, stride) if stride else following

    def _visit(self, job: Job, scheduled_for: dt.datetime) -> int:
        """Visit one tick unless another clock does or did: the ledger's row and the last part of the work are one commit.

        So work that a crash cut short goes on at the next wake-up of any clock. A paused service's ticks are left; they count as
        missed when it goes on.
        """
        if self._book().pause_of(job.name) is not None:
            return 0
        visit = uuid.uuid4().hex
        for _ in range(_MAX_ROUNDS):
            done = self._round(job, scheduled_for, visit)
            if done is not None:
                return int(done)
            self._crash("between_rounds")
        raise RuntimeError(f"{job.name} says of every round that more is left")

    def _round(self, job: Job, scheduled_for: dt.datetime, visit: str) -> bool | None:
        """Do one transaction's worth; return None when more is left, False when the tick is another clock's."""
        name = f"clock/{job.name}"[:60]
        with self._database.write() as connection:
            ours = lease.hold(connection, name, visit, self._now(), VISIT_SECONDS)
            if not ours:
                return False
            mine = not self._is_entered(connection, job.name, scheduled_for)
            if mine and job.run(self._context(connection, scheduled_for)):
                return None
            if mine:
                self._enter(connection, job.name, scheduled_for)
            lease.give_back(connection, name, visit)
            return mine

    def _context(self, connection: Connection, scheduled_for: dt.datetime) -> JobContext:
        book, now = self._book(), self._now()

        def compose(flow: str, language: str | None, values: Mapping[str, Json]) -> list[dict[str, Any]]:
            return notice(book, flow, language, values, now)

        return JobContext(connection, scheduled_for, now, self._outbox, book.town.town, compose, book, self._public_url)

    @staticmethod
    def _is_entered(connection: Connection, job: str, scheduled_for: dt.datetime) -> bool:
        entered = select(Tick.job).where(Tick.job == job, Tick.scheduled_for == scheduled_for)
        return connection.execute(entered).first() is not None

    def _enter(self, connection: Connection, job: str, scheduled_for: dt.datetime) -> bool:
        statement = insert_into(connection, Tick).on_conflict_do_nothing().returning(Tick.job)
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


def _stride(distance: dt.timedelta) -> int:
    """Return in stretches of how many hours a journey visits each job once: what ticks every minute is not visited each time."""
    return next((hours for least, hours in STRIDES if distance > least), 0)


def _end_of_stretch(tick: dt.datetime, hours: int) -> dt.datetime:
    local = tick.astimezone(TOKYO)
    begun = local.replace(hour=local.hour - local.hour % hours, minute=0, second=0, microsecond=0)
    return begun + dt.timedelta(hours=hours, microseconds=-1)
