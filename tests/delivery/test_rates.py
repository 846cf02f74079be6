"""LINE's rate limits are kept before LINE has to remind us, shared by those who live, and a reminder slows everybody down."""

from __future__ import annotations

import datetime as dt
import threading
import time
import uuid
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import heartbeat, lease
from bot.db import Database
from bot.delivery.rates import BURST_SECONDS, FIRST_PAUSE, PER_SECOND, Rates, share

NOW = dt.datetime(2027, 5, 1, 3, tzinfo=dt.UTC)


class Watch:
    """A clock that stands still until it is moved."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def calls_in(rates: Rates, watch: Watch, endpoint: str, seconds: float, step: float = 0.001) -> int:
    """Make as many calls as are allowed for a while."""
    made, end = 0, watch.seconds + seconds
    while watch.seconds < end:
        while rates.take("main", endpoint, 0.0) == 0.0:
            made += 1
        watch.seconds += step
    return made


@pytest.mark.parametrize("endpoint", PER_SECOND)
def test_an_endpoint_is_called_as_often_as_line_allows_and_no_oftener(endpoint: str) -> None:
    watch = Watch()
    made = calls_in(Rates(monotonic=watch), watch, endpoint, 10)
    assert PER_SECOND[endpoint] * 10 * 0.99 <= made <= PER_SECOND[endpoint] * (10 + BURST_SECONDS)


def test_live_senders_share_replies_and_pushes_but_not_multicast() -> None:
    watch = Watch()
    shared = Rates(lambda endpoint: share(endpoint, "web", {"web": 4}), watch)
    assert calls_in(shared, watch, "push", 10) <= PER_SECOND["push"] / 4 * (10 + BURST_SECONDS)
    assert calls_in(shared, watch, "multicast", 10) >= PER_SECOND["multicast"] * 10 * 0.99


@given(
    web=st.integers(0, 6),
    worker=st.integers(0, 6),
    clock=st.integers(0, 2),
    endpoint=st.sampled_from(["reply", "push"]),
)
def test_however_an_installation_is_made_up_its_processes_have_the_whole_rate_together(
    web: int, worker: int, clock: int, endpoint: str
) -> None:
    at_work = {"web": web, "worker": worker, "clock": clock}
    total = sum(number * share(endpoint, kind, at_work) for kind, number in at_work.items())
    assert total == pytest.approx(1.0 if any(at_work.values()) else 0.0)


def test_who_mostly_calls_an_endpoint_has_most_of_it() -> None:
    at_work = {"web": 2, "worker": 1, "clock": 1}
    assert share("reply", "web", at_work) == pytest.approx(0.475)
    assert share("push", "worker", at_work) == pytest.approx(0.75)
    assert share("multicast", "worker", at_work) == 1.0


def test_one_channel_and_one_endpoint_do_not_use_up_anothers_calls() -> None:
    watch = Watch()
    rates = Rates(monotonic=watch)
    while rates.take("main", "push", 0.0) == 0.0:
        pass
    assert rates.take("main", "reply", 0.0) == 0.0
    assert rates.take("counsel", "push", 0.0) == 0.0


def test_a_429_stops_everybody_for_a_moment_and_halves_the_pace() -> None:
    watch = Watch()
    rates = Rates(monotonic=watch)
    calls_in(rates, watch, "push", 1)
    rates.slow("main", "push")
    assert rates.take("main", "push", 0.1) is None
    assert calls_in(rates, watch, "push", 1) < PER_SECOND["push"] / 2
    watch.seconds += 30
    assert calls_in(rates, watch, "push", 1) >= PER_SECOND["push"] * 0.99


def test_several_workers_who_meet_the_same_429_slow_down_once() -> None:
    watch = Watch()
    once, often = Rates(monotonic=watch), Rates(monotonic=watch)
    once.slow("main", "push")
    for _ in range(10):
        often.slow("main", "push")
    assert once.take("main", "push", 60) == often.take("main", "push", 60)


def test_429_after_429_means_longer_pauses_up_to_a_bound() -> None:
    watch = Watch()
    rates = Rates(monotonic=watch)
    pauses = []
    for _ in range(8):
        rates.slow("main", "push")
        pause = rates.take("main", "push", 60)
        assert pause
        pauses.append(pause)
        watch.seconds += pause + 0.01
    assert pauses == sorted(pauses)
    assert pauses[-1] <= 8


def test_those_who_wait_are_promised_moments_one_after_another_as_far_apart_as_the_rate_wants() -> None:
    watch = Watch()
    rates = Rates(monotonic=watch)
    calls_in(rates, watch, "multicast", 1)
    while rates.take("main", "multicast", 0.0) == 0.0:
        pass
    promised = [rates.take("main", "multicast", 0.5) for _ in range(200)]
    moments = [seconds for seconds in promised if seconds is not None]
    assert len(moments) in {100, 101}
    assert [later - sooner for sooner, later in pairwise(moments)] == pytest.approx([0.005] * (len(moments) - 1))
    assert promised[len(moments) :] == [None] * (200 - len(moments))
    watch.seconds += 1
    assert rates.take("main", "multicast", 0.0) == 0.0, "who was refused has used nothing up"


def test_who_waits_when_a_429_comes_waits_for_the_end_of_the_pause() -> None:
    rates = Rates(lambda _endpoint: 0.01)
    while rates.take("main", "multicast", 0.0) == 0.0:
        pass
    gone_on: list[float] = []

    def waiting() -> None:
        if rates.wait("main", "multicast", 30):
            gone_on.append(time.monotonic())

    threads = [threading.Thread(target=waiting) for _ in range(2)]
    for thread in threads:
        thread.start()
    time.sleep(0.1)
    slowed_at = time.monotonic()
    rates.slow("main", "multicast")
    for thread in threads:
        thread.join(30)
    assert len(gone_on) == 2
    assert min(gone_on) >= slowed_at + FIRST_PAUSE - 0.01
    assert max(gone_on) - min(gone_on) >= 0.7, "at little more than half the pace of two a second"


@given(st.lists(st.sampled_from(["call", "429", "wait"]), max_size=60))
def test_nobody_is_told_to_wait_for_ever(happenings: list[str]) -> None:
    watch = Watch()
    rates = Rates(monotonic=watch)
    for happening in happenings:
        if happening == "429":
            rates.slow("main", "multicast")
        elif happening == "wait":
            watch.seconds += 0.4
        else:
            seconds = rates.take("main", "multicast", 3600)
            assert seconds is not None
            assert seconds <= 10


def test_processes_count_as_senders_while_they_show_themselves(database: Database) -> None:
    one, two = uuid.uuid4().hex, uuid.uuid4().hex
    with database.write() as connection:
        assert heartbeat.alive(connection, NOW) == 1
        heartbeat.beat(connection, "web", one, NOW)
        heartbeat.beat(connection, "clock", one, NOW)
        heartbeat.beat(connection, "worker", two, NOW)
        assert heartbeat.alive(connection, NOW) == 2
        assert heartbeat.at_work(connection, NOW) == {"web": 1, "clock": 1, "worker": 1}
        heartbeat.beat(connection, "web", one, NOW + dt.timedelta(minutes=2))
        assert heartbeat.alive(connection, NOW + dt.timedelta(minutes=2)) == 1


def test_a_process_that_says_good_bye_leaves_its_share_at_once_and_is_remembered(database: Database) -> None:
    with database.write() as connection:
        heartbeat.beat(connection, "web", "one", NOW)
        heartbeat.beat(connection, "worker", "two", NOW)
        heartbeat.leave(connection, "two", NOW)
        assert heartbeat.alive(connection, NOW) == 1
        assert set(heartbeat.last_seen(connection)) == {"web", "worker"}


def test_a_lease_has_one_holder_until_it_ends_or_is_given_back(database: Database) -> None:
    later = NOW + dt.timedelta(seconds=11)
    with database.write() as connection:
        assert lease.hold(connection, "multicast", "one", NOW, 10)
        assert not lease.hold(connection, "multicast", "two", NOW, 10)
        assert lease.hold(connection, "multicast", "one", NOW, 10)
        assert lease.hold(connection, "multicast", "two", later, 10)
        assert not lease.hold(connection, "multicast", "one", later, 10)
        lease.give_back(connection, "multicast", "one")
        assert not lease.hold(connection, "multicast", "one", later, 10)
        lease.give_back(connection, "multicast", "two")
        assert lease.hold(connection, "multicast", "one", later, 10)
