"""When those who linked a notice are written to: the stages before and after its due date, as the town has set them.

A stage that falls on a day on which the town hall is closed moves to the next business day, one before the due date never past it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from handlers.tax.dates import next_business_day

BEFORE, AFTER, WITHIN, MOST_DAYS = (30, 7, 0), (10, 40), 14, 365
LAST_STAGE_STAYS = dt.timedelta(days=14)
"""For so long the last stage after the due date may still leave: longer, and nobody remembers why it was approved."""


class Phase(StrEnum):
    """Before the due date (and on it) residents are reminded; after it they may be dunned, in other words."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True)
class Stage:
    """So many `days` before or after the due date."""

    phase: Phase
    days: int

    def __str__(self) -> str:
        return f"{self.phase.value}.{self.days}"

    @classmethod
    def named(cls, name: str) -> Stage:
        """Return the stage that `str` wrote."""
        phase, _, days = name.partition(".")
        return cls(Phase(phase), int(days))


@dataclass(frozen=True, slots=True)
class Schedule:
    """The stages in the order in which they come; paid lists must reach to `within` days before a send after the due date."""

    stages: tuple[Stage, ...]
    within: int


@dataclass(frozen=True, slots=True)
class Planned:
    """When a stage of one due date may leave, the last day included, and how far paid lists must reach before it does."""

    stage: Stage
    send_on: dt.date
    last_on: dt.date
    paid_until: dt.date | None


def read_schedule(town: Mapping[str, Any]) -> Schedule:
    """Read `tax_reminders` of town.yaml, each part with its default. Raises ValueError with what is wrong."""
    given = town.get("tax_reminders") or {}
    if not isinstance(given, Mapping):
        raise ValueError("town.yaml: tax_reminders holds before, after and paid_list_within")  # noqa: TRY004 - a fault of a file
    before = _days(given.get("before", BEFORE), "before", 0)
    after = _days(given.get("after", AFTER), "after", 1)
    within = given.get("paid_list_within", WITHIN)
    if not isinstance(within, int) or isinstance(within, bool) or not 1 <= within <= MOST_DAYS:
        raise ValueError(f"town.yaml: tax_reminders.paid_list_within must be a number of days from 1 to {MOST_DAYS}")
    stages = [Stage(Phase.BEFORE, days) for days in sorted(before, reverse=True)]
    return Schedule((*stages, *(Stage(Phase.AFTER, days) for days in sorted(after))), within)


def plan(schedule: Schedule, due_on: dt.date) -> list[Planned]:
    """Return the sends for `due_on`, a business day. Of two stages that fall on one day only the later one stays."""
    days = [(stage, _send_on(stage, due_on)) for stage in schedule.stages]
    kept = [
        (stage, day)
        for place, (stage, day) in enumerate(days)
        if not any(other == day and later.phase is stage.phase for later, other in days[place + 1 :])
    ]
    following = [*(day for _, day in kept[1:]), None]
    return [
        Planned(stage, day, _last_on(stage, day, due_on, next_day), _paid_until(schedule, stage, day, due_on))
        for (stage, day), next_day in zip(kept, following, strict=False)
    ]


def _send_on(stage: Stage, due_on: dt.date) -> dt.date:
    if stage.phase is Phase.AFTER:
        return next_business_day(due_on + dt.timedelta(days=stage.days))
    return min(next_business_day(due_on - dt.timedelta(days=stage.days)), due_on)


def _last_on(stage: Stage, send_on: dt.date, due_on: dt.date, next_day: dt.date | None) -> dt.date:
    if stage.phase is Phase.BEFORE:
        return due_on if next_day is None else min(due_on, next_day - dt.timedelta(days=1))
    last = send_on + LAST_STAGE_STAYS
    return last if next_day is None else min(last, next_day - dt.timedelta(days=1))


def _paid_until(schedule: Schedule, stage: Stage, send_on: dt.date, due_on: dt.date) -> dt.date | None:
    """Return how far paid lists must reach: past the due date, or who paid on its last day would be dunned."""
    if stage.phase is Phase.BEFORE:
        return None
    return max(due_on, send_on - dt.timedelta(days=schedule.within))


def _days(given: Any, name: str, least: int) -> list[int]:
    sound = isinstance(given, Sequence) and not isinstance(given, str)
    if not sound or not all(type(days) is int and least <= days <= MOST_DAYS for days in given):
        raise ValueError(f"town.yaml: tax_reminders.{name} must list days from {least} to {MOST_DAYS}, such as [30, 7]")
    return list(dict.fromkeys(given))
