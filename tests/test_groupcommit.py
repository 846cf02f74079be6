"""Group commit: what comes together is stored together, what is bad fails alone, and nothing waits for a held row."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.db import Database, is_conflict, is_unavailable
from bot.groupcommit import Apply, GroupCommit, HeldElsewhere, Later
from bot.pending import Pending

SECONDS = 60.0
SHORT = 0.3
"""The patience of commits that are to give up."""


class Ledger:
    """A table of numbers and the transactions that wrote it, in order."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.batches: list[list[int]] = []
        with database.write() as connection:
            connection.execute(text("CREATE TABLE ledger (number INTEGER PRIMARY KEY)"))

    def enter(self, connection: Connection, numbers: Sequence[int]) -> list[str]:
        """Enter numbers; a negative one is refused by our code, one entered before by the database."""
        self.batches.append(list(numbers))
        for number in numbers:
            if number < 0:
                raise ValueError("negative")
            connection.execute(text("INSERT INTO ledger VALUES (:number)"), {"number": number})
        return [f"entered {number}" for number in numbers]

    @property
    def numbers(self) -> set[int]:
        with self.database.read() as connection:
            return set(connection.execute(text("SELECT number FROM ledger")).scalars())


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture
def commits(database: Database) -> Iterator[GroupCommit]:
    commits = GroupCommit(database, patience=SECONDS)
    yield commits
    commits.close()


@pytest.fixture
def hasty(database: Database) -> Iterator[GroupCommit]:
    """Commits that soon give up what they wait for."""
    commits = GroupCommit(database, patience=SHORT)
    yield commits
    commits.close()


class Gate:
    """Work that keeps the first transaction open until everything else has been queued."""

    def __init__(self, commits: GroupCommit) -> None:
        self._inside, self._go = threading.Event(), threading.Event()
        self._done = commits.submit(self._wait, None)
        assert self._inside.wait(SECONDS)

    def _wait(self, _connection: Connection, works: Sequence[None]) -> list[None]:
        self._inside.set()
        assert self._go.wait(SECONDS)
        return [None for _ in works]

    def open(self) -> None:
        self._go.set()
        self._done.result(SECONDS)


def results(futures: Sequence[Pending]) -> list[Any]:
    return [future.exception(SECONDS) or future.result() for future in futures]


def test_what_arrives_during_a_transaction_shares_the_next_one(commits: GroupCommit, ledger: Ledger) -> None:
    gate = Gate(commits)
    futures = [commits.submit(ledger.enter, number) for number in range(50)]
    gate.open()
    assert results(futures) == [f"entered {number}" for number in range(50)]
    assert ledger.batches == [list(range(50))]


def test_a_large_crowd_is_taken_in_several_transactions_in_order(database: Database, ledger: Ledger) -> None:
    commits = GroupCommit(database, patience=SECONDS, batch=20)
    gate = Gate(commits)
    futures = [commits.submit(ledger.enter, number) for number in range(50)]
    gate.open()
    results(futures)
    commits.close()
    assert ledger.batches == [list(range(20)), list(range(20, 40)), list(range(40, 50))]


@pytest.mark.parametrize("bad", [-1, 3], ids=["our own fault", "the database's refusal"])
def test_one_bad_item_fails_alone(commits: GroupCommit, ledger: Ledger, bad: int) -> None:
    gate = Gate(commits)
    futures = [commits.submit(ledger.enter, number) for number in (1, 2, 3, bad, 4)]
    gate.open()
    outcomes = results(futures)
    assert [isinstance(outcome, Exception) for outcome in outcomes] == [False, False, False, True, False]
    assert ledger.numbers == {1, 2, 3, 4}


class Collision:
    """Work that meets other transactions `times` times, as the database says it, before it is entered in the ledger."""

    def __init__(self, ledger: Ledger, sqlstate: str, times: int) -> None:
        self._ledger, self._sqlstate, self._left = ledger, sqlstate, times

    def enter(self, connection: Connection, numbers: Sequence[int]) -> list[str]:
        entered = self._ledger.enter(connection, numbers)
        if self._left:
            self._left -= 1
            connection.exec_driver_sql(f"DO $$ BEGIN RAISE SQLSTATE '{self._sqlstate}'; END $$")
        return entered


@pytest.fixture
def on_postgres(database: Database) -> None:
    """Leave SQLite out: it has one writer, whom nobody meets."""
    if database.on_sqlite:
        pytest.skip("SQLite has no deadlocks")


@pytest.mark.usefixtures("on_postgres")
@pytest.mark.parametrize("sqlstate", ["40P01", "40001"], ids=["deadlock", "serialization failure"])
def test_work_that_met_another_transaction_is_done_once_more(
    commits: GroupCommit, ledger: Ledger, sqlstate: str
) -> None:
    future = commits.submit(Collision(ledger, sqlstate, times=1).enter, 1)
    assert future.result(SECONDS) == "entered 1"
    assert ledger.batches == [[1], [1]]


@pytest.mark.usefixtures("on_postgres")
def test_work_that_meets_others_again_is_given_back_undone(commits: GroupCommit, ledger: Ledger) -> None:
    error = commits.submit(Collision(ledger, "40P01", times=2).enter, 1).exception(SECONDS)
    assert error is not None
    assert is_conflict(error), "told apart from our own fault, so that LINE delivers it again"
    assert ledger.numbers == set()


def test_work_taken_back_before_its_turn_is_not_done(commits: GroupCommit, ledger: Ledger) -> None:
    gate = Gate(commits)
    kept, given_up = commits.submit(ledger.enter, 1), commits.submit(ledger.enter, 2)
    assert given_up.cancel()
    gate.open()
    results([kept])
    assert ledger.numbers == {1}


def test_what_follows_a_commit_is_done_even_when_the_caller_gave_up(commits: GroupCommit, ledger: Ledger) -> None:
    inside, go, told = threading.Event(), threading.Event(), threading.Event()

    def slow(connection: Connection, numbers: Sequence[int]) -> list[str]:
        inside.set()
        assert go.wait(SECONDS)
        return ledger.enter(connection, numbers)

    future = commits.submit(slow, 1, lambda _result: told.set())
    assert inside.wait(SECONDS)
    future.cancel()
    go.set()
    assert told.wait(SECONDS), "a reply whose turn is stored must be sent"
    assert ledger.numbers == {1}


def test_nothing_follows_what_was_not_committed(commits: GroupCommit, ledger: Ledger) -> None:
    told: list[Any] = []
    future = commits.submit(ledger.enter, -1, told.append)
    assert isinstance(future.exception(SECONDS), ValueError)
    assert told == []


def test_without_a_database_all_fail_at_once_and_the_next_work_finds_it_again(
    database: Database, hasty: GroupCommit, ledger: Ledger
) -> None:
    with database.write() as holder:
        holder.execute(text("DELETE FROM ledger") if database.on_sqlite else text("LOCK TABLE ledger"))
        futures = [hasty.submit(ledger.enter, number) for number in (1, 2, 3)]
        assert all(is_unavailable(error) for error in results(futures))
    assert ledger.numbers == set()
    assert hasty.submit(ledger.enter, 1).result(SECONDS) == "entered 1"


def held_until(free: Callable[[], bool], ledger: Ledger) -> Apply:
    """Return an `Apply` that leaves even numbers for later until `free` says that nobody holds them."""

    def apply(connection: Connection, numbers: Sequence[int]) -> list[str | Later]:
        now = [number for number in numbers if number % 2 or free()]
        ledger.enter(connection, now)
        return [f"entered {number}" if number in now else Later.LATER for number in numbers]

    return apply


def test_work_on_a_held_row_waits_and_holds_nobody_up(commits: GroupCommit, ledger: Ledger) -> None:
    free = threading.Event()
    apply = held_until(free.is_set, ledger)
    held = commits.submit(apply, 2)
    others = [commits.submit(apply, number) for number in (1, 3, 5)]
    assert results(others) == ["entered 1", "entered 3", "entered 5"]
    assert not held.done()
    free.set()
    assert held.result(SECONDS) == "entered 2"


def test_work_on_a_row_held_too_long_is_given_up_and_nothing_of_it_done(hasty: GroupCommit, ledger: Ledger) -> None:
    held = hasty.submit(held_until(lambda: False, ledger), 2)
    assert isinstance(held.exception(SECONDS), HeldElsewhere)
    assert ledger.numbers == set()


def test_closing_finishes_what_waits_and_takes_no_more(database: Database, ledger: Ledger) -> None:
    commits = GroupCommit(database, patience=SECONDS)
    gate = Gate(commits)
    futures = [commits.submit(ledger.enter, number) for number in range(5)]
    gate.open()
    commits.close()
    assert all(future.done() for future in futures)
    with pytest.raises(RuntimeError, match="stopping"):
        commits.submit(ledger.enter, 9)
