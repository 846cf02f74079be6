"""Follow-ups over a fortnight: the right people asked, asked again, called and released, whatever they answer."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pytest
from sqlalchemy import insert, select, update

from bot.models import Consent, Resident, SealedBytes
from bot.now import TOKYO
from handlers.covid import followups
from handlers.covid.actions import advise, follow, followed, report, stop
from handlers.covid.calls import Outcome
from handlers.covid.jobs import ask, count, purge
from handlers.covid.models import CallEntry, Centre, FollowUp, HealthAnswer
from handlers.covid.statistics import count_day, lines_of, week_of
from tests.handlers.covid.home import ILL, WELL, a_day, alerts, at_home, call, on_the_list, row_of
from tests.handlers.covid.town import MONDAY, VAULT, Town, at


def test_people_at_home_are_asked_twice_a_day_and_everybody_else_on_wednesdays(town: Town) -> None:
    hanako, taro = town.settle(2)
    at_home(town, hanako)
    assert town.act(taro, follow, cadence="weekly", age_band="40", chronic=False).outcome == "begun"
    for day in range(6, 9):
        a_day(town, day)
        for who, hour in ((hanako, 9), (hanako, 16)):
            town.now = at(day, hour, 40)
            town.act(who, report, **WELL)
    asked = Counter(row.resident_id for row in town.sent("covid.ask"))
    assert asked[taro.id] == 1
    wednesday = next(row for row in town.sent("covid.ask") if row.resident_id == taro.id)
    assert wednesday.due_at.astimezone(TOKYO).strftime("%a %H:%M") == "Wed 10:00"
    mornings = {row.due_at.astimezone(TOKYO).hour for row in town.sent("covid.ask") if row.resident_id == hanako.id}
    assert {9, 16} <= mornings


def test_silence_leads_to_a_second_question_and_then_onto_the_call_list(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    town.tick(ask, at(6, 9))
    assert len(town.sent("covid.ask")) == 1
    town.tick(ask, at(6, 10, 50))
    assert len(town.sent("covid.ask")) == 1
    town.tick(ask, at(6, 11, 10))
    first, second = town.sent("covid.ask")
    assert "まだお返事をいただいていません" not in town.text_of(first)
    assert "まだお返事をいただいていません" in town.text_of(second)
    stale = {row.stale_at.astimezone(TOKYO) for row in (first, second)}
    assert stale == {at(6, 16).replace(second=0)}, "with the next question they are over"
    assert on_the_list(town) == []
    town.tick(ask, at(6, 13, 10))
    [entry] = on_the_list(town)
    assert (entry.resident_id, entry.reason, entry.risk) == (hanako.id, "silent", 3)
    assert row_of(town, hanako).silent == 1
    assert alerts(town) == {("covid.calls", False): 1}


def test_an_answer_takes_the_silent_off_the_list_and_begins_anew(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    for hour in (9, 11, 13):
        town.tick(ask, at(6, hour, 10))
    town.now = at(6, 14)
    result = town.act(hanako, report, **WELL)
    assert (result.outcome, result.values["called"]) == ("well", False)
    assert on_the_list(town) == []
    assert alerts(town) == {}
    row = row_of(town, hanako)
    assert (row.silent, row.step, row.due_at.astimezone(TOKYO).hour) == (0, "ask", 16)


def test_who_becomes_worse_at_home_is_called_first_and_staff_are_told_at_once(town: Town) -> None:
    old, hanako = town.settle(2)
    at_home(town, old, age_band="65", chronic=True)
    at_home(town, hanako)
    for hour in (9, 11, 13):
        town.tick(ask, at(6, hour, 10))
    town.act(hanako, report, **WELL)
    town.now = at(6, 14)
    result = town.act(hanako, report, **ILL)
    assert (result.outcome, result.values["called"], result.values["change"]) == ("call", True, "worse")
    assert [(row.resident_id, row.reason) for row in on_the_list(town)] == [(hanako.id, "worse"), (old.id, "silent")]
    assert alerts(town)["covid.worse", True] == 1


def test_the_same_grave_answer_again_does_not_call_twice(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    town.act(hanako, report, **ILL)
    result = town.act(hanako, report, **ILL)
    assert (result.outcome, result.values["change"], result.values["called"]) == ("call", "same", False)
    assert [row.reason for row in on_the_list(town)] == ["worse"]
    assert alerts(town)["covid.worse", True] == 1


def test_the_weekly_question_advises_but_calls_nobody(town: Town) -> None:
    [taro] = town.settle(1)
    town.act(taro, follow, cadence="weekly", age_band="65", chronic=True)
    result = town.act(taro, report, **ILL)
    assert (result.outcome, result.values["called"]) == ("call", False)
    assert on_the_list(town) == []


def test_the_weekly_question_does_not_replace_that_at_home(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    assert town.act(hanako, follow, cadence="weekly", age_band="20", chronic=False).outcome == "at_home"
    assert row_of(town, hanako).cadence == "home"


def test_after_a_fortnight_people_are_released_and_told_once(town: Town) -> None:
    hanako, taro = town.settle(2)
    at_home(town, hanako)
    for day in range(6, 21):
        a_day(town, day)
        town.now = at(day, 20, 40)
        if day < 20:
            town.act(hanako, report, **WELL)
    assert row_of(town, hanako).state == "ended"
    assert (row_of(town, hanako).ended_by, row_of(town, taro)) == ("date", None)
    [told] = town.sent("covid.released")
    assert told.due_at.astimezone(TOKYO).date() == dt.date(2027, 4, 20)
    last = max(row.due_at for row in town.sent("covid.ask")).astimezone(TOKYO).date()
    assert last == dt.date(2027, 4, 19)


def test_who_is_still_to_be_called_is_not_released_by_the_date(town: Town) -> None:
    worse, silent = town.settle(2)
    for who in (worse, silent):
        at_home(town, who)
    for day in range(6, 20):
        a_day(town, day)
    town.now = at(19, 20, 50)
    town.act(worse, report, **ILL)
    a_day(town, 20)
    assert town.sent("covid.released") == []
    assert [(row.resident_id, row.reason) for row in on_the_list(town)] == [
        (worse.id, "worse"), (silent.id, "silent"),
    ]  # fmt: skip
    call(town, Outcome.WELL)
    town.act(silent, report, **WELL)
    a_day(town, 21)
    assert {row.resident_id for row in town.sent("covid.released")} == {worse.id, silent.id}
    assert on_the_list(town) == []


def test_who_became_worse_is_called_even_if_they_want_no_more_questions(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    town.act(hanako, report, **ILL)
    assert town.act(hanako, stop).outcome == "stopped"
    a_day(town, 6)
    assert town.sent("covid.ask") == []
    assert [row.reason for row in on_the_list(town)] == ["worse"]
    assert alerts(town)["covid.worse", True] == 1
    call(town, Outcome.WELL)
    assert (on_the_list(town), alerts(town)) == ([], {})


def test_an_end_by_the_resident_is_an_end(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    for hour in (9, 11, 13):
        town.tick(ask, at(6, hour, 10))
    assert town.act(hanako, stop).outcome == "stopped"
    assert town.act(hanako, stop).outcome == "none"
    assert town.act(hanako, report, **WELL).outcome == "no"
    assert town.act(hanako, followed).outcome == "no"
    assert on_the_list(town) == []
    a_day(town, 7)
    assert len(town.sent("covid.ask")) == 2


def test_who_withdraws_the_consent_is_asked_no_more(town: Town) -> None:
    hanako, taro = town.settle(2)
    for who in (hanako, taro):
        at_home(town, who)
    with town.database.write() as connection:
        for who, withdrawn in ((hanako, MONDAY), (taro, None)):
            uid = f"c{who.id}"
            connection.execute(
                insert(Consent),
                {
                    "uid": uid, "resident_id": who.id, "name": "covid_home", "version": "1", "given": True,
                    "text": SealedBytes.seal(VAULT, "consents.text", uid, b"x"), "decided_at": MONDAY,
                    "withdrawn_at": withdrawn,
                },
            )  # fmt: skip
    town.tick(ask, at(6, 9))
    assert [row.resident_id for row in town.sent("covid.ask")] == [taro.id]
    assert row_of(town, hanako).ended_by == "withdrawn"


def test_who_blocked_the_account_gets_no_question_but_is_called(town: Town) -> None:
    [hanako] = town.settle(1, friend=False)
    at_home(town, hanako)
    for hour in (9, 11, 13):
        town.tick(ask, at(6, hour, 10))
    assert town.sent("covid.ask") == []
    assert [row.resident_id for row in on_the_list(town)] == [hanako.id]


def test_a_clock_that_was_away_does_not_make_up_for_missed_questions(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    town.tick(ask, at(8, 3))
    assert town.sent("covid.ask") == []
    town.tick(ask, at(8, 10))
    assert len(town.sent("covid.ask")) == 1
    town.tick(ask, at(8, 10, 10))
    assert len(town.sent("covid.ask")) == 1


def test_advice_names_the_centre_of_the_postal_code_and_keeps_the_answer_sealed(town: Town) -> None:
    [hanako] = town.settle(1)
    asked = {"symptoms": ["cough"], "days": 1, "age_band": "65", "chronic": False}
    result = town.act(hanako, advise, **asked, postal_code="000-1234")
    assert (result.outcome, result.values["centre_phone"]) == ("call", "")
    with town.database.write() as connection:
        rows = [
            {"postal": "000", "area": "西", "name": "西センター", "phone": "119", "hours": ""},
            {"postal": "0001", "area": "東", "name": "東センター", "phone": "110", "hours": "毎日"},
        ]
        connection.execute(insert(Centre), rows)
    result = town.act(hanako, advise, **asked, postal_code="000-1234")
    assert (result.values["centre_name"], result.values["centre_phone"]) == ("東センター", "110")
    assert town.act(hanako, advise, **asked, postal_code="000-2234").values["centre_name"] == "西センター"
    with town.database.read() as connection:
        kept = connection.execute(select(HealthAnswer).order_by(HealthAnswer.id)).all()
    assert [(row.area, row.age_band, row.advice) for row in kept] == [
        ("-", "65", "call"), ("東", "65", "call"), ("西", "65", "call"),
    ]  # fmt: skip
    assert b"cough" not in kept[0].answers
    assert b"cough" in VAULT.open(followups.ANSWERS, kept[0].uid, kept[0].answers)


def test_each_resident_is_counted_once_a_day_and_the_numbers_outlive_the_answers(town: Town) -> None:
    hanako, taro = town.settle(2)
    for who, symptoms in ((hanako, ["none"]), (hanako, ["breathless"]), (taro, ["none"])):
        town.act(who, advise, symptoms=symptoms, days=1, age_band="20", chronic=False)
    today = town.now.astimezone(TOKYO).date()
    with town.database.read() as connection:
        assert {(line.advice, line.residents) for line in count_day(connection, today)} == {("call", 1), ("well", 1)}
    town.tick(count, at(6, 1, 5))
    town.tick(purge, town.now + dt.timedelta(days=40))
    with town.database.read() as connection:
        assert connection.execute(select(HealthAnswer)).all() == []
        lines = lines_of(connection, week_of(today), town.now.astimezone(TOKYO).date())
    assert {(line.day, line.advice, line.residents) for line in lines} == {(today, "call", 1), (today, "well", 1)}


def test_what_is_over_is_deleted_after_its_time_with_its_calls(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    town.act(hanako, report, **ILL)
    call(town, Outcome.HOSPITAL)
    with town.database.write() as connection:
        followups.end(connection, followups.of_resident(connection, hanako.id), "staff", town.now)
    town.tick(purge, town.now + dt.timedelta(days=29))
    assert row_of(town, hanako) is not None
    town.tick(purge, town.now + dt.timedelta(days=2))
    assert row_of(town, hanako) is None
    with town.database.read() as connection:
        assert connection.execute(select(CallEntry)).all() == []


def test_a_town_may_take_a_schedule_away(town: Town) -> None:
    [hanako] = town.settle(1)
    at_home(town, hanako)
    with town.database.write() as connection:
        connection.execute(update(FollowUp).values(cadence="travellers"))
    town.tick(ask, at(6, 9))
    assert (row_of(town, hanako).state, town.sent("covid.ask")) == ("ended", [])


@pytest.mark.parametrize("language", ["ja", "ja-easy", "en"])
def test_the_question_is_asked_in_the_residents_language(town: Town, language: str) -> None:
    [who] = town.settle(1, language=language)
    at_home(town, who)
    town.tick(ask, at(6, 9))
    [sent] = town.sent("covid.ask")
    words = {"ja": "お加減はいかがですか", "ja-easy": "ぐあいは どうですか", "en": "How are you today"}
    assert words[language] in town.text_of(sent)


def test_erasing_a_resident_takes_everything_along(town: Town) -> None:
    from bot.owndata.erase import erase

    [hanako] = town.settle(1)
    at_home(town, hanako)
    town.act(hanako, report, **ILL)
    call(town, Outcome.ABSENT, "メモ")
    with town.database.write() as connection:
        erase(connection, hanako.id)
    with town.database.read() as connection:
        for model in (FollowUp, HealthAnswer, CallEntry):
            assert connection.execute(select(model)).all() == []
        assert connection.execute(select(Resident.id)).scalars().all() == [hanako.id]
