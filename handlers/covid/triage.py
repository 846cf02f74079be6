"""What to advise someone by their condition, and whether it has become worse since the last answer. Pure rules, no database."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Self

from handlers.covid.rules import Settings, Triage

OLD = "65"
"""The age band from which people are at risk."""


class Advice(StrEnum):
    """What a person is told; in statistics too."""

    CALL = "call"
    WATCH = "watch"
    WELL = "well"


class Change(StrEnum):
    """How an answer compares with the one before."""

    WORSE = "worse"
    SAME = "same"
    BETTER = "better"


def at_risk(age_band: str, *, chronic: bool) -> bool:
    """Tell whether someone may become gravely ill."""
    return age_band == OLD or chronic


def risk(age_band: str, *, chronic: bool) -> int:
    """Return the place in the call list: 1 (old and chronically ill) before 2 (either) before 3."""
    return 3 - (age_band == OLD) - chronic


def advise(rules: Triage, symptoms: AbstractSet[str], days: int, *, vulnerable: bool) -> Advice:
    """Return the advice for `symptoms` on their `days`-th day (1 = today)."""
    if not symptoms:
        return Advice.WELL
    if symptoms & rules.at_once:
        return Advice.CALL
    enough = rules.days_at_risk if vulnerable else rules.days
    if symptoms & rules.counted and days >= min(enough, rules.days):
        return Advice.CALL
    return Advice.WATCH


@dataclass(frozen=True, slots=True)
class Condition:
    """One answer of the follow-up. Breathlessness and fatigue are graded: 0 none, 1 some, 2 strong; degrees Celsius."""

    temperature: float
    breathless: int = 0
    fatigue: int = 0
    throat: bool = False
    nausea: bool = False

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> Self:
        """Read what a flow or the database hands over."""
        return cls(
            float(values["temperature"]),
            int(values["breathless"]),
            int(values["fatigue"]),
            bool(values["throat"]),
            bool(values["nausea"]),
        )

    def plain(self) -> dict[str, Any]:
        """Return the values as JSON can hold them."""
        return {
            "temperature": self.temperature,
            "breathless": self.breathless,
            "fatigue": self.fatigue,
            "throat": self.throat,
            "nausea": self.nausea,
        }

    @property
    def graded(self) -> tuple[int, ...]:
        """Return the grades that can go up and down."""
        return self.breathless, self.fatigue, int(self.throat), int(self.nausea)


def advise_at_home(settings: Settings, now: Condition) -> Advice:
    """Return the advice for someone who is followed up: strong complaints or a fever call, any other complaint is watched."""
    if now.breathless >= 2 or now.fatigue >= 2 or now.temperature >= settings.fever:
        return Advice.CALL
    return Advice.WATCH if any(now.graded) else Advice.WELL


def compare(settings: Settings, before: Condition | None, now: Condition) -> Change:
    """Return how `now` compares with the answer before; a first answer that already calls for help counts as worse.

    Worse: breathlessness or fatigue went up a grade, a fever began, or the temperature rose by `rise` to a fever or above it.
    """
    if before is None:
        return Change.WORSE if advise_at_home(settings, now) is Advice.CALL else Change.SAME
    graver = now.breathless > before.breathless or now.fatigue > before.fatigue
    feverish = now.temperature >= settings.fever
    hotter = feverish and (before.temperature < settings.fever or now.temperature >= before.temperature + settings.rise)
    if graver or hotter:
        return Change.WORSE
    lower = all(new <= old for new, old in zip(now.graded, before.graded, strict=True))
    cooler = now.temperature < settings.fever <= before.temperature
    return Change.BETTER if lower and (now.graded != before.graded or cooler) else Change.SAME
