"""Every route of the console, tried with every role and without any: who may not come in does not, and nobody forgot to say."""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import Any

import pytest
from werkzeug.routing import Rule

from bot.console.access import Role, permission_of
from bot.console.app import STATIC
from tests.console.client import START, Clerk, Hall

FILES = sorted(path.stem for path in Path(__file__).parent.glob("expected*.py"))
PAGES: dict[str, str] = {}
for name in FILES:
    PAGES |= importlib.import_module(f"tests.console.{name}").PAGES
SOMETHING = {"IntegerConverter": 999_999_999, "UnicodeConverter": "none", "PathConverter": "none", "AnyConverter": None}


def rules(hall: Hall) -> list[Rule]:
    return [rule for rule in hall.console.url_map.iter_rules() if rule.endpoint not in STATIC]


def address(rule: Rule) -> str:
    """Return an address of a route, with numbers of things that do not exist."""
    arguments: dict[str, Any] = {}
    for argument in rule.arguments:
        converter = rule._converters[argument]
        arguments[argument] = SOMETHING[type(converter).__name__] or min(converter.items)  # type: ignore[attr-defined]  # an "any" converter
    built = rule.build(arguments)
    assert built is not None
    return START + built[1]


def status(client: Any, rule: Rule) -> int:
    """Ask without the hidden field, so that nothing is changed: 400 shows that only it was missing."""
    method = "GET" if "GET" in (rule.methods or ()) else "POST"
    answer = client.open(address(rule), method=method)
    leads_to_sign_in = answer.status_code == 302 and "/sign-in" in answer.headers["Location"]
    return 401 if leads_to_sign_in else int(answer.status_code)


def test_every_page_is_in_the_table_and_the_table_names_no_other(town_hall: Hall) -> None:
    assert {rule.endpoint for rule in rules(town_hall)} == set(PAGES)


def test_every_route_declares_its_permission(town_hall: Hall) -> None:
    assert [
        rule.endpoint
        for rule in rules(town_hall)
        if permission_of(town_hall.console.view_functions[rule.endpoint]) is None
    ] == []


@pytest.mark.parametrize("role", list(Role))
def test_a_role_opens_its_pages_and_no_others(town_hall: Hall, role: Role) -> None:
    staff_id = town_hall.add_staff(role)
    wrong = []
    for rule in rules(town_hall):
        found = status(town_hall.sign_in_as(staff_id).client, rule)
        expected = PAGES.get(rule.endpoint, "")
        if expected != "public" and (role.value in expected.split()) != (found not in (401, 403)):
            wrong.append(f"{rule.endpoint}: {found}")
        if found >= 500:
            wrong.append(f"{rule.endpoint}: {found}")
    assert wrong == []


def test_without_signing_in_only_the_public_pages_open(town_hall: Hall) -> None:
    found = {rule.endpoint: status(town_hall.stranger(), rule) for rule in rules(town_hall)}
    inside = {name for name, code in found.items() if code != 401}
    assert inside <= {name for name, expected in PAGES.items() if expected == "public"}


def test_somebody_without_a_role_sees_only_what_is_for_everybody(town_hall: Hall) -> None:
    clerk: Clerk = town_hall.sign_in()
    limited = [
        rule
        for rule in rules(town_hall)
        if len(PAGES[rule.endpoint].split()) < len(Role) and PAGES[rule.endpoint] != "public"
    ]
    assert [rule.endpoint for rule in limited if status(clerk.client, rule) != 403] == []
