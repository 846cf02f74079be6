"""Opening hours in conditions, and what a refused consent leaves behind: nothing."""

from __future__ import annotations

import pytest

from bot.flow.filters import clock, workday
from bot.flow.talk import Consented
from tests.flow.talking import Resident, book


@pytest.mark.parametrize(
    ("day", "open_"),
    [
        ("2026-04-01", True),
        ("2026-04-04", False),
        ("2026-04-05", False),
        ("2026-04-29", False),
        ("2026-05-06", False),
        ("2026-12-28", True),
        ("2026-12-29", False),
        ("2027-01-03", False),
        ("2027-01-04", True),
        ("soon", False),
        (None, False),
    ],
)
def test_offices_are_open_on_workdays(day: str | None, open_: bool) -> None:
    assert workday(day) is open_


def test_the_time_of_day_can_be_compared() -> None:
    assert clock("2026-04-01T08:05+09:00") == "08:05"
    assert clock("2026-04-01") == clock("noon") == clock(None) == ""


def test_who_refuses_the_consent_files_nothing() -> None:
    flow = """
flow: worries
title: 窓口
retain_answers: 30 days
steps:
  - consent: worries
    version: "1"
    text: 記録してよいですか。
  - ask: what
    text: どうしましたか。
"""
    person = Resident(book(flow))
    person.begin("worries")
    person.press("同意しない")
    assert [type(effect) for effect in person.effects] == [Consented]
