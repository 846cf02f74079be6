"""The town's rules about the disease, read from the dated tables in flows/covid: what holds on a day is data, not code."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.flow.book import Book
from bot.now import TOKYO

TRIAGE, SCHEDULE, KINDS, SETTINGS = "covid_triage", "covid_follow_up", "covid_facility_kinds", "covid_settings"
HOME, WEEKLY = "home", "weekly"
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


class NoRules(LookupError):
    """A table in flows/covid is missing or has no row for today: add one with `from:`."""


@dataclass(frozen=True, slots=True)
class Triage:
    """When to turn to the centre: at once with one of `at_once`, after `days` (`days_at_risk`) with one of `counted`."""

    at_once: frozenset[str]
    counted: frozenset[str]
    days: int
    days_at_risk: int


@dataclass(frozen=True, slots=True)
class Cadence:
    """When someone is asked: at local `times`, every day or on one `weekday` (0 = Monday), for `days` days.

    Without an answer they are asked again after `again` and put on the call list after `call`, both counted from the first
    question; None leaves it out.
    """

    times: tuple[dt.time, ...]
    weekday: int | None
    days: int
    again: dt.timedelta | None
    call: dt.timedelta | None


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of facility: its name by language, how long people usually stay, and the measures it can tick."""

    labels: Mapping[str, str]
    stay: dt.timedelta
    checklist: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Settings:
    """Spans and thresholds of the whole service."""

    disease: Mapping[str, str]
    visits_kept: dt.timedelta
    answers_kept: dt.timedelta
    padding: dt.timedelta
    least_counted: int
    fever: float
    rise: float


def _row(book: Book | None, table: str, now: dt.datetime) -> Mapping[str, Any]:
    today = now.astimezone(TOKYO).date().isoformat()
    rows = () if book is None else book.tables.get(table, ())
    found = next((values for day, values in rows if day <= today), None)
    if found is None:
        raise NoRules(f"flows/covid: the table {table} has no row for {today}")
    return found


def triage(book: Book | None, now: dt.datetime) -> Triage:
    """Return the triage rules that hold at `now`. Raises NoRules."""
    row = _row(book, TRIAGE, now)
    return Triage(frozenset(row["at_once"]), frozenset(row["counted"]), int(row["days"]), int(row["days_at_risk"]))


def cadences(book: Book | None, now: dt.datetime) -> dict[str, Cadence]:
    """Return the schedules of questions by name. Raises NoRules, and ValueError for one that cannot be read."""
    return {name: _cadence(values) for name, values in _row(book, SCHEDULE, now).items()}


def _cadence(values: Mapping[str, Any]) -> Cadence:
    weekday = values.get("weekday")
    if weekday is not None and weekday not in _WEEKDAYS:
        raise ValueError(f"flows/covid: weekday {weekday!r} is none of {', '.join(_WEEKDAYS)}")
    times = tuple(sorted(dt.time.fromisoformat(str(each)) for each in values["times"]))
    if not times:
        raise ValueError("flows/covid: a schedule of questions needs times")
    day = None if weekday is None else _WEEKDAYS.index(weekday)
    return Cadence(
        times, day, int(values["days"]), _hours(values.get("ask_again_after")), _hours(values.get("call_after"))
    )


def _hours(value: Any) -> dt.timedelta | None:
    return None if value is None else dt.timedelta(hours=float(value))


def kinds(book: Book | None, now: dt.datetime) -> dict[str, Kind]:
    """Return the kinds of facilities by name, those every facility can tick (`everywhere`) among their measures. Raises NoRules."""
    row = _row(book, KINDS, now)
    common = row.get("everywhere", {})
    return {
        name: Kind(
            values["label"],
            dt.timedelta(minutes=int(values["stay_minutes"])),
            {**common, **values.get("checklist", {})},
        )
        for name, values in row["kinds"].items()
    }


def settings(book: Book | None, now: dt.datetime) -> Settings:
    """Return the spans and thresholds that hold at `now`. Raises NoRules."""
    row = _row(book, SETTINGS, now)
    return Settings(
        disease=row["disease"],
        visits_kept=dt.timedelta(days=int(row["visits_kept_days"])),
        answers_kept=dt.timedelta(days=int(row["answers_kept_days"])),
        padding=dt.timedelta(minutes=int(row["padding_minutes"])),
        least_counted=int(row["smallest_number_shown"]),
        fever=float(row["fever"]),
        rise=float(row["temperature_rise"]),
    )


def in_language(texts: Mapping[str, str], language: str | None) -> str:
    """Return a text by language, in Japanese where that language has none."""
    return texts.get(language or "ja") or texts.get("ja") or next(iter(texts.values()), "")


def missing(book: Book) -> list[str]:
    """Return what the tables lack today, one sentence each; `now` does not matter, every row must be readable."""
    problems = []
    readers = ((TRIAGE, triage), (SCHEDULE, cadences), (KINDS, kinds), (SETTINGS, settings))
    for table, read in readers:
        days = [day for day, _ in book.tables.get(table, ())]
        if not days:
            problems.append(f"flows/covid: there is no table {table}")
        for day in days:
            try:
                read(book, dt.datetime.combine(dt.date.fromisoformat(day), dt.time(12), TOKYO))
            except (KeyError, TypeError, ValueError, AttributeError) as error:
                problems.append(f"flows/covid: the row of {table} from {day} cannot be read: {error}")
    return problems
