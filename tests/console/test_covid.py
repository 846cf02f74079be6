"""The COVID services' pages: who may open which, statistics, and how they look."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from sqlalchemy import select

from bot.console.access import Role
from handlers.covid.models import CallEntry
from handlers.covid.triage import Advice
from tests.console.client import START, Hall
from tests.console.epidemic import SERVICES, Epidemic, answered, form_of
from tests.console.studio import Studio

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
