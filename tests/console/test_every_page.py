"""Every page of the console, found by following its links through the demo's town, in Chromium: none is forgotten."""

from __future__ import annotations

import re
from collections import Counter
from itertools import cycle
from pathlib import Path

import pytest
from sqlalchemy import select
from werkzeug.exceptions import HTTPException

from bot.console import people
from bot.console.access import Role
from bot.console.app import STATIC
from bot.demo.staff import settle
from bot.models import Resident
from tests.console.client import START
from tests.console.studio import Studio

pytestmark = pytest.mark.browser

NO_PAGES = {
    "auditlog.export", "broadcasts.table", "child_welfare.download", "covid.statistics_file", "datamap.download",
    "desk.exported", "imports.faults", "imports.sample", "submissions.table", "usage.download",
} | {
    "broadcasts.picture", "desk.content", "submissions.file",
} | {
    "broadcasts.live", "broadcasts.reach_of", "covid.preview_exposure", "desk.poll", "home.tiles", "imports.progress",
    "submissions.picture",
}  # fmt: skip
"""Tables to save, files, and parts of pages."""

ELSEWHERE = {
    "signin.sign_in": "test_shell_seen", "signin.setup": "test_shell_seen", "signin.code": "test_shell_seen",
    "imports.one": "test_submissions_seen", "imports.columns": "test_submissions_seen", "desk.file": "test_desk_views",
    "flows.difference": "test_flows",
}  # fmt: skip
"""Pages that need something the demo's town has not done, and the test beside this one that looks at them."""


VISITS = 8
"""So many addresses of one page are followed: what is next depends on the state of what it shows."""

LINK = re.compile(rf'<a [^>]*href="({START}/[^"#]*)"')


def endpoint_of(studio: Studio, address: str) -> str | None:
    """Return which page of the console an address is; None for what is none, or is sent as a form only."""
    try:
        found, _ = studio.hall.console.url_map.bind("localhost").match(address.partition("?")[0].removeprefix(START))
    except HTTPException:
        return None
    return str(found)


def pages_of(studio: Studio) -> set[str]:
    return {
        rule.endpoint
        for rule in studio.hall.console.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and rule.endpoint not in {*STATIC, *NO_PAGES}
    }


def addresses(studio: Studio, staff_id: int, starts: list[str]) -> dict[str, str]:
    """Return the first address of each page that links lead to from `starts`, however far, with what was found on the way."""
    client = studio.hall.sign_in_as(staff_id).client
    found: dict[str, str] = {}
    visits: Counter[str] = Counter()
    ahead = dict.fromkeys(starts)
    for address in (waiting := list(ahead)):
        endpoint = endpoint_of(studio, address)
        if endpoint is None or endpoint in NO_PAGES or visits[endpoint] == VISITS:
            continue
        answer = client.get(address)
        visits[endpoint] += 1
        if answer.status_code != 200:
            continue
        found.setdefault(endpoint, address)
        for link in LINK.findall(answer.get_data(as_text=True)):
            if link not in ahead:
                ahead[link] = None
                waiting.append(link)
    return found


def test_every_page_is_reached_and_reads_well_at_a_desk_or_on_a_phone(town_studio: Studio) -> None:
    studio = town_studio
    hall = studio.hall
    settle(hall.console, hall.runtime, [(f"U{number:032}", "ja") for number in range(9)])
    staff = {language: hall.add_staff(language=language) for language in ("ja", "en")}
    with hall.database.write() as connection:
        department = people.department(connection, "まどぐち課")
        for staff_id in staff.values():
            people.set_roles(connection, staff_id, [(department, role) for role in Role])
        reference = connection.execute(select(Resident.reference).order_by(Resident.id).limit(1)).scalar_one()
    found = addresses(studio, staff["ja"], [f"{START}/", f"{START}/residents/requests/{reference}"])
    assert pages_of(studio) - set(found) == set(ELSEWHERE)
    looks = {look: studio.open_as("/", staff[look[0]], look[1]) for look in (("ja", "desk"), ("en", "phone"))}
    for (endpoint, address), (look, page) in zip(sorted(found.items()), cycle(looks.items())):
        page.goto(studio.url.removesuffix(START) + address)
        studio.check(page, f"every-{endpoint}-{'-'.join(look)}")


def test_the_tests_that_look_at_the_other_pages_are_there() -> None:
    here = Path(__file__).parent
    assert [name for name in set(ELSEWHERE.values()) if not (here / f"{name}.py").exists()] == []
