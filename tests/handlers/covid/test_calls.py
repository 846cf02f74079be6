"""The call list: worked off by risk, each person in one pair of hands, and again when nobody answers."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from bot.alerts import acknowledge
from bot.models import Alert
from handlers.covid import calls, followups
from handlers.covid.actions import report
from handlers.covid.calls import Outcome, Wanted
from handlers.covid.jobs import ask
from handlers.covid.rules import Cadence
from tests.handlers.covid.home import ILL, alerts, at_home, call, on_the_list
from tests.handlers.covid.town import VAULT, Town, at


def test_1200_silent_people_take_some_commits_and_are_worked_off_by_risk(town: Town) -> None:
    people = town.settle(1200)
    with town.database.write() as connection:
        cadence = Cadence((dt.time(9), dt.time(16)), None, 14, dt.timedelta(hours=2), dt.timedelta(hours=4))
        for number, who in enumerate(people):
            age = ("20", "40", "65")[number % 3]
            person = followups.Person(who.id, age, number % 2 == 0, f"area {number % 4}")
            followups.begin(connection, VAULT, person, "home", cadence, town.now)
    for hour in (9, 11, 13):
        town.tick(ask, at(6, hour, 10))
    assert len(town.sent("covid.ask")) == 2400
    with town.database.read() as connection:
        assert calls.counts(connection, Wanted()) == {1: 200, 2: 600, 3: 400}
        assert sum(calls.counts(connection, Wanted(area="area 1")).values()) == 300
    with town.database.write() as connection:
        first = calls.take_next(connection, Wanted(), town.officer, town.now)
        other = calls.take_next(connection, Wanted(), town.approver, town.now)
    assert first != other
    with town.database.read() as connection:
        assert {calls.entry(connection, id_).risk for id_ in (first, other) if id_ is not None} == {1}


def test_who_was_absent_comes_again_later_and_the_calls_are_kept(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    for hour in (9, 11, 13):
        town.tick(ask, at(6, hour, 10))
    id_ = call(town, Outcome.ABSENT, "留守電に伝言")
    with town.database.write() as connection:
        assert calls.take_next(connection, Wanted(), town.officer, town.now) is None
    town.now += calls.LATER
    assert call(town, Outcome.WELL) == id_
    assert on_the_list(town) == []
    assert alerts(town) == {}
    with town.database.read() as connection:
        kept = calls.calls_of(connection, VAULT, id_)
    assert [(each["outcome"], each["note"], each["officer"]) for each in kept] == [
        ("well", "", "職員 一"),
        ("absent", "留守電に伝言", "職員 一"),
    ]


def test_who_became_worse_and_does_not_answer_the_telephone_comes_again_soon_and_staff_stay_alerted(
    town: Town,
) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    town.act(hanako, report, **ILL)
    id_ = call(town, Outcome.ABSENT)
    assert alerts(town)["covid.worse", True] == 1
    town.now += calls.SOON
    assert call(town, Outcome.HOSPITAL) == id_
    assert alerts(town) == {}


def test_somebody_in_hand_is_offered_to_others_after_a_while(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    town.act(hanako, report, **ILL)
    with town.database.write() as connection:
        id_ = calls.take_next(connection, Wanted(), town.officer, town.now)
        assert id_ is not None
        assert not calls.take(connection, id_, town.approver, town.now)
        assert calls.take_next(connection, Wanted(), town.approver, town.now) is None
        later = town.now + calls.IN_HAND + dt.timedelta(seconds=1)
        assert calls.take_next(connection, Wanted(), town.approver, later) == id_


def test_a_call_settles_the_alert_of_deterioration(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    town.act(hanako, report, **ILL)
    with town.database.write() as connection:
        urgent = connection.execute(select(Alert.id).where(Alert.urgent.is_(True))).scalar_one()
        acknowledge(connection, town.now, urgent, staff_id=town.officer)
    call(town, Outcome.WORSE)
    assert alerts(town) == {}
