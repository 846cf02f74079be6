"""Visits and exposures: checked in by a signed code, matched, told once to each resident after two people, taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select

from bot import approvals
from bot.models import Alert, Delivery
from bot.owndata.erase import erase
from bot.service import Caller
from handlers.covid import code, exposures, facilities, visits
from handlers.covid.exposures import Draft, NotPossible
from handlers.covid.facilities import Application
from handlers.covid.jobs import purge
from handlers.covid.models import Exposure, ExposureNotice, Facility, Visit
from handlers.covid.owndata import own_data
from handlers.covid.rules import kinds
from handlers.covid.visiting import check_in, check_out, forget, mine
from tests.handlers.covid.town import LOOKUP, VAULT, Town, at

HALF = dt.timedelta(minutes=30)


def opened(town: Town, name: str = "見本食堂", kind: str = "restaurant", *places: str, named: bool = False) -> int:
    application = Application(name, kind, "まどぐち町1", "見本 太郎", "000-000", places=places, may_be_named=named)
    with town.database.write() as connection:
        assert not facilities.check(application, kinds(town.book, town.now))
        return facilities.register(connection, VAULT, application, town.now, town.officer)


def poster(town: Town, facility_id: int, place: int = 0) -> str:
    with town.database.read() as connection:
        row = facilities.places_of(connection, facility_id)[place]
    return code.write(LOOKUP, row.id, row.version)


def scan(town: Town, who: Caller, text: str) -> str:
    return town.act(who, check_in, code=text).outcome


def stored(town: Town) -> list[Any]:
    with town.database.read() as connection:
        return list(connection.execute(select(Visit).order_by(Visit.id)))


def test_a_scan_notes_resident_place_and_time_and_nothing_else(town: Town) -> None:
    [hanako] = town.settle(1)
    result = town.act(hanako, check_in, code=poster(town, opened(town)))
    assert (result.outcome, result.values) == ("in", {"place": "見本食堂", "kept_days": 28})
    [row] = stored(town)
    assert set(row._fields) == {"id", "resident_id", "place_id", "entered_at", "left_at"}
    assert (row.resident_id, row.entered_at, row.left_at) == (hanako.id, town.now, None)


def test_a_second_scan_at_the_same_place_changes_nothing_until_the_usual_stay_is_over(town: Town) -> None:
    [hanako] = town.settle(1)
    text = poster(town, opened(town))
    assert [scan(town, hanako, text), scan(town, hanako, text)] == ["in", "already"]
    town.now += dt.timedelta(minutes=121)
    assert scan(town, hanako, text) == "in"
    assert len(stored(town)) == 2


def test_who_scans_elsewhere_has_left_and_who_checks_out_leaves_then(town: Town) -> None:
    [hanako] = town.settle(1)
    facility = opened(town, "見本ホール", "event", "1階", "2階")
    scan(town, hanako, poster(town, facility, 0))
    town.now += HALF
    assert town.act(hanako, check_in, code=poster(town, facility, 1)).values["place"] == "見本ホール 2階"
    town.now += HALF
    assert town.act(hanako, check_out).values == {"place": "見本ホール 2階"}
    assert town.act(hanako, check_out).outcome == "none"
    assert [row.left_at - row.entered_at for row in stored(town)] == [HALF, HALF]


def test_forged_renewed_and_retired_codes_are_refused(town: Town) -> None:
    [hanako] = town.settle(1)
    facility = opened(town)
    text = poster(town, facility)
    forged = text[:-1] + ("0" if text[-1] != "0" else "1")
    assert scan(town, hanako, forged) == "refused"
    with town.database.write() as connection:
        assert facilities.renew_codes(connection, facility, town.now) == 1
    assert scan(town, hanako, text) == "retired"
    text = poster(town, facility)
    assert scan(town, hanako, text) == "in"
    with town.database.write() as connection:
        facilities.retire(connection, facility, town.now)
    assert scan(town, hanako, text) == "retired"
    assert len(stored(town)) == 1


def test_residents_see_and_delete_their_own_visits_only(town: Town) -> None:
    hanako, taro = town.settle(2)
    text = poster(town, opened(town))
    for who in (hanako, taro):
        scan(town, who, text)
    shown = town.act(hanako, mine)
    [visit] = shown.values["visits"]
    assert (visit["place"], visit["from"], visit["to"]) == ("見本食堂", "12:00", None)
    assert town.act(taro, forget, visit=visit["id"]).values == {"deleted": 0}
    assert town.act(hanako, forget, visit=None).values == {"deleted": 0}, "none of them, and never all"
    assert town.act(hanako, forget, visit=visit["id"]).values == {"deleted": 1}
    assert town.act(hanako, mine).outcome == "none"
    assert [row.resident_id for row in stored(town)] == [taro.id]
    with town.database.read() as connection:
        assert own_data(connection, taro.id, "ja") == ["来場の記録：2027年4月5日 見本食堂"]
        assert own_data(connection, hanako.id, "en") == []


def test_visits_are_deleted_after_28_days(town: Town) -> None:
    [hanako] = town.settle(1)
    scan(town, hanako, poster(town, opened(town)))
    town.tick(purge, town.now + dt.timedelta(days=27))
    assert len(stored(town)) == 1
    town.tick(purge, town.now + dt.timedelta(days=1, hours=1))
    assert stored(town) == []


def test_notices_exposures_and_closed_facilities_are_deleted_after_their_time(town: Town) -> None:
    facility, other = opened(town), opened(town, "見本書店", "shop")
    guests(town, 3, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    grant(town, id_)
    town.task(exposures.tell, exposure=id_)
    with town.database.write() as connection:
        for each in (facility, other):
            facilities.retire(connection, each, town.now)

    def kept(days: int) -> tuple[int, int, int]:
        town.tick(purge, at(5, 23) + dt.timedelta(days=days))
        with town.database.read() as connection:
            counts = [connection.execute(select(func.count()).select_from(model)).scalar_one() for model in _KEPT]
        return counts[0], counts[1], counts[2]

    assert kept(89) == (3, 1, 2)
    assert kept(91) == (0, 1, 2)
    assert kept(366) == (0, 1, 1)
    assert kept(731) == (0, 0, 0)


_KEPT = (ExposureNotice, Exposure, Facility)


def draft(facility: int, hour: int, until: int, *, place: int | None = None, named: bool = False) -> Draft:
    return Draft(facility, place, at(5, hour), at(5, until), HALF, named)


def ask(town: Town, wanted: Draft) -> int:
    town.now = max(town.now, at(5, 22))
    with town.database.write() as connection:
        facility = facilities.find(connection, wanted.facility_id)
        values = exposures.values_of(facility, "", wanted)
        messages = exposures.compose(town.book, exposures.NOTICE, values, town.now)
        return exposures.ask(connection, wanted, facility, messages, kinds(town.book, town.now), town.officer, town.now)


def found(town: Town, id_: int) -> Any:
    with town.database.read() as connection:
        return exposures.find(connection, id_)


def grant(town: Town, id_: int, by: int | None = None) -> None:
    with town.database.write() as connection:
        row = exposures.find(connection, id_)
        shown = exposures.digest(row, facilities.find(connection, row.facility_id))
        exposures.grant(connection, VAULT, town.jobs, row, shown, by or town.approver, town.now)


def withdraw(town: Town, id_: int) -> None:
    with town.database.write() as connection:
        words = exposures.compose(town.book, exposures.CORRECTION, {"sent_on": "2027-04-05"}, town.now)
        exposures.withdraw(connection, town.jobs, exposures.find(connection, id_), words, town.approver, town.now)


def guests(town: Town, number: int, facility: int, hour: int, **settled: Any) -> list[Caller]:
    people = town.settle(number, **settled)
    town.now = at(5, hour)
    text = poster(town, facility)
    for who in people:
        assert scan(town, who, text) == "in"
    return people


def test_an_exposure_counts_who_was_there_at_the_time_and_nobody_else(town: Town) -> None:
    facility, other = opened(town), opened(town, "見本書店", "shop")
    early = guests(town, 1, facility, 13)
    there = guests(town, 2, facility, 18)
    guests(town, 3, other, 18)
    town.now = at(5, 22)
    id_ = ask(town, draft(facility, 18, 20))
    assert found(town, id_).matched == 2
    grant(town, id_)
    town.task(exposures.tell, exposure=id_)
    told = [row.resident_id for row in town.sent(exposures.NOTICE)]
    assert told == [who.id for who in there]
    assert early[0].id not in told
    assert (found(town, id_).state, found(town, id_).told) == ("told", 2)


def test_an_exposure_may_be_of_one_room(town: Town) -> None:
    facility = opened(town, "見本ホール", "event", "1階", "2階")
    guests(town, 2, facility, 18)
    with town.database.read() as connection:
        upper = facilities.places_of(connection, facility)[1].id
    town.now = at(5, 22)
    assert found(town, ask(town, draft(facility, 18, 20, place=upper))).matched == 0
    assert found(town, ask(town, draft(facility, 18, 20))).matched == 2


def test_nobody_is_told_before_a_second_person_allowed_it(town: Town) -> None:
    facility = opened(town)
    guests(town, 2, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    town.task(exposures.tell, exposure=id_)
    assert town.sent(exposures.NOTICE) == []
    with pytest.raises(approvals.SamePerson):
        grant(town, id_, by=town.officer)
    with town.database.read() as connection:
        waiting = approvals.waiting(connection, ["covid"])
        alert = connection.execute(
            select(Alert.kind, Alert.urgent, Alert.about).where(Alert.settled_at.is_(None))
        ).one()
    assert [row.subject for row in waiting] == [str(id_)]
    assert tuple(alert) == ("covid.exposure", True, f"exposure:{id_}")
    grant(town, id_)
    with town.database.read() as connection:
        assert connection.execute(select(Alert.id).where(Alert.settled_at.is_(None))).all() == []
    with pytest.raises(approvals.AlreadyDecided):
        grant(town, id_)


def test_what_was_changed_after_it_was_shown_is_not_allowed(town: Town) -> None:
    facility = opened(town)
    id_ = ask(town, draft(facility, 18, 20))
    with town.database.write() as connection:
        row = exposures.find(connection, id_)
        shown = exposures.digest(row, facilities.find(connection, facility))
        application = Application("別の店", "restaurant", "まどぐち町1", "見本 太郎", "000-000")
        facilities.change(connection, VAULT, facilities.find(connection, facility), application, town.now)
        with pytest.raises(approvals.Changed):
            exposures.grant(connection, VAULT, town.jobs, row, shown, town.approver, town.now)


def test_each_resident_is_told_once_however_often_they_were_there_and_the_work_is_done(town: Town) -> None:
    facility = opened(town)
    [hanako] = guests(town, 1, facility, 13)
    town.now = at(5, 16)
    assert scan(town, hanako, poster(town, facility)) == "in"
    id_ = ask(town, draft(facility, 13, 17))
    assert found(town, id_).matched == 2
    grant(town, id_)
    for _ in range(2):
        town.task(exposures.tell, exposure=id_)
    assert [row.key for row in town.sent(exposures.NOTICE)] == [f"covid.exposure/{id_}/{hanako.id}"]


def test_a_notice_is_urgent_and_names_the_facility_only_if_both_allow_it(town: Town) -> None:
    shy, open_ = opened(town), opened(town, "見本ホール", "event", named=True)
    guests(town, 1, shy, 18)
    guests(town, 1, open_, 19)
    with pytest.raises(NotPossible, match="not_named"):
        ask(town, draft(shy, 18, 20, named=True))
    for wanted in (draft(shy, 18, 20), draft(open_, 18, 20), draft(open_, 18, 20, named=True)):
        id_ = ask(town, wanted)
        grant(town, id_)
        town.task(exposures.tell, exposure=id_)
    texts = [town.text_of(row) for row in town.sent(exposures.NOTICE)]
    assert ["見本食堂" in text for text in texts] == [False] * 3
    assert ["見本ホール" in text for text in texts] == [False, False, True]
    assert {row.priority for row in town.sent(exposures.NOTICE)} == {2}


def test_everybody_reads_it_in_their_own_language_and_who_blocked_us_is_only_counted(town: Town) -> None:
    facility = opened(town)
    guests(town, 1, facility, 18, language="en")
    guests(town, 1, facility, 18, language="ja-easy")
    guests(town, 2, facility, 18, friend=False)
    id_ = ask(town, draft(facility, 18, 20))
    grant(town, id_)
    town.task(exposures.tell, exposure=id_)
    texts = [town.text_of(row) for row in town.sent(exposures.NOTICE)]
    assert ["Important notice" in text for text in texts] == [True, False]
    assert "たいせつな おしらせ" in texts[1]
    assert (found(town, id_).told, found(town, id_).unreachable) == (2, 2)
    with town.database.read() as connection:
        assert exposures.deliveries(connection, id_) == {"waiting": 2}


def test_a_withdrawal_corrects_exactly_those_who_were_told(town: Town) -> None:
    facility = opened(town)
    told = guests(town, 3, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    grant(town, id_)
    town.task(exposures.tell, exposure=id_)
    guests(town, 1, facility, 19)
    withdraw(town, id_)
    for _ in range(2):
        town.task(exposures.correct, exposure=id_)
        town.task(exposures.tell, exposure=id_)
    assert [row.resident_id for row in town.sent(exposures.CORRECTION)] == [who.id for who in told]
    assert len(town.sent(exposures.NOTICE)) == 3
    with pytest.raises(NotPossible, match="state"):
        withdraw(town, id_)


def test_a_withdrawal_stops_what_has_not_left(town: Town) -> None:
    facility = opened(town)
    guests(town, 2, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    grant(town, id_)
    withdraw(town, id_)
    town.task(exposures.tell, exposure=id_)
    assert (town.sent(exposures.NOTICE), found(town, id_).state) == ([], "withdrawn")


def test_refused_is_not_told(town: Town) -> None:
    facility = opened(town)
    guests(town, 2, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    with town.database.write() as connection:
        row = exposures.find(connection, id_)
        shown = exposures.digest(row, facilities.find(connection, facility))
        exposures.refuse(connection, VAULT, row, shown, town.approver, town.now, "日時ちがい")
    town.task(exposures.tell, exposure=id_)
    assert (found(town, id_).state, town.sent(exposures.NOTICE)) == ("refused", [])


@pytest.mark.parametrize(
    ("wanted", "fault"),
    [
        (Draft(1, None, at(5, 20), at(5, 18), HALF, False), "order"),
        (Draft(1, None, at(1, 8), at(5, 8), HALF, False), "too_long"),
        (Draft(1, None, at(9, 8), at(9, 9), HALF, False), "future"),
    ],
)
def test_times_that_cannot_be_are_refused(town: Town, wanted: Draft, fault: str) -> None:
    opened(town)
    with pytest.raises(NotPossible, match=fault):
        ask(town, wanted)


def test_a_thousand_are_told_in_several_commits(town: Town) -> None:
    facility = opened(town)
    guests(town, 1100, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    grant(town, id_)
    town.task(exposures.tell, exposure=id_)
    with town.database.read() as connection:
        letters = connection.execute(select(func.count()).where(Delivery.purpose == exposures.NOTICE)).scalar_one()
    assert (letters, found(town, id_).told) == (1100, 1100)


def test_erasure_takes_visits_and_notices_along_and_the_exposure_stays(town: Town) -> None:
    facility = opened(town)
    [hanako] = guests(town, 1, facility, 18)
    id_ = ask(town, draft(facility, 18, 20))
    grant(town, id_)
    town.task(exposures.tell, exposure=id_)
    with town.database.write() as connection:
        erase(connection, hanako.id)
    assert stored(town) == []
    with town.database.read() as connection:
        assert connection.execute(select(ExposureNotice)).all() == []
        assert len(connection.execute(select(Exposure)).all()) == 1


def test_places_that_are_no_longer_named_are_retired_and_come_back_with_their_code(town: Town) -> None:
    facility = opened(town, "見本ホール", "event", "1階", "2階")

    def rename(*places: str) -> list[str]:
        application = Application("見本ホール", "event", "まどぐち町1", "見本 太郎", "000-000", places=places)
        with town.database.write() as connection:
            facilities.change(connection, VAULT, facilities.find(connection, facility), application, town.now)
            return [row.name for row in facilities.places_of(connection, facility)]

    first = poster(town, facility)
    [hanako] = town.settle(1)
    assert rename("2階", "3階") == ["2階", "3階"]
    assert scan(town, hanako, first) == "retired"
    assert rename("1階") == ["1階"]
    assert scan(town, hanako, first) == "in"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": "あ" * 81}, "name"),
        ({"kind": "spaceship"}, "kind"),
        ({"checklist": ("till",)}, "checklist"),
        ({"phone": "なし"}, "phone"),
        ({"mail": "nobody"}, "mail"),
        ({"places": ("1階", "1階")}, "places"),
        ({"places": tuple(map(str, range(51)))}, "places"),
    ],
)
def test_an_application_that_cannot_be_is_refused_at_its_field(town: Town, change: dict[str, Any], field: str) -> None:
    values = {"name": "店", "kind": "restaurant", "address": "1", "person": "見本", "phone": "000"} | change
    assert set(facilities.check(Application(**values), kinds(town.book, town.now)).by_field) == {field}


def test_a_place_is_closed_for_visits_that_never_were(town: Town) -> None:
    with town.database.read() as connection:
        assert visits.spot(connection, 999) is None
