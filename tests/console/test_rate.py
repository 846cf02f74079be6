"""How often the console answers: as often as people ask, and no script for long."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.console import rate
from bot.console.access import Role
from bot.console.rate import Rate, Rates
from bot.now import Now
from tests.console.client import START, Hall, Seen, faults

SLOW = Rate(at_once=3, a_second=0.5)
HANAKO, JIRO = ("session", 1), ("session", 2)


def test_a_burst_is_answered_and_then_as_many_as_come_back() -> None:
    rates = Rates()
    assert [rates.take(HANAKO, SLOW, 100.0) for _ in range(5)] == [0, 0, 0, 2, 2]
    assert [rates.take(HANAKO, SLOW, 102.0) for _ in range(2)] == [0, 2]
    assert [rates.take(HANAKO, SLOW, 1000.0) for _ in range(4)] == [0, 0, 0, 2]


def test_nobody_pays_for_somebody_else() -> None:
    rates = Rates()
    assert [rates.take(HANAKO, SLOW, 100.0) for _ in range(4)] == [0, 0, 0, 2]
    assert rates.take(JIRO, SLOW, 100.0) == 0


def test_a_clock_set_back_locks_nobody_out() -> None:
    rates = Rates()
    assert [rates.take(HANAKO, SLOW, 100.0) for _ in range(4)] == [0, 0, 0, 2]
    assert rates.take(HANAKO, SLOW, 50.0) == 2
    assert rates.take(HANAKO, SLOW, 52.0) == 0


def test_no_more_are_remembered_than_fit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rate, "MOST", 2)
    rates = Rates()
    one = Rate(at_once=1, a_second=0.001)
    assert [rates.take(("address", name), one, 1.0) for name in "aabc"] == [0, 1000, 0, 0]
    assert [rates.take(("address", name), one, 1.0) for name in "cba"] == [1000, 1000, 0]


class Still(Now):
    """A clock that stands, so that nothing comes back while a slow machine asks."""

    def __init__(self) -> None:
        super().__init__()
        self._now = dt.datetime.now(dt.UTC)

    def __call__(self) -> dt.datetime:
        return self._now

    def timestamp(self) -> float:
        return self._now.timestamp()


@pytest.fixture
def still(hall: Hall, monkeypatch: pytest.MonkeyPatch) -> Hall:
    monkeypatch.setattr(hall.console.extensions["console"], "wall", Still())
    return hall


def test_a_script_before_the_door_is_told_to_wait_and_its_neighbours_are_not(still: Hall) -> None:
    client = still.stranger()

    def ask(address: str) -> int:
        return client.get(f"{START}/sign-in", environ_base={"REMOTE_ADDR": address}).status_code

    found = [ask("198.51.100.1") for _ in range(rate.STRANGERS.at_once + 1)]
    assert (set(found[:-1]), found[-1]) == ({200}, 429)
    assert ask("198.51.100.2") == 200


def test_who_is_signed_in_is_told_in_words_and_others_go_on(still: Hall) -> None:
    clerk = still.sign_in(Role.OFFICER)
    answers = [clerk.client.get(f"{START}/account/") for _ in range(rate.SIGNED_IN.at_once + 1)]
    assert [one.status_code for one in answers[-2:]] == [200, 429]
    page = Seen("/account/", answers[-1])
    assert "しばらくお待ちください" in page
    assert page.headers["Retry-After"] == "1"
    assert faults(page) == []
    still.sign_in(Role.OFFICER).get("/account/")
