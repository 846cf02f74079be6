"""Every form of the console, sent with what nobody should send: each gets an answer that says so, none a fault."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.console import people
from bot.console.access import Role
from bot.demo import staff
from tests.conftest import databases
from tests.console.client import START, Clerk, Hall

PAGES_MOST = 90
NOT_SENT = ("/sign-out", "/sessions/end", "/sign-in", "/account/password", "/try/turn", "/propose")
"""They would end the session that sends the others; trying flows out has tests of its own."""

VALUES = {
    "nothing": "",
    "a NUL": "a\x00b",
    "control characters": "\x01\x0b\x1b[31m\u202e\u2028",
    "very long": "長" * 5_000,
    "a huge number": "9" * 40,
    "no number": "1e9; DROP TABLE staff",
    "markup": "<script>alert(1)</script>{{ 7 * 7 }}",
}


class Forms(HTMLParser):
    """The forms of a page that are sent: address and names of what they hold."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str, list[str]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.found.append(((given.get("method") or "get").lower(), given.get("action") or "", []))
        elif self.found and (name := given.get("name")) and name != "csrf_token":
            self.found[-1][2].append(name)


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The demo's busy town hall, on each engine."""
    with databases(request, tmp_path_factory.mktemp("nonsense")) as make:
        hall = Hall(make(request.param))
        staff.settle(hall.console, hall.runtime, [(f"U{number:032}", "ja") for number in range(6)])
        yield hall
        hall.close()


def pattern(path: str) -> str:
    return re.sub(
        r"[0-9a-f]{32}|\d+|(?<=/residents/)[A-Z0-9]{10}|(?<=/flows/)[a-z_.]+(?=/|$)", "N", path.partition("?")[0]
    )


def walk(clerk: Clerk) -> Iterator[tuple[str, str]]:
    """Yield address and text of one page of each kind that links lead to."""
    waiting, seen = ["/"], set[str]()
    while waiting and len(seen) < PAGES_MOST:
        path = waiting.pop(0).partition("#")[0]
        if pattern(path) in seen:
            continue
        seen.add(pattern(path))
        answer = clerk.client.get(START + path)
        assert answer.status_code < 500, path
        if answer.mimetype == "text/html":
            html = answer.get_data(as_text=True)
            yield path, html
            waiting += [found for found in re.findall(rf'href="{START}(/[^"]*)"', html) if "/static/" not in found]


def sent(clerk: Clerk, token: str, page: str, form: tuple[str, str, list[str]], value: str) -> Any:
    method, action, names = form
    address = action or START + page
    data = dict.fromkeys(names, value)
    if method == "get":
        return clerk.client.get(address, query_string=data)
    return clerk.client.post(address, data={"csrf_token": token, **data})


@pytest.mark.parametrize("path", ["/submissions/99999999999999999999", "/deliveries/?after=WzFlOTld", "/flows/%00"])
def test_no_address_answers_nonsense_with_a_fault(hall: Hall, path: str) -> None:
    assert hall.sign_in(Role.MANAGER).client.get(START + path).status_code in (200, 400, 404)


@pytest.mark.parametrize("name", ["endpoint", "_scheme", "_external", "_anchor", "_method", "encoding", "self"])
def test_what_an_address_asks_for_leads_nowhere_else(hall: Hall, name: str) -> None:
    clerk = hall.sign_in(Role.MANAGER)
    for path in ("/submissions/?status=any&flow=report.damage&after=WzEsMV0", "/residents/?after=WzFd"):
        answer = clerk.client.get(f"{START}{path}&{name}=javascript&q=x")
        assert answer.status_code == 200
        links = re.findall(r'href="([^"]*javascript[^"]*)"', answer.text)
        assert all(link.startswith(f"{START}/") and "#" not in link for link in links)
    sent_back = clerk.client.get(f"{START}/submissions/table.csv?{name}=javascript&_external=1&_scheme=javascript")
    assert sent_back.status_code == 302
    assert sent_back.location.startswith(f"{START}/submissions/")


def test_a_name_that_is_taken_is_told(hall: Hall) -> None:
    clerk = hall.sign_in(Role.ADMINISTRATOR)
    [first, *_others] = sorted(link for link in clerk.get("/staff/departments").links() if "/departments/" in link)
    with hall.database.write() as connection:
        people.department(connection, "すでにある課", ["garbage"])
    answer = clerk.post(first, {"name": "すでにある課", "services": "garbage"}, status=409)
    assert "同じ名前のものがあるか" in answer


def test_what_cannot_be_stored_is_refused_with_a_sentence(hall: Hall) -> None:
    clerk = hall.sign_in(Role.MANAGER)
    said = clerk.post("/submissions/templates/new", {"name": "a\x00b", "text-ja": "x"}, status=400)
    assert "見えない文字が混ざることがあります" in said


@pytest.mark.parametrize("role", [Role.MANAGER, Role.ADMINISTRATOR])
def test_no_form_answers_nonsense_with_a_fault(hall: Hall, role: Role) -> None:
    """Last, for afterwards nothing in this town hall is as it was."""
    clerk = hall.sign_in(role)
    token = clerk.token()
    wrong, tried = [], set()
    for page, html in list(walk(clerk)):
        for form in Forms(html).found:
            kind = (pattern(form[1] or page), *sorted(set(form[2])))
            if kind in tried or any(path in (form[1] or page) for path in NOT_SENT):
                continue
            tried.add(kind)
            for name, value in VALUES.items():
                answer = sent(clerk, token, page, form, value)
                if answer.status_code >= 500:
                    wrong.append(f"{form[0]} {form[1] or page} with {name}: {answer.status_code}")
                answer.close()
    assert wrong == []
    assert len(tried) > 10
