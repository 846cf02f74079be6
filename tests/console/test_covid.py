"""The officer and the approver at work: facilities, exposures in two clicks, the call list, people, statistics."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from html import unescape
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.console.access import Role
from bot.console.handover import hand_over, open_work
from bot.models import Channel, Resident
from bot.now import TOKYO
from handlers.covid import calls, exposures, facilities, followups, visits
from handlers.covid.calls import Outcome, Wanted
from handlers.covid.facilities import Application
from handlers.covid.followups import Person, Told
from handlers.covid.models import CallEntry, FollowUp
from handlers.covid.rules import cadences, kinds, settings
from handlers.covid.triage import Advice, Condition
from tests.console.client import START, Clerk, Hall, Seen
from tests.console.studio import Studio

SERVICES = ["covid"]
_WORK, _EXPOSE = "manager officer", "manager officer approver"
PERMITTED = {
    **dict.fromkeys(
        (
            "calls",
            "next_call",
            "call",
            "take_call",
            "record_call",
            "put_off_calls",
            "people",
            "person",
            "end_follow_up",
        ),
        _WORK,
    ),
    **dict.fromkeys(("facilities", "new_facility", "facility", "edit_facility", "look_at_facility"), _WORK),
    **dict.fromkeys(("renew_codes", "retire_facility"), _WORK),
    **dict.fromkeys(("new_exposure", "preview_exposure", "take_back_exposure"), _WORK),
    **dict.fromkeys(("exposures", "exposure"), _EXPOSE),
    **dict.fromkeys(("grant_exposure", "refuse_exposure", "withdraw_exposure"), "manager approver"),
    **dict.fromkeys(("statistics", "statistics_file"), "manager officer auditor"),
}
"""Who may open which page."""


class Epidemic:
    """What residents and facilities have done, in the database of a hall."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self.book = hall.runtime.editions.book()

    def residents(self, number: int) -> list[int]:
        with self.hall.database.write() as connection:
            channel = connection.execute(select(Channel.id).limit(1)).scalar_one_or_none()
            if channel is None:
                made = insert(Channel).values(name="main", created_at=self.hall.now()).returning(Channel.id)
                channel = connection.execute(made).scalar_one()
            known = len(connection.execute(select(Resident.id)).all())
            rows = [
                {
                    "channel_id": channel, "line_user_id": f"U{known + each:032}", "reference": f"R{known + each:09}",
                    "friend": True, "friend_at": 0, "created_at": self.hall.now(),
                }
                for each in range(number)
            ]  # fmt: skip
            return list(connection.execute(insert(Resident).returning(Resident.id), rows).scalars())

    def facility(self, name: str = "見本食堂", *, own: bool = False, named: bool = False) -> int:
        application = Application(
            name, "restaurant", "まどぐち町1", "見本 太郎", "000-000", places=("1階", "2階"), checklist=("masks",),
            may_be_named=named,
        )  # fmt: skip
        by = None if own else self.hall.add_staff(Role.OFFICER, services=SERVICES)
        with self.hall.database.write() as connection:
            return facilities.register(connection, self.hall.vault, application, self.hall.now(), by)

    def visited(self, facility: int, people: list[int], hours_ago: float) -> dt.datetime:
        moment = self.hall.now() - dt.timedelta(hours=hours_ago)
        with self.hall.database.write() as connection:
            place = facilities.places_of(connection, facility)[0].id
            for each in people:
                visits.check_in(connection, kinds(self.book, moment), each, place, moment)
        return moment

    def at_home(self, resident: int, age: str = "65", *, ill: bool = True) -> int:
        now = self.hall.now()
        person = Person(resident, age, chronic=False, area="見本東", postal_code="000-0000", phone="000-000")
        home, rules = cadences(self.book, now)["home"], settings(self.book, now)
        with self.hall.database.write() as connection:
            followups.begin(connection, self.hall.vault, person, "home", home, now)
            row = followups.of_resident(connection, resident)
            condition = Condition(38.8 if ill else 36.5, 2 if ill else 0)
            followups.hear(connection, self.hall.vault, row, condition, home, rules, now)
            return int(row.id)


@pytest.fixture
def epidemic(town_hall: Hall) -> Epidemic:
    return Epidemic(town_hall)


def form_of(moment: dt.datetime) -> dict[str, Any]:
    local = moment.astimezone(TOKYO)
    return {
        "day": local.date().isoformat(),
        "from": local.strftime("%H:%M"),
        "to": (local + dt.timedelta(minutes=30)).strftime("%H:%M"),
        "padding": "30",
        "place": "",
    }


def hidden(page: Seen, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.html)
    assert found
    return found[1]


def told(clerk: Clerk, path: str) -> str:
    """Open a page once, so that the sentence about what was just done is still on it."""
    return clerk.client.get(f"{START}{path}").get_data(as_text=True)


def test_each_page_opens_for_its_roles_and_no_others(town_hall: Hall) -> None:
    found = town_hall.console.url_map.iter_rules()
    rules = {rule.endpoint.partition(".")[2]: rule for rule in found if rule.endpoint.startswith("covid.")}
    assert set(rules) == set(PERMITTED)
    for role in Role:
        clerk = town_hall.sign_in(role)
        for name, rule in rules.items():
            method = "GET" if "GET" in (rule.methods or ()) else "POST"
            built = rule.build(dict.fromkeys(rule.arguments, 999_999_999))
            assert built is not None
            status = clerk.client.open(START + built[1], method=method).status_code
            assert (status == 403) == (role.value not in PERMITTED[name].split()), (name, role, status)


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


def test_calls_are_worked_off_one_after_the_other(epidemic: Epidemic) -> None:
    hall = epidemic.hall
    first, second = (epidemic.at_home(each) for each in epidemic.residents(2))
    officer = hall.sign_in(Role.OFFICER, services=SERVICES)
    assert "見本東" in officer.get("/covid/calls")
    path = officer.post("/covid/calls/next?risk=0").location
    page = officer.get(path)
    assert "38.8" in page
    assert "000-000" in page
    plain = path.split("?")[0]
    following = officer.post(f"{plain}/record?risk=0", {"outcome": "well", "note": "落ち着いている"})
    assert following.location.startswith("/covid/calls/")
    assert following.location != path
    officer.post(f"{following.location.split('?')[0]}/record?risk=0", {"outcome": "hospital"})
    with hall.database.read() as connection:
        states = {row.last_outcome for row in connection.execute(select(CallEntry))}
        assert {Outcome.WELL.value, Outcome.HOSPITAL.value} <= states
        ended = [followups.by_id(connection, each).state for each in (first, second)]
    assert sorted(ended) == ["active", "ended"]
    assert "落ち着いている" in officer.get(plain)
    officer.post(f"{plain}/record", {"outcome": "nonsense"}, status=400)
    officer.post("/covid/calls/next?risk=3")
    assert "いま電話する方はいません" in told(officer, "/covid/calls?risk=3")


def test_a_list_of_1200_is_paged_and_the_least_urgent_are_left_for_tomorrow(epidemic: Epidemic) -> None:
    hall = epidemic.hall
    now, area = hall.now(), "千二百"
    home = cadences(epidemic.book, now)["home"]
    people = epidemic.residents(1200)
    with hall.database.write() as connection:
        for number, each in enumerate(people):
            person = Person(each, "65" if number % 4 == 0 else "20", number % 8 == 0, area, phone="000-000")
            followups.begin(connection, hall.vault, person, "home", home, now)
        rows = connection.execute(
            select(FollowUp).where(FollowUp.resident_id.in_(people)).order_by(FollowUp.risk)
        ).all()
        calls.put_on_list(connection, rows[:2], calls.WORSE, now)
        calls.put_on_list(connection, rows, calls.SILENT, now)
    officer = hall.sign_in(Role.OFFICER, services=SERVICES)
    low = f"risk=3&area={area}"
    path, seen = f"/covid/calls?{low}", list[str]()
    while path:
        page = officer.get(path)
        seen += re.findall(r'href="/console/covid/calls/(\d+)', page.html)
        following = re.search(r'href="/console([^"]*)" rel="next"', page.html)
        path = unescape(following[1]) if following else ""
    assert len(seen) == len(set(seen)) == 900
    officer.post(f"/covid/calls/put-off?{low}")
    assert "900人を明日にまわしました" in told(officer, f"/covid/calls?{low}")
    with hall.database.read() as connection:
        assert calls.counts(connection, Wanted(3, area)) == {3: 900}
    officer.post(f"/covid/calls/next?{low}")
    assert "いま電話する方はいません" in told(officer, f"/covid/calls?{low}")
    officer.post(f"/covid/calls/put-off?area={area}")
    urgent = officer.post(f"/covid/calls/next?area={area}").location
    assert "悪くなった" in officer.get(urgent)
    with hall.database.read() as connection:
        due = select(CallEntry.reason).where(CallEntry.call_at <= now, CallEntry.area == area)
        assert list(connection.execute(due).scalars()) == ["worse", "worse"]


def test_two_officers_are_never_given_the_same_person(epidemic: Epidemic) -> None:
    for each in epidemic.residents(2):
        epidemic.at_home(each)
    one, other = (epidemic.hall.sign_in(Role.OFFICER, services=SERVICES) for _ in range(2))
    mine, theirs = one.post("/covid/calls/next").location, other.post("/covid/calls/next").location
    assert mine != theirs
    assert "ほかの職員が対応中です" in other.get(mine)
    other.post(f"{mine}/record", {"outcome": "well"})
    assert "結果は記録していません" in told(other, mine)


def test_looking_at_a_person_to_call_takes_nobody_in_hand(epidemic: Epidemic) -> None:
    [resident] = epidemic.residents(1)
    follow_up = epidemic.at_home(resident)
    with epidemic.hall.database.read() as connection:
        wanted = select(CallEntry.id).where(CallEntry.follow_up_id == follow_up)
        path = f"/covid/calls/{connection.execute(wanted).scalar_one()}"
    one, other = (epidemic.hall.sign_in(Role.OFFICER, services=SERVICES) for _ in range(2))
    assert "引き受けて電話する" in one.get(path)
    assert "引き受けて電話する" in other.get(path)
    one.post(f"{path}/take")
    assert "電話の結果" in one.get(path)
    assert "ほかの職員が対応中です" in other.get(path)
    other.post(f"{path}/take")
    assert "すでに終わっています" in told(other, path)


def test_a_call_in_hand_goes_to_the_successor(epidemic: Epidemic) -> None:
    [resident] = epidemic.residents(1)
    epidemic.at_home(resident)
    hall = epidemic.hall
    leaver, successor = (hall.sign_in(Role.OFFICER, services=SERVICES) for _ in range(2))
    path = leaver.post("/covid/calls/next").location
    with hall.database.write() as connection:
        assert open_work(connection, leaver.staff_id) == 1
        assert hand_over(connection, leaver.staff_id, successor.staff_id, hall.now()) == 1
    assert "電話の結果" in successor.get(path)
    assert "ほかの職員が対応中です" in leaver.get(path)


def test_staff_see_and_end_the_health_checks_of_a_person(epidemic: Epidemic) -> None:
    hall = epidemic.hall
    [resident] = epidemic.residents(1)
    number = epidemic.at_home(resident, ill=False)
    officer = hall.sign_in(Role.OFFICER, services=SERVICES)
    assert "自宅療養" in officer.get("/covid/people?cadence=home")
    assert "36.5" in officer.get(f"/covid/people/{number}")
    assert [row.subject for row in hall.audited("covid.person.view")][-1] == f"follow-up:{number}"
    officer.post(f"/covid/people/{number}/end")
    assert "職員が終えた" in officer.get(f"/covid/people/{number}")
    assert officer.get("/covid/people?state=ended&silent=1")


def answered(epidemic: Epidemic, area: str, number: int, advice: Advice) -> None:
    hall = epidemic.hall
    rules = settings(epidemic.book, hall.now())
    people = epidemic.residents(number)
    with hall.database.write() as connection:
        for each in people:
            told = Told(each, "support", area, "40", advice)
            followups.keep(connection, hall.vault, told, rules, hall.now())


def test_statistics_and_their_file_hide_small_numbers(epidemic: Epidemic) -> None:
    answered(epidemic, "見本北", 25, Advice.WELL)
    answered(epidemic, "見本南", 30, Advice.WELL)
    answered(epidemic, "見本南", 3, Advice.CALL)
    clerk = epidemic.hall.sign_in(Role.AUDITOR, services=SERVICES)
    page = clerk.get("/covid/statistics?by=area")
    assert "25" in page
    described = re.search(r"相談を案内: ([^;]*); 様子を見る: ([^;]*); 症状なし: ([^<\"]*)", page.html)
    assert described is not None
    called, _, well = (part.split(", ") for part in described.groups())
    assert ("非公表" in called, "3" in called) == (True, False)
    assert ("25" in well, "非公表" in well, "30" in well) == (True, True, False)
    assert not [link for link in page.links() if "statistics.csv" in link]
    clerk.get("/covid/statistics.csv?by=area", status=404)
    epidemic.hall.now.offset += dt.timedelta(days=7)
    clerk = epidemic.hall.sign_in(Role.AUDITOR, services=SERVICES)
    file = clerk.get("/covid/statistics.csv?by=area")
    rows = {row[0]: row[1:] for row in csv.reader(io.StringIO(file.data.decode("utf-8-sig")))}
    assert rows["見本南"][0] == "非公表"
    assert "3" not in rows["見本南"]
    for by in ("age_band", "day", "nonsense"):
        assert clerk.get(f"/covid/statistics?by={by}&week=2020-01-01")


def test_another_department_sees_nothing_of_it(epidemic: Epidemic) -> None:
    facility = epidemic.facility()
    stranger = epidemic.hall.sign_in(Role.OFFICER, services=["tax"])
    for path in ("/covid/calls", "/covid/people", f"/covid/facilities/{facility}", "/covid/exposures"):
        stranger.get(path, status=404)
    assert "承認を待つ接触のお知らせ" not in stranger.get("/")


def test_an_empty_list_of_centres_is_said_on_the_home_page(epidemic: Epidemic) -> None:
    assert "要設定" in epidemic.hall.sign_in(Role.OFFICER, services=SERVICES).get("/")


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
    town_studio.check(approver, "covid-exposure-waiting")
    approver.click("text=承認して知らせる")
    approver.wait_for_selector("text=承認しました")


@pytest.mark.browser
def test_calls_are_worked_off_by_the_keyboard_alone(town_studio: Studio) -> None:
    epidemic = Epidemic(town_studio.hall)
    for each in epidemic.residents(3):
        epidemic.at_home(each)
    page = town_studio.open("/covid/calls", Role.OFFICER, services=SERVICES)
    page.keyboard.press("n")
    page.wait_for_url("**/covid/calls/*")
    first = page.url
    page.keyboard.press("1")
    page.wait_for_url(lambda url: url != first)
    second = page.url
    page.keyboard.press("5")
    page.wait_for_url(lambda url: url != second)
    with town_studio.hall.database.read() as connection:
        outcomes = {row.last_outcome for row in connection.execute(select(CallEntry)) if row.last_outcome}
    assert outcomes == {"well", "absent"}


@pytest.mark.browser
def test_every_page_can_be_read_at_a_desk_and_on_a_phone(town_studio: Studio) -> None:
    epidemic = Epidemic(town_studio.hall)
    facility = epidemic.facility("見本食堂", own=True)
    moment = epidemic.visited(facility, epidemic.residents(2), 5)
    person = epidemic.at_home(epidemic.residents(1)[0])
    answered(epidemic, "見本北", 25, Advice.WELL)
    answered(epidemic, "見本北", 14, Advice.WATCH)
    answered(epidemic, "見本南", 30, Advice.WELL)
    answered(epidemic, "見本南", 4, Advice.CALL)
    officer = town_studio.hall.sign_in(Role.OFFICER, services=SERVICES)
    path = officer.post(f"/covid/facilities/{facility}/exposure", form_of(moment)).location
    with town_studio.hall.database.read() as connection:
        entry = connection.execute(select(CallEntry.id).order_by(CallEntry.id.desc()).limit(1)).scalar_one()
    for address, name in (
        ("/covid/calls", "calls"),
        (f"/covid/calls/{entry}", "call"),
        ("/covid/people", "people"),
        (f"/covid/people/{person}", "person"),
        ("/covid/facilities", "facilities"),
        ("/covid/facilities/new?kind=restaurant", "facility-form"),
        (f"/covid/facilities/{facility}", "facility"),
        (f"/covid/facilities/{facility}/exposure", "exposure-form"),
        ("/covid/exposures", "exposures"),
        (path, "exposure"),
        ("/covid/statistics?by=area", "statistics"),
    ):
        town_studio.look(address, f"covid-{name}", Role.MANAGER, services=SERVICES)
