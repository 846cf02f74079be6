"""When a reminder is due: on the town's wall clock, off the night, moved from closed days, to the last day and no further."""

from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.flow.filters import workday
from bot.flow.timing import EVERY, MORNING, NIGHT, TOKYO, Plan, next_due, weekdays


def at(text: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=TOKYO)


def all_due(plan: Plan, after: str, most: int = 6) -> list[str]:
    found: list[str] = []
    moment: dt.datetime | None = at(after)
    while moment is not None and len(found) < most:
        moment = next_due(plan, moment)
        found += [] if moment is None else [f"{moment:%m-%d %H:%M}"]
    return found


@pytest.mark.parametrize(
    ("plan", "due"),
    [
        (Plan("2027-05-31"), ["05-31 10:00"]),
        (Plan("2027-05-31", time="15:30"), ["05-31 15:30"]),
        (Plan("2027-05-31T18:20"), ["05-31 18:20"]),
        (Plan("2027-03-31"), []),
        (Plan("2027-05-31T22:30"), ["06-01 08:00"]),
        (Plan("2027-05-31T05:00"), ["05-31 08:00"]),
        (Plan("2027-05-31T22:30", quiet="before"), ["05-31 20:00"]),
        (Plan("2027-05-31", time="06:30", quiet="before"), ["05-30 20:00"]),
        (Plan("2027-05-01", holiday="after"), ["05-06 10:00"]),  # a Saturday before 憲法記念日 … こどもの日
        (Plan("2027-05-05", holiday="before"), ["04-30 10:00"]),
        (Plan("2027-04-01", "day", until="2027-04-03"), ["04-01 10:00", "04-02 10:00", "04-03 10:00"]),
        (Plan("2027-04-01", "weekday", until="2027-04-06"), ["04-01 10:00", "04-02 10:00", "04-05 10:00", "04-06 10:00"]),
        (Plan("2027-04-02", "week", until="2027-04-16"), ["04-02 10:00", "04-09 10:00", "04-16 10:00"]),
        (Plan("2027-04-01", "week", until="2027-04-12", on=(0, 3)), ["04-01 10:00", "04-05 10:00", "04-08 10:00", "04-12 10:00"]),
        (Plan("2027-05-31", "month", until="2027-09-01"), ["05-31 10:00", "06-30 10:00", "07-31 10:00", "08-31 10:00"]),
        (Plan("2027-05-01", "day", until="2027-05-05", holiday="after"), ["05-06 10:00"]),
    ],
)  # fmt: skip
def test_it_is_due(plan: Plan, due: list[str]) -> None:
    assert all_due(plan, "2027-04-01T09:00") == due


def test_what_has_no_hour_of_its_own_comes_when_the_resident_wants() -> None:
    evening = dt.time(18)
    assert next_due(Plan("2027-05-31"), at("2027-04-01T09:00"), evening) == at("2027-05-31T18:00")
    assert next_due(Plan("2027-05-31", time="09:30"), at("2027-04-01T09:00"), evening) == at("2027-05-31T09:30")


def test_nothing_is_remembered_for_many_years() -> None:
    assert next_due(Plan("2035-05-31"), at("2027-04-01T09:00")) is None


moments = st.datetimes(*map(dt.datetime.fromisoformat, ("2026-01-01", "2027-12-31")))
plans = st.builds(
    Plan,
    first=moments.map(lambda moment: moment.strftime("%Y-%m-%dT%H:%M")),
    every=st.sampled_from([None, *EVERY]),
    until=st.none() | st.just("2028-01-31"),
    quiet=st.sampled_from(["after", "before"]),
    holiday=st.sampled_from([None, "after", "before"]),
)


@given(plans, moments)
def test_it_is_always_later_and_by_day_and_stored_as_it_was(plan: Plan, now: dt.datetime) -> None:
    after = now.replace(tzinfo=TOKYO)
    assert Plan.of(plan.as_json()) == plan
    due = next_due(plan, after)
    if due is not None:
        assert due > after
        assert MORNING <= due.time() < NIGHT
        if plan.holiday is not None and plan.quiet == "after" and plan.first[11:] < "21":
            assert workday(due.date().isoformat())


@pytest.mark.parametrize(
    ("written", "days"),
    [("mon", (0,)), (["thu", "月"], (0, 3)), ("日曜日", (6,)), (["mon", "soon"], None), ([], None), (3, None)],
)
def test_days_of_the_week_are_read(written: object, days: tuple[int, ...] | None) -> None:
    assert weekdays(written) == days
