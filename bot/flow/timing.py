"""When a reminder is due: at a moment, after a while, or again and again, on the town's wall clock and off its quiet hours."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args
from zoneinfo import ZoneInfo

from bot.flow.filters import workday

TOKYO = ZoneInfo("Asia/Tokyo")
MORNING, EVENING = dt.time(8), dt.time(20)
"""Where what would ring at night is moved: to the next morning, or to the evening before."""
NIGHT = dt.time(21)
USUAL = dt.time(10)
"""When nobody, neither the flow nor the resident, said at what time of day."""
AHEAD = dt.timedelta(days=3 * 366)
"""Nothing is remembered for longer than this."""

Every = Literal["day", "weekday", "week", "month"]
Shift = Literal["after", "before"]
EVERY: tuple[Every, ...] = get_args(Every)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_WEEKDAYS = {name: number for names in (WEEKDAYS, "月火水木金土日") for number, name in enumerate(names)}


@dataclass(frozen=True, slots=True)
class Plan:
    """When to remind, as a flow says it and as it is stored.

    `first` is a date, or a moment on the wall clock (ISO). `time` ("07:30") is the flow's own; without one the
    resident's time of day counts. `until` is the last day. `quiet` says where to go from the night, `holiday` from a day
    on which the offices are closed. `on` names days of the week (Monday is 0) for what comes every week.
    """

    first: str
    every: Every | None = None
    time: str | None = None
    until: str | None = None
    quiet: Shift = "after"
    holiday: Shift | None = None
    on: tuple[int, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return what is stored."""
        return {name: value for name, value in asdict(self).items() if value not in (None, ())}

    @classmethod
    def of(cls, stored: Mapping[str, Any]) -> Plan:
        """Return the plan that was stored."""
        return cls(**{**stored, "on": tuple(stored.get("on", ()))})

    @property
    def timed(self) -> bool:
        """Tell whether the flow itself says at what time of day."""
        return self.time is not None or "T" in self.first


def next_due(plan: Plan, after: dt.datetime, usual: dt.time = USUAL) -> dt.datetime | None:
    """Return the first moment of `plan` that lies after the aware moment `after`, None when there is none any more."""
    for moment in _moments(plan, after.astimezone(TOKYO), usual):
        due = _at_day(_on_workday(moment, plan.holiday), plan)
        if plan.until is not None and moment.date().isoformat() > plan.until:
            return None
        if due > after:
            return due if due - after <= AHEAD else None
    return None


def _moments(plan: Plan, after: dt.datetime, usual: dt.time) -> list[dt.datetime]:
    """Return the moments as they are written, before any is moved: one, or those around `after` when they go on."""
    first = dt.datetime.fromisoformat(plan.first)
    if "T" not in plan.first:
        time = dt.time.fromisoformat(plan.time) if plan.time else usual
        first = dt.datetime.combine(first.date(), time)
    first = first.replace(tzinfo=TOKYO)
    if plan.every is None:
        return [first]
    # A moment can be moved by a few closed days, so the one before `after` may still be ahead of it.
    begin = max(first.date(), (after - dt.timedelta(days=45)).date())
    days = _months(first.date(), begin) if plan.every == "month" else _days(plan, first.date(), begin)
    return [dt.datetime.combine(day, first.timetz()) for day in days]


def _days(plan: Plan, first: dt.date, begin: dt.date) -> list[dt.date]:
    step = 7 if plan.every == "week" and not plan.on else 1
    begin += dt.timedelta(days=(first - begin).days % step)
    days = (begin + dt.timedelta(days=step * number) for number in range(120 // step))
    return [
        day
        for day in days
        if (plan.every != "weekday" or workday(day.isoformat())) and (not plan.on or day.weekday() in plan.on)
    ]


def _months(first: dt.date, begin: dt.date) -> list[dt.date]:
    """Return the days of some months that bear the number of the first; a month too short for it has its last day instead."""
    months = (divmod(begin.year * 12 + begin.month - 1 + number, 12) for number in range(5))
    days = (dt.date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1])) for year, month in months)
    return [day for day in days if day >= first]


def _on_workday(moment: dt.datetime, shift: Shift | None) -> dt.datetime:
    while shift is not None and not workday(moment.date().isoformat()):
        moment += dt.timedelta(days=1 if shift == "after" else -1)
    return moment


def _at_day(moment: dt.datetime, plan: Plan) -> dt.datetime:
    """Return a moment out of the night."""
    clock = moment.time()
    if MORNING <= clock < NIGHT:
        return moment
    if plan.quiet == "before":
        evening = moment if clock >= NIGHT else moment - dt.timedelta(days=1)
        return dt.datetime.combine(evening.date(), EVENING, TOKYO)
    morning = moment + dt.timedelta(days=1) if clock >= NIGHT else moment
    return dt.datetime.combine(morning.date(), MORNING, TOKYO)


def weekdays(value: Any) -> tuple[int, ...] | None:
    """Read days of the week, one or a list of `mon` … `sun` or 月 … 日; None when one of them is none.

    >>> weekdays(["thu", "月"]), weekdays("soon")
    ((0, 3), None)
    """
    named = value if isinstance(value, list) else [value]
    found = [_WEEKDAYS.get(str(name).casefold()[:3].removesuffix("曜日").removesuffix("曜")) for name in named]
    return None if None in found or not found else tuple(sorted({number for number in found if number is not None}))
