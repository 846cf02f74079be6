"""What `madoguchi flows check` finds beyond the shape of a file: one module per kind of promise."""

from __future__ import annotations

from collections.abc import Mapping

from bot.flow.action import ActionSpec
from bot.flow.lint import actions as action_rules
from bot.flow.lint import (
    habits,
    keywords,
    limits,
    lists,
    paths,
    richmenu,
    segments,
    shown,
    town,
    translations,
    variables,
)
from bot.flow.lint.page import Page
from bot.flow.load import Loaded
from bot.flow.problems import Problem


def check(loaded: Loaded, actions: Mapping[str, ActionSpec] | None = None) -> list[Problem]:
    """Return every problem of the loaded flows, in the order of the files; `actions` None leaves actions unchecked."""
    problems = [*loaded.problems, *keywords.check(loaded), *town.check(loaded), *richmenu.check(loaded)]
    for name, source in loaded.origins.items():
        page = Page(loaded.book, loaded.book.programs[name], source, loaded.notes[name], actions)
        for rules in (paths, variables, action_rules, limits, shown, segments, lists, translations, habits):
            problems.extend(rules.check(page))
    return sorted(
        dict.fromkeys(problems), key=lambda problem: (problem.place.file, problem.place.line, problem.place.column)
    )
