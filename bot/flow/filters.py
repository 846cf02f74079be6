"""The filters authors may use in texts: dates, money and ages as a Japanese town hall writes them, in the reader's language."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import ModuleType
from typing import Any

from jinja2 import Undefined, pass_context
from jinja2.runtime import Context

ERAS = (
    ("令和", "R", dt.date(2019, 5, 1)),
    ("平成", "H", dt.date(1989, 1, 8)),
    ("昭和", "S", dt.date(1926, 12, 25)),
    ("大正", "T", dt.date(1912, 7, 30)),
    ("明治", "M", dt.date(1868, 10, 23)),
)
"""Name, letter and first day of each era, newest first (元号; 明治 by the calendar used since 1873 for residents alive today)."""

_YEAR_END = frozenset({(12, 29), (12, 30), (12, 31), (1, 1), (1, 2), (1, 3)})
_WEEKDAYS_JA = "月火水木金土日"
_WEEKDAYS_EN = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS_EN = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def as_date(value: Any) -> dt.date | None:
    """Return the day of an ISO date or date-time string, or None when `value` is no date."""
    if not isinstance(value, str):
        return None
    try:
        return dt.date.fromisoformat(value[:10])
    except ValueError:
        return None


def era_year(day: dt.date) -> str:
    """Return the year of `day` by era: 令和8年, 令和元年."""
    for name, _, first in ERAS:
        if day >= first:
            year = day.year - first.year + 1
            return f"{name}{'元' if year == 1 else year}年"
    return f"{day.year}年"


def _english(context: Context) -> bool:
    return str(context.get("language", "ja")).split("-")[0] != "ja"


@pass_context
def jdate(context: Context, value: Any, style: str = "") -> str:
    """Write a date: 2026年5月31日; with style "和暦" 令和8年5月31日, with "曜日" 2026年5月31日（日）; in English 31 May 2026."""
    return date_text(value, str(context.get("language", "ja")), style)


def date_text(value: Any, language: str, style: str = "") -> str:
    """Write a date in `language`, as the filter `jdate` does."""
    day = as_date(value)
    if day is None:
        return _as_text(value)
    if not language.startswith("ja"):
        written = f"{day.day} {_MONTHS_EN[day.month - 1]} {day.year}"
        return f"{_WEEKDAYS_EN[day.weekday()]}, {written}" if "曜" in style else written
    year = era_year(day) if "和暦" in style else f"{day.year}年"
    ending = f"（{_WEEKDAYS_JA[day.weekday()]}）" if "曜" in style else ""
    return f"{year}{day.month}月{day.day}日{ending}"


@pass_context
def yen(context: Context, value: Any) -> str:
    """Write an amount of money: 12,000円; in English 12,000 yen."""
    amount = _number(value)
    if amount is None:
        return _as_text(value)
    return f"{amount:,.0f} yen" if _english(context) else f"{amount:,.0f}円"


@pass_context
def weekday(context: Context, value: Any) -> str:
    """Name the day of the week: 日曜日; in English Sunday."""
    day = as_date(value)
    if day is None:
        return _as_text(value)
    return _WEEKDAYS_EN[day.weekday()] if _english(context) else f"{_WEEKDAYS_JA[day.weekday()]}曜日"


def clock(value: Any) -> str:
    """Return the time of day of a moment, as 09:05: `"08:30" <= now|clock` (such texts can be compared)."""
    return value[11:16] if isinstance(value, str) and as_date(value) is not None and value[10:11] == "T" else ""


def workday(value: Any) -> bool:
    """Say whether offices are open on that date: no Saturday, Sunday or holiday, not 29 December to 3 January (閉庁日)."""
    day = as_date(value)
    if day is None or day.weekday() >= 5 or (day.month, day.day) in _YEAR_END:
        return False
    return not _holidays().is_holiday(day)


@lru_cache(maxsize=1)
def _holidays() -> ModuleType:
    return importlib.import_module("jpholiday")


@pass_context
def age(context: Context, value: Any) -> int | None:
    """Return the age in full years, today, of someone born on that date."""
    born, today = as_date(value), as_date(context.get("today"))
    if born is None or today is None:
        return None
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def plus_days(value: Any, days: Any) -> str | None:
    """Return the date so many days later (earlier when negative)."""
    day, count = as_date(value), _number(days)
    if day is None or count is None:
        return None
    try:
        return (day + dt.timedelta(days=int(count))).isoformat()
    except OverflowError:
        return None


def days_until(value: Any, other: Any) -> int | None:
    """Return how many days lie between a date and a later one: `today|days_until(due)`."""
    first, last = as_date(value), as_date(other)
    return None if first is None or last is None else (last - first).days


def length(value: Any) -> int:
    """Return the number of characters of a text, or of entries of a list."""
    return len(value) if isinstance(value, str | list | tuple | Mapping) else 0


def join(value: Any, between: Any = "、") -> str:
    """Write the entries of a list one after another, 、 between them unless told otherwise."""
    if isinstance(value, list | tuple):
        return str(between)[:20].join(_as_text(entry) for entry in value)
    return _as_text(value)


def default(value: Any, other: Any = "") -> Any:
    """Return the value, or `other` when there is none."""
    return other if value is None or value == "" or isinstance(value, Undefined) else value


def number(value: Any) -> float | int | None:
    """Return a text as a number, or none."""
    return _number(value)


def rounded(value: Any, digits: Any = 0) -> float | int | None:
    """Round a number to so many decimals."""
    amount, places = _number(value), _number(digits)
    if amount is None or places is None:
        return None
    if (count := max(0, min(int(places), 10))) == 0:
        return round(amount)
    return round(amount, count)


def first(value: Any) -> Any:
    """Return the first character or entry."""
    return value[0] if isinstance(value, str | list | tuple) and value else None


def last(value: Any) -> Any:
    """Return the last character or entry."""
    return value[-1] if isinstance(value, str | list | tuple) and value else None


def lower(value: Any) -> str:
    """Return a text in small letters."""
    return _as_text(value).lower()


def upper(value: Any) -> str:
    """Return a text in capital letters."""
    return _as_text(value).upper()


def trim(value: Any) -> str:
    """Return a text without spaces at its ends."""
    return _as_text(value).strip()


def _number(value: Any) -> float | int | None:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int | float):
        return value if value == value and abs(value) < 1e16 else None
    if isinstance(value, str) and len(value) <= 20:
        try:
            found = float(value)
        except ValueError:
            return None
        if found != found or abs(found) >= 1e16:
            return None
        return int(found) if found.is_integer() else found
    return None


def _as_text(value: Any) -> str:
    return "" if value is None else str(value)


FILTERS: dict[str, Callable[..., Any]] = {
    "age": age,
    "clock": clock,
    "days_until": days_until,
    "default": default,
    "first": first,
    "jdate": jdate,
    "join": join,
    "last": last,
    "length": length,
    "lower": lower,
    "number": number,
    "plus_days": plus_days,
    "round": rounded,
    "trim": trim,
    "upper": upper,
    "weekday": weekday,
    "workday": workday,
    "yen": yen,
}
"""Every filter of the language by the name authors write."""
