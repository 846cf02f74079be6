"""The clock's promises: each tick once, missed ones by the job's own rule, the demo's travel in order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import insert, select

from bot.clock import VISIT_SECONDS, Clock
from bot.crypto import Vault
from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.flow.book import Book
from bot.flow.load import load_texts
from bot.models import Alert, Heartbeat, Tick
from bot.now import TOKYO, Now
from bot.service import Job, JobContext, Missed

START = dt.datetime(2027, 4, 1, 9, 30, tzinfo=TOKYO)


class FixedNow(Now):
    """A clock that stands still until it is moved."""

    def __init__(self, at: dt.datetime) -> None:
        super().__init__()
        self.at = at

    def __call__(self) -> dt.datetime:
        return (self.at + self.offset).astimezone(dt.UTC)


class Visits:
    """A job that notes when it was visited."""

    def __init__(self, missed: Missed = Missed.LATEST, more: int = 0) -> None:
        self.seen: list[dt.datetime] = []
        self.more = more
        self.job = Job("test.visits", {"hour": 10, "minute": 0}, self.run, missed)

    def run(self, context: JobContext) -> bool:
        self.seen.append(context.scheduled_for.astimezone(TOKYO))
        self.more -= 1
        return self.more >= 0


def empty_book() -> Book:
    return load_texts({}).book


MakeClock = Callable[..., Clock]


@pytest.fixture
def now() -> FixedNow:
    return FixedNow(START)


@pytest.fixture
def make_clock(database: Database, now: FixedNow) -> MakeClock:
    def make(*visits: Visits | Failing) -> Clock:
        return Clock(database, Outbox(Vault([bytes(32)]), "test"), [one.job for one in visits], empty_book, now)

    return make


def day(number: int) -> dt.datetime:
    return dt.datetime(2027, 4, number, 10, 0, tzinfo=TOKYO)


def test_a_job_never_seen_before_begins_with_its_next_tick(make_clock: MakeClock, now: FixedNow) -> None:
    visits = Visits()
    clock = make_clock(visits)
    clock.travel(START + dt.timedelta(minutes=29), lambda: None)
    assert visits.seen == []
    clock.travel(START + dt.timedelta(minutes=31), lambda: None)
    assert visits.seen == [day(1)]


def test_a_tick_is_visited_once_however_often_the_clock_wakes(make_clock: MakeClock, now: FixedNow) -> None:
    visits = Visits()
    clock = make_clock(visits)
    clock.travel(START, lambda: None)
    now.at = day(1) + dt.timedelta(seconds=5)
    assert [clock.visit_due(), clock.visit_due()] == [1, 0]
    assert visits.seen == [day(1)]


@pytest.mark.parametrize(
    ("missed", "expected"),
    [(Missed.LATEST, [day(4)]), (Missed.EACH, [day(1), day(2), day(3), day(4)]), (Missed.SKIP, [])],
)
def test_missed_ticks_follow_the_jobs_own_rule(
    make_clock: MakeClock, now: FixedNow, missed: Missed, expected: list[dt.datetime]
) -> None:
    visits = Visits(missed)
    clock = make_clock(visits)
    clock.travel(START, lambda: None)
    now.at = day(4) + dt.timedelta(hours=5)
    clock.visit_due()
    assert visits.seen == expected


def test_a_tick_just_gone_is_visited_even_by_a_job_that_skips(make_clock: MakeClock, now: FixedNow) -> None:
    visits = Visits(Missed.SKIP)
    clock = make_clock(visits)
    clock.travel(START, lambda: None)
    now.at = day(2) + dt.timedelta(minutes=5)
    clock.visit_due()
    assert visits.seen == [day(2)]


def test_two_clocks_visit_a_tick_once(make_clock: MakeClock, now: FixedNow) -> None:
    visits = Visits()
    clocks = [make_clock(visits) for _ in range(4)]
    clocks[0].travel(START, lambda: None)
    now.at = day(1) + dt.timedelta(seconds=1)
    with ThreadPoolExecutor(4) as pool:
        visited = sum(pool.map(lambda clock: clock.visit_due(), clocks))
    assert visited == 1
    assert visits.seen == [day(1)]


def test_work_that_does_not_fit_one_transaction_goes_on_in_the_next(make_clock: MakeClock, now: FixedNow) -> None:
    visits = Visits(more=3)
    clock = make_clock(visits)
    clock.travel(day(1), lambda: None)
    assert visits.seen == [day(1)] * 4


def test_a_tick_whose_work_failed_is_visited_again(make_clock: MakeClock, database: Database, now: FixedNow) -> None:
    visits = Visits()
    failing = Job("test.failing", {"hour": 10, "minute": 0}, lambda _context: 1 // 0 > 0)
    clock = make_clock(visits)
    broken = Clock(database, Outbox(Vault([bytes(32)]), "test"), [failing], empty_book, now)
    clock.travel(START, lambda: None)
    broken.travel(START, lambda: None)
    now.at = day(1) + dt.timedelta(seconds=1)
    assert broken.visit_due() == 0
    with database.read() as connection:
        ticks = connection.execute(select(Tick.scheduled_for).where(Tick.job == "test.failing")).scalars().all()
    assert day(1).astimezone(dt.UTC) not in ticks


class Failing:
    """A job that fails until it is mended."""

    def __init__(self, hour: int = 10) -> None:
        self.seen: list[dt.datetime] = []
        self.broken = True
        self.job = Job("test.failing", {"hour": hour, "minute": 0}, self.run, Missed.EACH)

    def run(self, context: JobContext) -> bool:
        if self.broken:
            raise ZeroDivisionError
        self.seen.append(context.scheduled_for.astimezone(TOKYO))
        return False


def alerts(database: Database) -> list[tuple[str, bool]]:
    with database.read() as connection:
        rows = connection.execute(select(Alert.about, Alert.settled_at).where(Alert.kind == "platform.clock"))
        return [(row.about, row.settled_at is not None) for row in rows]


def test_a_job_that_fails_holds_up_no_other_and_loses_no_tick(
    make_clock: MakeClock, database: Database, now: FixedNow
) -> None:
    visits, failing = Visits(Missed.EACH), Failing(hour=9)
    clock = make_clock(visits, failing)
    clock.travel(START, lambda: None)
    now.at = day(3) + dt.timedelta(seconds=1)
    assert clock.visit_due() == 3
    assert visits.seen == [day(1), day(2), day(3)]
    failing.broken = False
    clock.visit_due()
    assert failing.seen == [day(2) - dt.timedelta(hours=1), day(3) - dt.timedelta(hours=1)]


def test_staff_are_told_of_a_job_that_keeps_failing_and_no_more_once_it_works(
    make_clock: MakeClock, database: Database, now: FixedNow
) -> None:
    failing = Failing()
    clock = make_clock(failing)
    clock.travel(START, lambda: None)
    now.at = day(1) + dt.timedelta(seconds=1)
    clock.visit_due()
    assert alerts(database) == [], "once may be a deadlock"
    for _ in range(2):
        now.at += dt.timedelta(minutes=4)
        clock.visit_due()
    assert alerts(database) == [("test.failing", False)]
    failing.broken = False
    clock.visit_due()
    assert alerts(database) == [("test.failing", True)]


def test_what_another_clock_has_done_meanwhile_is_no_fault_any_more(
    make_clock: MakeClock, database: Database, now: FixedNow
) -> None:
    failing = Failing()
    one, other = make_clock(failing), make_clock(failing)
    one.travel(START, lambda: None)
    for minutes in (1, 5):
        now.at = day(1) + dt.timedelta(minutes=minutes)
        one.visit_due()
    assert alerts(database) == [("test.failing", False)]
    failing.broken = False
    assert (other.visit_due(), one.visit_due()) == (1, 0)
    assert alerts(database) == [("test.failing", True)]


def test_work_that_a_dying_clock_left_half_done_goes_on_with_the_next_clock(
    make_clock: MakeClock, database: Database, now: FixedNow
) -> None:
    visits = Visits(more=3)
    dying, successor = make_clock(visits), make_clock(visits)
    dying.travel(START, lambda: None)
    now.at = day(1) + dt.timedelta(seconds=1)
    assert dying._round(visits.job, day(1), "a visit") is None
    assert successor.visit_due() == 0, "it may still be at it"
    now.at += dt.timedelta(seconds=VISIT_SECONDS + 1)
    assert successor.visit_due() == 1
    assert visits.seen == [day(1)] * 4
    assert dying._round(visits.job, day(1), "a visit") is False, "it was not dead, only slow"


def test_travelling_visits_every_tick_in_order_at_its_own_time(make_clock: MakeClock, now: FixedNow) -> None:
    visits, times = Visits(), []
    clock = make_clock(visits)
    clock.travel(START + dt.timedelta(days=40), lambda: times.append(now().astimezone(TOKYO)))
    assert visits.seen == [day(1) + dt.timedelta(days=number) for number in range(40)]
    assert times == visits.seen
    assert now() == START + dt.timedelta(days=40)


def test_the_clock_shows_that_it_lives(make_clock: MakeClock, database: Database, now: FixedNow) -> None:
    make_clock().visit_due()
    with database.read() as connection:
        assert connection.execute(select(Heartbeat.seen_at).where(Heartbeat.process == "clock")).scalar_one() == START


def test_a_long_outage_is_not_looked_back_on_forever(make_clock: MakeClock, database: Database, now: FixedNow) -> None:
    visits = Visits(Missed.EACH)
    with database.write() as connection:
        old = START - dt.timedelta(days=100)
        connection.execute(insert(Tick).values(job="test.visits", scheduled_for=old, visited_at=old))
    make_clock(visits).visit_due()
    assert len(visits.seen) == 14
