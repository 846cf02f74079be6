"""Which stage of which due date leaves when."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from handlers.tax.dates import is_business_day, next_business_day
from handlers.tax.schedule import Phase, Stage, plan, read_schedule

USUAL = read_schedule({})
DUE_DATES = st.dates(dt.date(2020, 1, 1), dt.date(2040, 12, 31)).map(next_business_day)
SCHEDULES = st.builds(
    lambda before, after, within: read_schedule(
        {"tax_reminders": {"before": before, "after": after, "paid_list_within": within}}
    ),
    st.lists(st.integers(0, 90), max_size=5),
    st.lists(st.integers(1, 120), max_size=5),
    st.integers(1, 60),
)


def test_the_usual_year() -> None:
    found = {
        str(each.stage): (each.send_on, each.last_on, each.paid_until) for each in plan(USUAL, dt.date(2027, 5, 31))
    }
    day = dt.date.fromisoformat
    assert found == {
        "before.30": (day("2027-05-06"), day("2027-05-23"), None),  # 1 May is a Saturday, then come the holidays
        "before.7": (day("2027-05-24"), day("2027-05-30"), None),
        "before.0": (day("2027-05-31"), day("2027-05-31"), None),
        "after.10": (day("2027-06-10"), day("2027-06-24"), day("2027-05-31")),
        "after.40": (day("2027-07-12"), day("2027-07-26"), day("2027-06-28")),
    }


@given(SCHEDULES, DUE_DATES)
def test_nothing_before_the_due_date_leaves_after_it_and_nothing_after_it_before(
    schedule: Any, due_on: dt.date
) -> None:
    for each in plan(schedule, due_on):
        assert is_business_day(each.send_on)
        assert each.send_on <= each.last_on
        if each.stage.phase is Phase.BEFORE:
            assert each.last_on <= due_on
            assert each.paid_until is None
        else:
            assert each.send_on > due_on
            assert each.paid_until is not None
            assert each.paid_until >= due_on


@given(SCHEDULES, DUE_DATES)
def test_two_stages_are_never_open_on_one_day(schedule: Any, due_on: dt.date) -> None:
    found = plan(schedule, due_on)
    for one, following in itertools.pairwise(found):
        assert one.last_on < following.send_on


@given(st.sampled_from(Phase), st.integers(0, 400))
def test_a_stage_is_read_back_from_its_name(phase: Phase, days: int) -> None:
    assert Stage.named(str(Stage(phase, days))) == Stage(phase, days)


@pytest.mark.parametrize(
    "wrong",
    [
        {"before": "30"}, {"before": [-1]}, {"after": [0]}, {"after": [True]}, {"before": [400]}, {"paid_list_within": 0},
        {"paid_list_within": "14"}, ["before"],
    ],
)  # fmt: skip
def test_a_schedule_that_makes_no_sense_is_told(wrong: Any) -> None:
    with pytest.raises(ValueError, match=r"town\.yaml: tax_reminders"):
        read_schedule({"tax_reminders": wrong})
