"""When vehicle taxes fall due and when their reminders go out."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.now import TOKYO
from handlers.tax.dates import DueDay, due_days, is_business_day, next_business_day, next_reminder

MAY = DueDay(5, 31)
MOMENTS = st.datetimes(dt.datetime(2020, 1, 1), dt.datetime(2040, 1, 1), timezones=st.just(TOKYO))  # noqa: DTZ001 - Hypothesis adds the zone


@pytest.mark.parametrize(
    ("year", "expected"),
    [
        (2020, dt.date(2020, 6, 1)),  # a Sunday
        (2025, dt.date(2025, 6, 2)),  # a Saturday
        (2026, dt.date(2026, 6, 1)),  # a Sunday
        (2027, dt.date(2027, 5, 31)),
    ],
)
def test_a_due_date_on_a_weekend_moves_to_the_next_business_day(year: int, expected: dt.date) -> None:
    assert MAY.in_year(year) == expected


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (dt.date(2026, 5, 3), dt.date(2026, 5, 7)),  # 憲法記念日 on a Sunday, made up for on the 6th
        (dt.date(2026, 12, 29), dt.date(2027, 1, 4)),
        (dt.date(2026, 9, 21), dt.date(2026, 9, 24)),  # 敬老の日, a day between holidays, 秋分の日
    ],
)
def test_holidays_and_the_turn_of_the_year_are_no_business_days(day: dt.date, expected: dt.date) -> None:
    assert next_business_day(day) == expected


@given(now=MOMENTS, days=st.integers(0, 90))
def test_the_next_reminder_is_the_first_one_still_to_come(now: dt.datetime, days: int) -> None:
    reminder = next_reminder(MAY, days, now)
    local = reminder.remind_at.astimezone(TOKYO)
    assert reminder.remind_at > now
    assert (local.hour, local.minute) == (10, 0)
    assert reminder.due_on - local.date() == dt.timedelta(days=days)
    assert is_business_day(reminder.due_on)
    before = next_reminder(MAY, days, reminder.remind_at - dt.timedelta(microseconds=1))
    assert before == reminder


def test_a_town_may_set_its_own_day() -> None:
    assert due_days({"vehicle_tax": {"car": {"month": 6, "day": 30}}})["car"].in_year(2027) == dt.date(2027, 6, 30)


@pytest.mark.parametrize(
    "given", [{}, {"vehicle_tax": {}}, {"vehicle_tax": {"car": {"month": 2, "day": 30}}}, {"vehicle_tax": {"car": 5}}]
)
def test_a_day_that_does_not_exist_is_refused_with_its_place(given: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"town\.yaml: vehicle_tax"):
        due_days(given)
