"""When somebody who is followed up is asked next. Pure rules over the schedules in follow_up.yaml."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from bot.now import TOKYO
from handlers.covid.rules import Cadence


class Step(StrEnum):
    """What happens when a follow-up is due."""

    ASK = "ask"
    AGAIN = "again"
    CALL = "call"


@dataclass(frozen=True, slots=True)
class Due:
    """The next step and its moment (aware)."""

    step: Step
    at: dt.datetime


def next_question(cadence: Cadence, after: dt.datetime) -> Due:
    """Return the first question later than `after`."""
    day = after.astimezone(TOKYO).date()
    while True:
        if cadence.weekday in {None, day.weekday()}:
            moments = (dt.datetime.combine(day, time, TOKYO) for time in cadence.times)
            if (following := next((each for each in moments if each > after), None)) is not None:
                return Due(Step.ASK, following.astimezone(dt.UTC))
        day += dt.timedelta(days=1)


def after_step(cadence: Cadence, step: Step, asked_at: dt.datetime, now: dt.datetime) -> Due:
    """Return what follows a `step` that found no answer; `asked_at` is when the first question of the round went out.

    What would come after the next question is left out: that question is enough.
    """
    question = next_question(cadence, now)
    for later, span in ((Step.AGAIN, cadence.again), (Step.CALL, cadence.call)):
        if span is None or _ORDER[later] <= _ORDER[step]:
            continue
        at = max(asked_at + span, now + dt.timedelta(minutes=1))
        if at < question.at:
            return Due(later, at)
    return question


_ORDER = {Step.ASK: 0, Step.AGAIN: 1, Step.CALL: 2}
