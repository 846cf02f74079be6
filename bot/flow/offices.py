"""Offices where people answer: whom they serve, when they are open, how long they may keep somebody waiting; and danger words.

All of it is data that a town writes in YAML. Holidays are those of Japan; the year's end is 29 December to 3 January (閉庁日).
"""

from __future__ import annotations

import datetime as dt
import importlib
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import ModuleType
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field
from pydantic_core import PydanticCustomError

from bot.flow.fields import Also, FlowName, Name, Part, Plain, Seconds, Texts, as_text

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_GROUPS = {"weekdays": DAYS[:5], "weekends": DAYS[5:], "everyday": DAYS}
_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)|(24):(00)")
LOOK_AHEAD = 60
"""Days in which the next opening is looked for."""


def _clock(value: Any) -> str:
    text = unicodedata.normalize("NFKC", as_text(value))
    if _CLOCK.fullmatch(text) is None:
        raise PydanticCustomError("clock", "{value} is no time such as 08:30", {"value": text})
    return text.zfill(5)


def _days(value: Any) -> Any:
    named = value if isinstance(value, list) else [value]
    return [day for each in named for day in _GROUPS.get(str(each), (each,))]


Clock = Annotated[str, BeforeValidator(_clock), Also({"type": "string", "pattern": r"^\d{1,2}:\d{2}$"})]
Day = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
_WHICH = {"enum": [*_GROUPS, *DAYS]}


class Span(Part):
    """One stretch of a day in which the office is open; "24:00" is the end of the day."""

    from_: Clock = Field(alias="from")
    to: Clock


class Hours(Span):
    """When the office is open on days of the week."""

    days: Annotated[list[Day], BeforeValidator(_days), Field(min_length=1), Also(_WHICH)]


def _special(value: Any) -> Any:
    return [] if value in ("closed", "休み") else [value] if isinstance(value, dict) else value


Special = Annotated[list[Span], BeforeValidator(_special), Also({"const": "closed"})]
Date = Annotated[str, BeforeValidator(as_text), Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]


class Office(Part):
    """One office. `serves` are the values that lead to it (a municipality); "*" is whatever leads nowhere else."""

    name: Texts
    queue: Name
    serves: Annotated[list[Plain], Field(min_length=1)] = Field(default_factory=lambda: ["*"])
    hours: list[Hours] = Field(default_factory=list)
    holidays: Literal["closed", "open"] = "closed"
    year_end: Literal["closed", "open"] = "closed"
    special: dict[Date, Special] = Field(default_factory=dict)
    last_admission: Seconds = 0
    most_waiting: Annotated[int, Field(ge=1, le=999)] = 50
    answer_within: Seconds = 300
    supervisor_after: Seconds = 600
    apologise_after: Seconds = 900
    counsellor_silent: Seconds = 600
    resident_silent: Seconds = 1800
    resident_gone: Seconds = 7200
    sorry: Texts | None = None

    def spans(self, day: dt.date) -> list[tuple[dt.time, dt.time | None]]:
        """Return when the office is open on `day`, in order; an end of None is midnight."""
        special = self.special.get(day.isoformat())
        if special is not None:
            spans: Sequence[Span] = special
        elif self._off(day):
            spans = ()
        else:
            spans = [each for each in self.hours if DAYS[day.weekday()] in each.days]
        return sorted(((_time(each.from_), _end(each.to)) for each in spans), key=lambda pair: pair[0])

    def _off(self, day: dt.date) -> bool:
        year_end = (day.month, day.day) >= (12, 29) or (day.month, day.day) <= (1, 3)
        if year_end:
            return self.year_end == "closed"
        return self.holidays == "closed" and bool(_holidays().is_holiday(day))


class Offices(Part):
    """A file of offices by name (`offices:`)."""

    offices: Annotated[dict[Name, Office], Field(min_length=1)]


class Danger(Part):
    """Words after which a person is told at once, and what residents of the service `danger` are then shown."""

    danger: FlowName
    words: Annotated[list[Plain], Field(min_length=1)]
    text: Texts

    @cached_property
    def _sounds(self) -> list[tuple[str, str]]:
        return [(sounds(word), word) for word in self.words]

    def found_in(self, text: str) -> tuple[str, ...]:
        """Return which of the words `text` holds, however they are written."""
        heard = sounds(text)
        return tuple(word for sound, word in self._sounds if sound and sound in heard)


@dataclass(frozen=True, slots=True)
class Opening:
    """How an office stands at a moment: does it admit, until when, and if not, when does it open next."""

    admits: bool
    closes: dt.datetime | None = None
    opens: dt.datetime | None = None


def opening(office: Office, now: dt.datetime) -> Opening:
    """Return how `office` stands at `now` (aware, on the town's wall clock)."""
    ahead: dt.datetime | None = None
    for start, end in _stretches(office, now):
        last = end - dt.timedelta(seconds=office.last_admission)
        if start <= now < last:
            return Opening(admits=True, closes=end)
        if start > now and last > start:
            ahead = start
            break
    return Opening(admits=False, opens=ahead)


def staffed(office: Office, now: dt.datetime) -> bool:
    """Tell whether people are there at `now`, though nobody may be admitted any more."""
    return any(start <= now < end for start, end in _today(office, now))


def open_since(office: Office, now: dt.datetime, back_to: dt.datetime) -> dt.datetime:
    """Return since when people have been there without a break, looking back no further than `back_to`; `now` when nobody is.

    Stretches that meet are one: an office that never closes does not open anew at midnight.
    """
    since = now
    while since > back_to:
        around = (since.date(), since.date() - dt.timedelta(days=1))
        begun = [start for day in around for start, end in _on(office, day, now.tzinfo) if start < since <= end]
        if not begun:
            return since
        since = begun[0]
    return back_to


def _today(office: Office, now: dt.datetime) -> list[tuple[dt.datetime, dt.datetime]]:
    return list(_on(office, now.date(), now.tzinfo))


def _stretches(office: Office, now: dt.datetime) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    for days in range(LOOK_AHEAD):
        yield from _on(office, now.date() + dt.timedelta(days=days), now.tzinfo)


def _on(office: Office, day: dt.date, zone: dt.tzinfo | None) -> Iterator[tuple[dt.datetime, dt.datetime]]:
    for start, end in office.spans(day):
        midnight = dt.datetime.combine(day + dt.timedelta(days=1), dt.time(0), zone)
        yield (
            dt.datetime.combine(day, start, zone),
            midnight if end is None else dt.datetime.combine(day, end, zone),
        )


def sounds(text: str) -> str:
    """Return a text as danger words are looked for in it: width, capitals, katakana, spaces and dots make no difference."""
    narrow = unicodedata.normalize("NFKC", text).casefold()
    return "".join(
        chr(ord(letter) - 0x60) if "ァ" <= letter <= "ヶ" else letter
        for letter in narrow
        if not letter.isspace() and letter not in "・.。、,-ー…"
    )


def _time(clock: str) -> dt.time:
    hour, minute = map(int, clock.split(":"))
    return dt.time(hour, minute)


def _end(clock: str) -> dt.time | None:
    return None if clock == "24:00" else _time(clock)


def _holidays() -> ModuleType:
    return importlib.import_module("jpholiday")
