"""When a campaign is sent again: rules as an office says them (毎月第2火曜日), by the town's wall clock, without excluded days."""

from __future__ import annotations

import calendar
import datetime as dt
import importlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.now import TOKYO
from bot.said import Said

FURTHEST_DAYS = 800
"""How far ahead the next time is looked for; a rule that gives none until then is over."""


class Every(StrEnum):
    """How often."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    MONTH_END = "month_end"
    NTH_WEEKDAY = "nth_weekday"


class RepeatWrong(Said):
    """繰り返しの指定が足りません。曜日や日を選んでください。 / The repetition is not complete: choose weekdays or a day."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """A rule. `weekdays` count from Monday, 0; `day` is a day of the month (31: the last one where there is none); `nth` 1 to 5.

    It ends after `until`, never without one.
    """

    every: Every
    weekdays: tuple[int, ...] = ()
    day: int | None = None
    nth: int | None = None
    until: dt.date | None = None

    def __post_init__(self) -> None:
        """Raise RepeatWrong when the rule says no day."""
        wants_weekdays = self.every in (Every.WEEK, Every.NTH_WEEKDAY)
        if wants_weekdays and not (self.weekdays and all(0 <= weekday <= 6 for weekday in self.weekdays)):
            raise RepeatWrong
        if self.every is Every.NTH_WEEKDAY and not (self.nth and 1 <= self.nth <= 5):
            raise RepeatWrong
        if self.every is Every.MONTH and not (self.day and 1 <= self.day <= 31):
            raise RepeatWrong

    def means(self, day: dt.date) -> bool:
        """Tell whether the rule means this day."""
        last = calendar.monthrange(day.year, day.month)[1]
        match self.every:
            case Every.DAY:
                return True
            case Every.WEEK:
                return day.weekday() in self.weekdays
            case Every.MONTH:
                return day.day == min(self.day or 1, last)
            case Every.MONTH_END:
                return day.day == last
            case Every.NTH_WEEKDAY:
                return day.weekday() in self.weekdays and (day.day - 1) // 7 + 1 == self.nth


@dataclass(frozen=True, slots=True)
class Excluded:
    """Days on which nothing is sent."""

    holidays: bool = False
    weekends: bool = False
    days: tuple[dt.date, ...] = ()

    def means(self, day: dt.date) -> bool:
        """Tell whether nothing is sent on this day."""
        if day in self.days or (self.weekends and day.weekday() >= 5):
            return True
        # Late: its calendar takes a while to load.
        return self.holidays and bool(importlib.import_module("jpholiday").is_holiday(day))


def times(rule: Repeat, excluded: Excluded, first: dt.datetime, after: dt.datetime) -> Iterator[dt.datetime]:
    """Yield the moments after `after` at which a campaign first sent at `first` is sent again, all aware."""
    clock = first.astimezone(TOKYO)
    day = max(clock.date(), after.astimezone(TOKYO).date())
    for _ in range(FURTHEST_DAYS):
        if rule.until is not None and day > rule.until:
            return
        moment = dt.datetime.combine(day, clock.time(), TOKYO).astimezone(dt.UTC)
        if moment > after and moment >= first and rule.means(day) and not excluded.means(day):
            yield moment
        day += dt.timedelta(days=1)


def following(rule: Repeat | None, excluded: Excluded, first: dt.datetime, after: dt.datetime) -> dt.datetime | None:
    """Return the next of `times`, None when there is none any more."""
    return None if rule is None else next(times(rule, excluded, first, after), None)


def write(rule: Repeat | None) -> dict[str, Any] | None:
    """Return a rule as JSON."""
    if rule is None:
        return None
    until = None if rule.until is None else rule.until.isoformat()
    return {
        "every": rule.every.value,
        "weekdays": list(rule.weekdays),
        "day": rule.day,
        "nth": rule.nth,
        "until": until,
    }


def read(written: Mapping[str, Any] | None) -> Repeat | None:
    """Return the rule that `write` wrote."""
    if written is None:
        return None
    until = None if written["until"] is None else dt.date.fromisoformat(written["until"])
    return Repeat(Every(written["every"]), tuple(written["weekdays"]), written["day"], written["nth"], until)


def write_excluded(excluded: Excluded) -> dict[str, Any]:
    """Return excluded days as JSON."""
    days = [day.isoformat() for day in sorted(excluded.days)]
    return {"holidays": excluded.holidays, "weekends": excluded.weekends, "days": days}


def read_excluded(written: Mapping[str, Any] | None) -> Excluded:
    """Return the excluded days that `write_excluded` wrote."""
    if written is None:
        return Excluded()
    days = tuple(dt.date.fromisoformat(day) for day in written["days"])
    return Excluded(written["holidays"], written["weekends"], days)


_WEEKDAYS = ("月", "火", "水", "木", "金", "土", "日")
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def said(rule: Repeat, language: str) -> str:
    """Return the rule as a sentence for staff."""
    japanese = language.startswith("ja")
    names = _WEEKDAYS if japanese else _WEEKDAYS_EN
    days = ("・" if japanese else ", ").join(names[weekday] for weekday in rule.weekdays)
    until = "" if rule.until is None else (f"（{rule.until.isoformat()}まで）" if japanese else f" until {rule.until}")
    match rule.every:
        case Every.DAY:
            text = "毎日" if japanese else "every day"
        case Every.WEEK:
            text = f"毎週{days}曜日" if japanese else f"every {days}"
        case Every.MONTH:
            text = f"毎月{rule.day}日" if japanese else f"on day {rule.day} of each month"
        case Every.MONTH_END:
            text = "毎月末日" if japanese else "on the last day of each month"
        case Every.NTH_WEEKDAY:
            text = f"毎月第{rule.nth}{days}曜日" if japanese else f"every {days} number {rule.nth} of the month"
    return text + until
