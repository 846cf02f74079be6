"""Campaigns come back on the days an office means, at the same time of day, and not on excluded ones."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.campaigns import repeat
from bot.campaigns.repeat import Every, Excluded, Repeat, RepeatWrong
from bot.now import TOKYO

NINE = dt.datetime(2027, 4, 1, 9, 0, tzinfo=TOKYO)


def days(rule: Repeat, number: int, excluded: Excluded | None = None, after: dt.datetime = NINE) -> list[str]:
    found = repeat.times(rule, excluded or Excluded(), NINE, after)
    return [moment.astimezone(TOKYO).strftime("%m-%d") for _, moment in zip(range(number), found, strict=False)]


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        (Repeat(Every.DAY), ["04-02", "04-03", "04-04"]),
        (Repeat(Every.WEEK, weekdays=(0, 3)), ["04-05", "04-08", "04-12"]),
        (Repeat(Every.MONTH, day=1), ["05-01", "06-01", "07-01"]),
        (Repeat(Every.MONTH, day=31), ["04-30", "05-31", "06-30"]),
        (Repeat(Every.MONTH_END), ["04-30", "05-31", "06-30"]),
        (Repeat(Every.NTH_WEEKDAY, weekdays=(1,), nth=2), ["04-13", "05-11", "06-08"]),
        (Repeat(Every.NTH_WEEKDAY, weekdays=(5,), nth=5), ["05-29", "07-31", "10-30"]),
    ],
)
def test_the_next_days_are_those_the_rule_says(rule: Repeat, expected: list[str]) -> None:
    assert days(rule, 3) == expected


def test_holidays_weekends_and_single_days_are_left_out() -> None:
    golden_week = dt.datetime(2027, 4, 28, 9, 0, tzinfo=TOKYO)
    excluded = Excluded(holidays=True, weekends=True, days=(dt.date(2027, 5, 6),))
    # 29 April and 3 to 5 May are holidays, 1 and 2 May a weekend.
    assert days(Repeat(Every.DAY), 2, excluded, golden_week) == ["04-30", "05-07"]


def test_it_ends_with_its_last_day() -> None:
    assert days(Repeat(Every.DAY, until=dt.date(2027, 4, 3)), 9) == ["04-02", "04-03"]
    assert repeat.following(Repeat(Every.DAY, until=dt.date(2027, 3, 1)), Excluded(), NINE, NINE) is None
    assert repeat.following(None, Excluded(), NINE, NINE) is None


def test_it_comes_at_the_same_time_of_day_by_the_towns_clock() -> None:
    moment = repeat.following(Repeat(Every.DAY), Excluded(), NINE, NINE)
    assert moment is not None
    assert (moment.tzinfo, moment.astimezone(TOKYO).time()) == (dt.UTC, dt.time(9))


@pytest.mark.parametrize(
    "incomplete",
    [{"every": Every.WEEK}, {"every": Every.MONTH}, {"every": Every.NTH_WEEKDAY, "weekdays": (1,)}],
)
def test_a_rule_that_says_no_day_is_refused(incomplete: dict[str, object]) -> None:
    with pytest.raises(RepeatWrong, match="not complete"):
        Repeat(**incomplete)  # type: ignore[arg-type]  # what a form may hand over


@pytest.mark.parametrize("every", Every)
def test_a_rule_survives_being_stored(every: Every) -> None:
    rule = Repeat(every, (1,), 15, 2, dt.date(2028, 1, 1))
    assert repeat.read(repeat.write(rule)) == rule
    excluded = Excluded(holidays=True, days=(dt.date(2027, 8, 13),))
    assert repeat.read_excluded(repeat.write_excluded(excluded)) == excluded


def test_the_rule_is_said_in_the_words_of_an_office() -> None:
    assert repeat.said(Repeat(Every.NTH_WEEKDAY, weekdays=(1,), nth=2), "ja") == "毎月第2火曜日"
    assert repeat.said(Repeat(Every.WEEK, weekdays=(0, 3)), "en") == "every Monday, Thursday"
