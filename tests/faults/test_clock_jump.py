"""The machine's clock jumps: nothing stands still for as long as the jump was, nothing is done twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from bot import heartbeat, lease
from bot.clock import Clock
from bot.crypto import Vault
from bot.db import Database
from bot.delivery.outbox import LEASE, Outbox
from bot.jobs.local import LocalJobs
from bot.now import TOKYO, Now
from bot.service import Job, JobContext, Missed
from bot.simulator.client import Simulator
from tests.delivery.postoffice import SECRET, TOKEN, PostOffice
from tests.jobs.work import TASKS, VAULT, context, diary, make_diary
from tests.product import PATIENCE, wait_until
from tests.test_clock import FixedNow, empty_book

DAY = dt.timedelta(days=1)


@pytest.fixture(scope="module")
def line() -> Iterator[Simulator]:
    with Simulator.start(secret=SECRET, token=TOKEN) as simulator:
        yield simulator


@pytest.fixture
def office(database: Database, line: Simulator) -> Iterator[PostOffice]:
    office = PostOffice(database, line)
    yield office
    office.close()


@pytest.fixture
def visits() -> list[dt.datetime]:
    return []


@pytest.fixture
def clock(database: Database, visits: list[dt.datetime]) -> Iterator[Clock]:
    def run(context: JobContext) -> bool:
        visits.append(context.scheduled_for.astimezone(TOKYO))
        return False

    now = FixedNow(dt.datetime(2027, 4, 1, 9, 30, tzinfo=TOKYO))
    jobs = [Job("test.daily", {"hour": 10, "minute": 0}, run, Missed.EACH)]
    clock = Clock(database, Outbox(Vault([bytes(32)]), "a clock"), jobs, empty_book, now)
    clock._begin_ledger()
    yield clock
    clock.stop()


def jump(clock: Clock, by: dt.timedelta) -> None:
    clock._now.offset += by
    clock.visit_due()


def test_a_clock_that_went_back_visits_no_tick_twice(clock: Clock, visits: list[dt.datetime]) -> None:
    jump(clock, dt.timedelta(hours=1))
    jump(clock, -dt.timedelta(hours=2))
    jump(clock, dt.timedelta(hours=2))
    assert [visit.day for visit in visits] == [1]


def test_a_clock_that_was_years_ahead_for_a_moment_goes_on_with_the_next_day(
    clock: Clock, visits: list[dt.datetime]
) -> None:
    jump(clock, dt.timedelta(hours=1))
    jump(clock, 3 * 365 * DAY)
    ahead = len(visits)
    jump(clock, -3 * 365 * DAY)
    assert len(visits) == ahead
    jump(clock, DAY)
    assert (visits[-1].year, visits[-1].day) == (2027, 2)


@pytest.mark.parametrize("jump", [dt.timedelta(minutes=10), DAY, 400 * DAY])
def test_a_message_whose_sender_died_before_the_clock_went_back_is_sent_soon(
    office: PostOffice, jump: dt.timedelta
) -> None:
    hanako = office.line.resident("花子")
    office.now.offset += jump
    [dispatch] = office.post(hanako, office.letter(hanako, "訓練のお知らせ"))
    office.now.offset -= jump
    office.sender.hand_over(office.take(owner="another process"))
    assert office.recorded(dispatch.id).status == "sent"


def test_a_message_put_off_while_the_clock_was_ahead_is_tried_soon(office: PostOffice) -> None:
    hanako = office.line.resident("花子")
    office.line.fault("503", "push", times=None)
    id_ = office.push(hanako, "訓練のお知らせ")
    office.recorded(id_)
    office.later(DAY / 2)
    assert office.recorded(id_).due_at > office.now()
    office.now.offset -= DAY / 2
    office.line.clear_faults()
    office.sender.hand_over(office.take())
    assert office.recorded(id_).status == "sent"


@pytest.mark.parametrize("engine", ["sqlite"])
def test_a_job_deferred_while_the_clock_was_ahead_is_done_soon(database: Database) -> None:
    with database.write() as connection:
        make_diary(connection)
    now = Now()
    jobs = LocalJobs(database, VAULT, TASKS, now)
    now.offset += DAY
    with database.write() as connection:
        assert jobs.defer(connection, "test.write", {"who": "花子"})
    now.offset -= DAY
    jobs.start(context(database))
    wait_until(lambda: diary(database, "wrote") == ["花子"], PATIENCE, "the job")
    jobs.stop()


def test_a_lease_that_is_held_now_is_respected(office: PostOffice) -> None:
    hanako = office.line.resident("花子")
    office.post(hanako, office.letter(hanako, "訓練のお知らせ"))
    assert office.take(owner="another process") == []
    office.now.offset += LEASE + dt.timedelta(seconds=1)
    assert len(office.take(owner="another process")) == 1


@pytest.mark.parametrize("jump", [dt.timedelta(minutes=10), DAY])
def test_what_one_process_at_a_time_may_do_is_free_after_the_clock_went_back(
    database: Database, jump: dt.timedelta
) -> None:
    now = Now()
    with database.write() as connection:
        assert lease.hold(connection, "multicast", "one", now() + jump, 15)
        assert lease.hold(connection, "multicast", "two", now(), 15)
        assert not lease.hold(connection, "multicast", "one", now(), 15)


def test_a_process_that_was_seen_tomorrow_does_not_count_today(database: Database) -> None:
    now = Now()
    with database.write() as connection:
        heartbeat.beat(connection, "web", "one", now() + DAY)
        heartbeat.beat(connection, "web", "two", now())
        heartbeat.beat(connection, "web", "three", now())
        assert heartbeat.alive(connection, now()) == 2


def test_a_message_that_became_too_old_in_a_jump_is_kept_for_staff(office: PostOffice) -> None:
    hanako = office.line.resident("花子")
    stale_at = office.now() + dt.timedelta(hours=2)
    letter = office.letter(hanako, "もうすぐ始まります", stale_at=stale_at)
    with office.database.write() as connection:
        office.outbox.put(connection, [letter], office.now())
    office.later(3 * DAY)
    [row] = office.rows()
    assert row.status == "stale"
    assert hanako.answers() == []
