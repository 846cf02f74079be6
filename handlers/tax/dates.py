"""Due dates of the vehicle taxes and the moments of their reminders.

A due date on a Saturday, Sunday, holiday or from 29 December to 3 January moves to the next day that is none (source: 地方税法
20条の5). Month and day come from the town's settings: Aomori and Akita, for example, differ from 31 May.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jpholiday

from bot.now import TOKYO

REMIND_AT = dt.time(10, 0)
"""Local time at which reminders go out."""


@dataclass(frozen=True, slots=True)
class DueDay:
    """The day of the year on which a tax falls due, before holidays are looked at."""

    month: int
    day: int

    def in_year(self, year: int) -> dt.date:
        """Return the due date of `year`, moved to the next business day."""
        return next_business_day(dt.date(year, self.month, self.day))


@dataclass(frozen=True, slots=True)
class Reminder:
    """When to remind of which due date."""

    due_on: dt.date
    remind_at: dt.datetime


def is_business_day(day: dt.date) -> bool:
    """Tell whether banks and town halls are open on `day`."""
    year_end = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
    return day.weekday() < 5 and not year_end and not jpholiday.is_holiday(day)


@lru_cache(4096)
def next_business_day(day: dt.date) -> dt.date:
    """Return `day`, or the first business day after it."""
    while not is_business_day(day):
        day += dt.timedelta(days=1)
    return day


def next_reminder(due: DueDay, days_before: int, now: dt.datetime) -> Reminder:
    """Return the first reminder that lies after `now`, `days_before` the due date at ten in the morning, Tokyo."""
    year = now.astimezone(TOKYO).year
    while True:
        due_on = due.in_year(year)
        moment = dt.datetime.combine(due_on - dt.timedelta(days=days_before), REMIND_AT, TOKYO)
        if moment > now:
            return Reminder(due_on, moment.astimezone(dt.UTC))
        year += 1


def due_days(town: Mapping[str, Any]) -> dict[str, DueDay]:
    """Return the town's taxes by kind. Raises ValueError when `vehicle_tax` in town.yaml is missing or holds no calendar day."""
    given = town.get("vehicle_tax")
    if not isinstance(given, Mapping) or not given:
        raise ValueError("town.yaml: vehicle_tax must list the kinds of vehicle tax with month and day")
    days = {}
    for kind, day in given.items():
        try:
            dt.date(2023, int(day["month"]), int(day["day"]))
        except (KeyError, TypeError, ValueError):
            raise ValueError(
                f"town.yaml: vehicle_tax.{kind} needs month and day of a real day, such as {{month: 5, day: 31}}"
            ) from None
        days[str(kind)] = DueDay(int(day["month"]), int(day["day"]))
    return days
