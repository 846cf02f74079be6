"""What waits for a second person, of whatever kind: one list, from which each is looked at on its own page."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template
from flask_babel import lazy_gettext
from sqlalchemy import Connection, select

from bot import approvals
from bot.campaigns import campaign
from bot.campaigns.states import State
from bot.console.access import Permission, Person, Role, allow, person
from bot.console.broadcasts import rights
from bot.console.console import Console, Figure, console
from bot.console.language import language_of_request
from bot.models import Campaign

SEE = Permission("approvals.see", frozenset({Role.MANAGER, Role.APPROVER}), scoped=False)


def pages(there: Console) -> Blueprint:
    """Return the page."""
    blueprint = Blueprint("approvals", __name__, url_prefix="/approvals")
    blueprint.add_url_rule("/", view_func=listing)
    there.navigate("work", lazy_gettext("承認待ち"), "approvals.listing", SEE, "check2-square", 90, _count)
    there.tile(lazy_gettext("承認待ち"), SEE, _figure, 10)
    return blueprint


@allow(SEE)
def listing() -> str:
    """List what waits, the oldest first."""
    with console().database.read() as connection:
        rows = _mine(connection, person())
    language = language_of_request()
    shown = [
        (row, approvals.KINDS[row.kind].labels[language], approvals.KINDS[row.kind].link(row.subject)) for row in rows
    ]
    return render_template("console/approvals.html", shown=shown, me=person().id)


def _mine(connection: Connection, who: Person) -> list[Any]:
    """Return what is for this person's services; of broadcasts, those of their departments."""
    reach = who.scope(SEE)
    rows = approvals.waiting(connection, None if reach.everything else reach.services)
    asked = select(Campaign.id).where(Campaign.state == State.ASKED.value, *rights.within(who, rights.APPROVE))
    theirs = {str(number) for number in connection.execute(asked).scalars()}
    return [
        row for row in rows if row.kind in approvals.KINDS and (row.kind != campaign.KIND.name or row.subject in theirs)
    ]


def _count(connection: Connection, who: Person) -> int:
    return len(_mine(connection, who))


def _figure(connection: Connection, who: Person) -> Figure:
    number = _count(connection, who)
    return Figure(number, lazy_gettext("別の人が確認します"), "/console/approvals/", "warning" if number else "good")
