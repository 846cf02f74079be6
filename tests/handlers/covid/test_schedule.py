"""When the next question is asked: whatever the times of a day and the moment are."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from bot.now import TOKYO
from handlers.covid.rules import Cadence
from handlers.covid.schedule import Step, after_step, next_question

TIMES = st.lists(st.times().map(lambda time: time.replace(second=0, microsecond=0)), min_size=1, max_size=4)


SPANS = st.none() | st.timedeltas(dt.timedelta(minutes=1), dt.timedelta(hours=20))


CADENCES = st.builds(
    Cadence,
    TIMES.map(lambda times: tuple(sorted(set(times)))),
    st.none() | st.integers(0, 6),
    st.just(14),
    SPANS,
    SPANS,
)


MOMENTS = st.datetimes(dt.datetime(2027, 1, 1), dt.datetime(2028, 1, 1), timezones=st.just(TOKYO))  # noqa: DTZ001 - Hypothesis adds the zone


@given(CADENCES, MOMENTS)
def test_the_next_question_is_the_first_one_still_to_come(cadence: Cadence, now: dt.datetime) -> None:
    due = next_question(cadence, now)
    local = due.at.astimezone(TOKYO)
    assert (due.step, due.at > now) == (Step.ASK, True)
    assert local.time() in cadence.times
    assert cadence.weekday in {None, local.weekday()}
    assert next_question(cadence, due.at - dt.timedelta(seconds=1)) == due


@given(CADENCES, MOMENTS, st.sampled_from([Step.ASK, Step.AGAIN]), st.timedeltas(dt.timedelta(0), dt.timedelta(days=3)))
def test_what_follows_lies_ahead_and_never_after_the_next_question(
    cadence: Cadence, asked_at: dt.datetime, step: Step, late: dt.timedelta
) -> None:
    now = asked_at + late
    due = after_step(cadence, step, asked_at, now)
    assert now < due.at <= next_question(cadence, now).at
    assert due.step is not step or step is Step.ASK
