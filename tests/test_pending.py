"""A future for one waiter: settled once, taken back before its time, waited for no longer than said."""

from __future__ import annotations

import threading

import pytest

from bot.pending import Pending, TakenBack


def test_who_waits_is_woken_by_the_result() -> None:
    pending = Pending()
    threading.Timer(0.05, pending.set_result, (7,)).start()
    assert pending.result(60) == 7
    assert pending.done()


def test_what_went_wrong_is_told_and_raised() -> None:
    pending = Pending()
    pending.set_exception(ValueError("no"))
    assert isinstance(pending.exception(), ValueError)
    with pytest.raises(ValueError, match="no"):
        pending.result()


def test_it_is_settled_once() -> None:
    pending = Pending()
    pending.set_result(1)
    pending.set_result(2)
    pending.set_exception(ValueError())
    assert pending.result() == 1
    assert not pending.cancel(), "too late"


def test_what_was_taken_back_stays_so() -> None:
    pending = Pending()
    assert pending.cancel()
    pending.set_result(1)
    assert pending.cancelled()
    assert isinstance(pending.exception(), TakenBack)


def test_a_wait_ends_when_its_time_is_over() -> None:
    pending = Pending()
    assert not pending.wait(0.01)
    with pytest.raises(TimeoutError, match="not settled"):
        pending.exception(0.01)
    pending.set_result(None)
    assert pending.wait(0)
