"""The call list: the most urgent first, each person in one pair of hands; and the health checks behind it."""

from __future__ import annotations

import re
from html import unescape

import pytest
from sqlalchemy import select

from bot.console.access import Role
from bot.console.handover import hand_over, open_work
from handlers.covid import calls, followups
from handlers.covid.calls import Outcome, Wanted
from handlers.covid.followups import Person
from handlers.covid.models import CallEntry, FollowUp
from handlers.covid.rules import cadences
from tests.console.epidemic import SERVICES, Epidemic, told
from tests.console.studio import Studio


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
