"""The queue as drawn for the pages: once for all who look at it, and of its lines only those that have changed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from flask import current_app, render_template
from markupsafe import Markup

from bot.console.desk import words
from bot.console.desk.rights import ids
from bot.console.language import language_of_request
from bot.desk import queue
from bot.desk.desk import Desk
from bot.desk.offices import OfficeView

FRESH_SECONDS = 15
"""So often every line is read again: limits of waiting pass, and residents block the account, without a change of their own."""

SAME_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Line:
    """One line as it was drawn."""

    entry: queue.Entry
    html: Markup


@dataclass(frozen=True, slots=True)
class Board:
    """The queue of some offices, `lines` by number in its order.

    `at` is when it was looked at, in monotonic seconds, `turn` the stretch of `FRESH_SECONDS` in which every line was read, `ready`
    its HTML as JSON for the poll.
    """

    at: float
    turn: int
    mark: str
    lines: Mapping[int, Line]
    html: str
    counts: dict[str, int]
    ready: orjson.Fragment


_boards: dict[tuple[tuple[int, ...], str], Board] = {}


def office_names(mine: list[OfficeView]) -> dict[int, str]:
    """Return what offices are called, by number."""
    language = language_of_request()
    return {one.row.id: one.name(language) for one in mine}


def fresh(desk: Desk, mine: list[OfficeView]) -> Board:
    """Return the queue of these offices as it stands."""
    turn = int(desk.now.timestamp()) // FRESH_SECONDS
    mark = f"{queue.newest(desk, ids(mine))}-{turn}"
    key = (tuple(ids(mine)), language_of_request())
    known = _boards.get(key)
    if known is None or known.mark != mark:
        lines = _lines(
            desk, mine, known.lines if known is not None else {}, all_anew=known is None or known.turn != turn
        )
        html = render_template("console/desk/queue.html", lines=[line.html for line in lines.values()])
        counts = _counts(lines)
        found = Board(time.monotonic(), turn, mark, lines, html, counts, orjson.Fragment(orjson.dumps(html)))
    else:
        found = replace(known, at=time.monotonic())
    _boards[key] = found
    return found


def lately(desk: Desk, mine: list[OfficeView]) -> Board:
    """Return the queue of these offices as somebody saw it within the last second: twenty who poll read it once."""
    known = _boards.get((tuple(ids(mine)), language_of_request()))
    return known if known is not None and time.monotonic() - known.at < SAME_SECONDS else fresh(desk, mine)


def _lines(desk: Desk, mine: list[OfficeView], known: Mapping[int, Line], *, all_anew: bool) -> dict[int, Line]:
    places = queue.places(desk, ids(mine))
    same = {
        number for number, at in places if number in known and known[number].entry.changed_at == at and not all_anew
    }
    entries = queue.some(desk, [number for number, _ in places if number not in same])
    names = office_names(mine) if len(mine) > 1 else {}
    line = _macro() if entries else None
    why = {flow: words.reasons(desk, flow) for flow in {entry.flow for entry in entries.values()}}
    found = {}
    for number, _ in places:
        entry, before = entries.get(number), known.get(number)
        if number in same or (entry is not None and before is not None and before.entry == entry):
            found[number] = known[number]
        elif entry is not None and line is not None:
            html = line(entry, names.get(entry.office_id, ""), why[entry.flow].of(entry.reason))
            found[number] = Line(entry, html)
    return found


def _counts(lines: Mapping[int, Line]) -> dict[str, int]:
    counts = dict.fromkeys(("waiting", "active", "paused", "danger"), 0)
    for line in lines.values():
        counts[line.entry.state] += 1
        counts["danger"] += line.entry.danger
    return counts


def _macro() -> Any:
    """Return what draws one line: made ready once, not for each of two hundred."""
    template = current_app.jinja_env.get_template("console/desk/line.html")
    return template.make_module(words.for_templates()).line  # type: ignore[attr-defined]  # a macro of the template
