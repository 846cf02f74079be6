"""The queue and one talk as counsellors open them; `polling` keeps both fresh."""

from __future__ import annotations

from typing import Any

from flask import render_template, request
from sqlalchemy import select

from bot.console import audit
from bot.console.access import allow, person
from bot.console.console import console
from bot.console.desk import boards, parts, tickets, words
from bot.console.desk.rights import SUPERVISE, TALK, Opened, desk_in, ids, my_offices, opened
from bot.desk import canned, marks, queue, writing
from bot.desk.desk import Desk
from bot.desk.offices import OfficeView
from bot.models import Membership, Staff


@allow(TALK)
def board() -> str:
    """Show the queue."""
    with console().database.read() as connection:
        desk = desk_in(connection)
        mine = my_offices(desk)
        return render_template("console/desk/board.html", **_frame(desk, mine), opened=None)


@allow(TALK)
def one(number: int) -> str:
    """Open one talk beside the queue."""
    with console().database.read() as connection:
        found = opened(desk_in(connection), number)
    audit.viewed("desk.view", found.subject, found.service)
    with console().database.read() as connection:
        desk = desk_in(connection)
        mine = my_offices(desk)
        shown = _talk(opened(desk, number))
        return render_template("console/desk/talk.html", **_frame(desk, mine), **shown)


@allow(TALK)
def closed() -> str:
    """Show what is closed, the latest first."""
    with console().database.read() as connection:
        desk = desk_in(connection)
        mine = my_offices(desk)
        rows = queue.closed(desk, ids(mine), before=request.args.get("before", type=int))
        return render_template(
            "console/desk/closed.html",
            entries=rows,
            asked=queue.asked(desk, ids(mine)),
            more=queue.CLOSED_MOST,
            office_names=boards.office_names(mine),
            **words.for_templates(),
        )


def composer(found: Opened, **more: Any) -> str:
    """Return the part of the page where one writes, with what was typed."""
    typed = more.pop("typed", None)
    text = writing.scratch(found.desk, found.entry.id, person().id) if typed is None else typed
    return render_template("console/desk/composer.html", **_writing(found, text), **more)


def _writing(found: Opened, text: str) -> dict[str, Any]:
    entry, who = found.entry, person().id
    return {
        "entry": entry,
        "typed": text,
        "four_eyes": found.office.row.four_eyes,
        "mine": who in {entry.taken_by, entry.second_by},
        "replies": canned.replies(found.desk, entry.office_id),
        "personal": words.personal(),
    }


def _frame(desk: Desk, mine: list[OfficeView]) -> dict[str, Any]:
    shown = boards.fresh(desk, mine)
    return {
        "offices": mine,
        "mark": shown.mark,
        "drawn": shown.html,
        "counts": shown.counts,
        "office_names": boards.office_names(mine),
        **words.for_templates(),
    }


def _talk(found: Opened) -> dict[str, Any]:
    desk, entry = found.desk, found.entry
    return {
        "seen": str(marks.marks(desk, entry)),
        "ticket": tickets.ticket(found.subject),
        "state_of": parts.state_of(entry),
        **parts.top(found),
        **parts.messages(found),
        **parts.beside(found),
        "colleagues": [one for one in colleagues(found) if one.id != entry.taken_by],
        "elsewhere": [one for one in my_offices(desk) if one.row.id != entry.office_id and one.row.mode == entry.mode],
        "bodies": [words.pair(body) for body in desk.consulting(entry.flow).bodies],
        "may_supervise": person().may(SUPERVISE, found.service),
        **_writing(found, writing.scratch(desk, entry.id, person().id)),
    }


def colleagues(found: Opened) -> list[Any]:
    """Return who of the office's department may look after a talk."""
    able = [role.value for role in TALK.roles]
    statement = (
        select(Staff.id, Staff.name)
        .join(Membership, Membership.staff_id == Staff.id)
        .where(
            Membership.department_id == found.office.row.department_id,
            Membership.role.in_(able),
            Staff.active.is_(True),
        )
        .distinct()
    )
    return list(found.desk.connection.execute(statement.order_by(Staff.name)))
