"""Facilities, and exposures in two clicks: the officer asks, the approver allows."""

from __future__ import annotations

import datetime as dt

import pytest

from bot.console.access import Role
from handlers.covid import exposures, facilities
from tests.console.epidemic import SERVICES, Epidemic, form_of, hidden, told
from tests.console.studio import Studio


def test_an_exposure_takes_one_click_of_an_officer_and_one_of_an_approver(epidemic: Epidemic) -> None:
    hall = epidemic.hall
    facility = epidemic.facility()
    moment = epidemic.visited(facility, epidemic.residents(3), 5)
    officer = hall.sign_in(Role.OFFICER, services=SERVICES)
    assert "承認を依頼する" not in officer.get(f"/covid/facilities/{facility}/exposure")
    query = "&".join(f"{name}={value}" for name, value in form_of(moment).items())
    preview = officer.partial(f"/covid/facilities/{facility}/exposure/preview?{query}", "swap")
    assert "3件" in preview
    assert "【大切なお知らせ】" in preview
    asked = officer.post(f"/covid/facilities/{facility}/exposure", form_of(moment))
    path = asked.location
    assert "別の人の承認を待っています" in officer.get(path)
    officer.post(f"{path}/grant", {"digest": "00"}, status=403)
    approver = hall.sign_in(Role.APPROVER, services=SERVICES)
    home = approver.get("/")
    assert path in home.links()
    page = approver.get(path)
    assert "該当する3人へすぐに届きます" in page
    approver.post(f"{path}/grant", {"digest": hidden(page, "digest")})
    number = int(path.rsplit("/", 1)[1])
    with hall.database.read() as connection:
        row = exposures.find(connection, number)
    assert (row.state, row.approved_by) == ("approved", approver.staff_id)
    subjects = [[each.subject for each in hall.audited(f"covid.exposure.{what}")][-1] for what in ("ask", "grant")]
    assert subjects == [f"exposure:{number}"] * 2


def test_who_asks_about_the_same_time_again_and_who_decides_are_warned(epidemic: Epidemic) -> None:
    hall = epidemic.hall
    facility = epidemic.facility()
    moment = epidemic.visited(facility, epidemic.residents(1), 5)
    officer = hall.sign_in(Role.OFFICER, services=SERVICES)
    approver = hall.sign_in(Role.APPROVER, services=SERVICES)
    warning = "すでにお知らせがあります"

    def preview(begin: dt.datetime) -> str:
        query = "&".join(f"{name}={value}" for name, value in form_of(begin).items())
        return officer.partial(f"/covid/facilities/{facility}/exposure/preview?{query}", "swap").html

    assert warning not in preview(moment)
    first = officer.post(f"/covid/facilities/{facility}/exposure", form_of(moment)).location
    assert warning not in approver.get(first)
    assert warning in preview(moment + dt.timedelta(minutes=20))
    assert warning not in preview(moment + dt.timedelta(minutes=40))
    second = officer.post(f"/covid/facilities/{facility}/exposure", form_of(moment + dt.timedelta(minutes=20))).location
    page = approver.get(second)
    assert warning in page
    assert first in page.links()
    approver.post(f"{first}/refuse", {"digest": hidden(approver.get(first), "digest")})
    assert warning not in approver.get(second)


def test_a_time_whose_visits_are_deleted_is_said(epidemic: Epidemic) -> None:
    facility = epidemic.facility()
    officer = epidemic.hall.sign_in(Role.OFFICER, services=SERVICES)
    for days, said in ((27, False), (29, True)):
        long_ago = form_of(epidemic.hall.now() - dt.timedelta(days=days))
        query = "&".join(f"{name}={value}" for name, value in long_ago.items())
        preview = officer.partial(f"/covid/facilities/{facility}/exposure/preview?{query}", "swap")
        assert ("もう残っていないものがあります" in preview) is said


def test_a_manager_cannot_allow_what_they_asked_for_themselves(epidemic: Epidemic) -> None:
    facility = epidemic.facility()
    moment = epidemic.visited(facility, epidemic.residents(1), 5)
    manager = epidemic.hall.sign_in(Role.MANAGER, services=SERVICES)
    path = manager.post(f"/covid/facilities/{facility}/exposure", form_of(moment)).location
    page = manager.get(path)
    assert "承認して知らせる" not in page
    manager.post(f"{path}/grant", {"digest": hidden(page, "digest")})
    assert "依頼した本人は承認できません" in told(manager, path)
    manager.post(f"{path}/take-back", {"digest": hidden(page, "digest")})
    with epidemic.hall.database.read() as connection:
        assert exposures.find(connection, int(path.rsplit("/", 1)[1])).state == "refused"


def test_an_old_picture_of_an_exposure_does_not_allow_it(epidemic: Epidemic) -> None:
    facility = epidemic.facility()
    moment = epidemic.visited(facility, epidemic.residents(1), 5)
    officer = epidemic.hall.sign_in(Role.OFFICER, services=SERVICES)
    path = officer.post(f"/covid/facilities/{facility}/exposure", form_of(moment)).location
    approver = epidemic.hall.sign_in(Role.APPROVER, services=SERVICES)
    approver.post(f"{path}/grant", {"digest": "ab" * 32})
    assert "内容が変わりました" in told(approver, path)
    approver.post(f"{path}/grant", {"digest": "no digest"}, status=400)


def test_a_withdrawal_is_one_click_and_says_what_will_be_sent(epidemic: Epidemic) -> None:
    hall = epidemic.hall
    facility = epidemic.facility()
    moment = epidemic.visited(facility, epidemic.residents(1), 5)
    officer = hall.sign_in(Role.OFFICER, services=SERVICES)
    path = officer.post(f"/covid/facilities/{facility}/exposure", form_of(moment)).location
    approver = hall.sign_in(Role.APPROVER, services=SERVICES)
    approver.post(f"{path}/grant", {"digest": hidden(approver.get(path), "digest")})
    assert "【訂正とお詫び】" in approver.get(path)
    approver.post(f"{path}/withdraw")
    assert "取り消し" in approver.get(path)
    approver.post(f"{path}/withdraw")
    assert "いまは取り消せません" in told(approver, path)


def test_times_that_cannot_be_are_said_beside_the_form(epidemic: Epidemic) -> None:
    facility = epidemic.facility()
    officer = epidemic.hall.sign_in(Role.OFFICER, services=SERVICES)
    tomorrow = form_of(epidemic.hall.now() + dt.timedelta(days=1))
    query = "&".join(f"{name}={value}" for name, value in tomorrow.items())
    path = f"/covid/facilities/{facility}/exposure"
    assert "まだ来ていません" in officer.partial(f"{path}/preview?{query}", "swap")
    assert "日時を入れると" in officer.partial(f"{path}/preview?day=nonsense&from=9&to=x", "swap")
    for field in ("padding", "place"):  # a digit that is no number
        officer.get(f"{path}?{query}&{field}=%C2%B2".replace(f"{field}={tomorrow[field]}&", ""))
    refused = officer.post(path, tomorrow, status=200)
    assert "入力を確かめてください" in refused


def test_staff_register_a_facility_change_it_renew_its_codes_and_retire_it(epidemic: Epidemic) -> None:
    hall = epidemic.hall
    officer = hall.sign_in(Role.OFFICER, services=SERVICES)
    assert "飲食店" in officer.get("/covid/facilities/new")
    form = {"name": "見本ホール", "address": "まどぐち町2", "person": "見本 花子", "phone": "000", "places": "1階\n2階"}
    wrong = officer.post("/covid/facilities/new?kind=event", form | {"name": ""}, status=200)
    assert "書いてください" in wrong
    path = officer.post("/covid/facilities/new?kind=event", form | {"checklist": ["masks"]}).location
    page = officer.get(path)
    assert "見本 花子" in page
    assert "マスクをつけています" in page
    number = int(path.rsplit("/", 1)[1])
    officer.post(f"{path}/renew")
    with hall.database.read() as connection:
        assert {row.version for row in facilities.places_of(connection, number)} == {2}
        place = facilities.places_of(connection, number)[0].id
    officer.post(f"{path}/renew", {"place": place})
    assert "見本ホール" in officer.get(f"{path}/edit")
    officer.post(f"{path}/edit", form | {"places": "2階"})
    with hall.database.read() as connection:
        assert [row.name for row in facilities.places_of(connection, number)] == ["2階"]
    officer.post(f"{path}/retire")
    assert "登録を終えた施設です" in officer.get(path)
    done = [row.action for row in hall.audited() if row.subject == f"facility:{number}" and "view" not in row.action]
    assert done == [f"covid.facility.{each}" for each in ("register", "renew", "renew", "change", "retire")]


def test_a_facility_that_registered_itself_waits_to_be_looked_at(epidemic: Epidemic) -> None:
    number = epidemic.facility("じぶん食堂", own=True)
    officer = epidemic.hall.sign_in(Role.OFFICER, services=SERVICES)
    assert "じぶん食堂" in officer.get("/covid/facilities?state=new")
    assert "実在する施設か" in officer.get(f"/covid/facilities/{number}")
    officer.post(f"/covid/facilities/{number}/look")
    assert "じぶん食堂" not in officer.get("/covid/facilities?state=new")
    assert "じぶん食堂" in officer.get("/covid/facilities?q=じぶん")


@pytest.mark.browser
def test_an_exposure_is_asked_for_and_allowed_in_the_browser(town_studio: Studio) -> None:
    epidemic = Epidemic(town_studio.hall)
    facility = epidemic.facility("見本食堂 まどぐち駅前店", named=True)
    moment = epidemic.visited(facility, epidemic.residents(4), 5)
    officer = town_studio.open(f"/covid/facilities/{facility}/exposure", Role.OFFICER, services=SERVICES)
    for name, value in form_of(moment).items():
        if name not in {"padding", "place"}:
            officer.fill(f"#{name}", value)
            officer.dispatch_event(f"#{name}", "change")
    officer.wait_for_selector("text=4件")
    town_studio.check(officer, "covid-exposure-asked")
    officer.click("text=承認を依頼する")
    officer.wait_for_selector("text=別の人の承認を待っています")
    approver = town_studio.open("/", Role.APPROVER, services=SERVICES)
    approver.click("a.tile-danger")
    approver.wait_for_selector("text=承認して知らせる")
    town_studio.check(approver, "covid-exposure-waiting")
    approver.click("text=承認して知らせる")
    approver.wait_for_selector("text=承認しました")
