"""Whoever watches over the town hall reads in words, in both languages, what was done: no action is shown by its code alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from flask_babel import force_locale

from bot.console.actions import TITLES, action_title
from tests.console.client import Hall
from tests.product import ROOT

RECORDS = {"record", "viewed"}


def recorded() -> Iterator[tuple[str, str]]:
    """Yield each action that is recorded under a name written out, with the file that records it."""
    for folder in ("bot", "handlers"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and _name(node.func) in RECORDS:
                    # Of a command the second is who it is; of a view the first or second is the action.
                    for given in node.args[:3]:
                        if isinstance(given, ast.Constant) and isinstance(given.value, str):
                            yield given.value, path.name
                            break


def _name(called: ast.expr) -> str:
    """Return the function of `audit` that is called; nothing for others of the same name."""
    if isinstance(called, ast.Attribute) and isinstance(called.value, ast.Name) and called.value.id == "audit":
        return called.attr
    return ""


def test_every_action_that_is_recorded_has_a_title(town_hall: Hall) -> None:
    found = dict(recorded())
    assert len(found) > 50
    assert {action: file for action, file in found.items() if action not in TITLES} == {}


def test_every_title_is_there_in_english(town_hall: Hall) -> None:
    with town_hall.console.test_request_context(), force_locale("en"):
        town_hall.untranslated().clear()
        for action in TITLES:
            action_title(action)
        assert town_hall.untranslated() == set()
