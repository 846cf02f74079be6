"""Visits and exposures: checked in by a signed code, matched, told once to each resident after two people, taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.owndata.erase import erase
from handlers.covid import exposures, facilities, visits
from handlers.covid.facilities import Application
from handlers.covid.jobs import purge
from handlers.covid.models import Exposure, ExposureNotice, Facility
from handlers.covid.owndata import own_data
from handlers.covid.rules import kinds
from handlers.covid.visiting import check_in, check_out, forget, mine
from tests.handlers.covid.guests import HALF, ask, draft, grant, guests, opened, poster, scan, stored
from tests.handlers.covid.town import VAULT, Town, at


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
