"""What `madoguchi flows check` finds beyond the shape of a file: one module per kind of promise."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from bot.flow.action import ActionSpec
from bot.flow.lint import actions as action_rules
from bot.flow.lint import (
    buttons,
    comparisons,
    filtering,
    habits,
    keywords,
    limits,
    lists,
    meant,
    misread,
    offices,
    paths,
    reminders,
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

CONSEQUENCES = frozenset({"unknown_flow", "unknown_keyword", "unknown_value", "unknown_language"})
"""What may be missing only because the file that holds it cannot be read: said once that file is mended."""


def check(
    loaded: Loaded, actions: Mapping[str, ActionSpec] | None = None, today: dt.date | None = None
) -> list[Problem]:
    """Return every problem of the loaded flows, in the order of the files.

    `actions` None leaves actions unchecked, `today` None whether a date has passed.
    """
    problems = [
        *loaded.problems,
        *keywords.check(loaded),
        *town.check(loaded),
        *richmenu.check(loaded),
        *offices.check(loaded),
    ]
    for name, source in loaded.origins.items():
        page = Page(loaded.book, loaded.book.programs[name], source, loaded.notes[name], actions, today)
        for rules in (
            paths,
            variables,
            action_rules,
            limits,
            buttons,
            shown,
            segments,
            lists,
            reminders,
            translations,
            habits,
            comparisons,
            filtering,
            misread,
            meant,
        ):
            problems.extend(rules.check(page))
    if _unread(loaded):
        problems = [problem for problem in problems if problem.code not in CONSEQUENCES]
    return sorted(
        dict.fromkeys(problems), key=lambda problem: (problem.place.file, problem.place.line, problem.place.column)
    )


def _unread(loaded: Loaded) -> bool:
    """Tell whether a file could not be taken in, so that others may seem to lack something."""
    read = {source.file for source in loaded.origins.values()}
    return any(problem.place.file not in read for problem in loaded.errors)
