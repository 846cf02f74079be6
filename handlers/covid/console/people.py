"""People who are followed up: listed by how urgent they are, looked at one by one, released by staff."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection, func, select
from werkzeug.wrappers import Response

from bot.console import audit, lists
from bot.console.access import allow
from bot.console.console import console
from bot.crypto import Vault
from bot.models import Resident
from handlers.covid import followups
from handlers.covid.console.rights import SERVICE, WORK
from handlers.covid.models import FollowUp, HealthAnswer
from handlers.covid.rules import HOME, WEEKLY

ANSWERS = 14


def add_to(blueprint: Blueprint) -> None:
    """Add the pages about people."""
    blueprint.add_url_rule("/people", "people", listing)
    blueprint.add_url_rule("/people/<int:number>", "person", one)
    blueprint.add_url_rule("/people/<int:number>/end", "end_follow_up", end, methods=["POST"])


@allow(WORK)
def listing() -> str:
    """List who is followed up, the latest first."""
    there = console()
    statement: Any = select(FollowUp, Resident.reference).join(Resident, Resident.id == FollowUp.resident_id)
    cadence, state = request.args.get("cadence"), request.args.get("state", followups.ACTIVE)
    if cadence in {HOME, WEEKLY}:
        statement = statement.where(FollowUp.cadence == cadence)
    if state in {followups.ACTIVE, followups.ENDED}:
        statement = statement.where(FollowUp.state == state)
    if request.args.get("silent"):
        statement = statement.where(FollowUp.silent > 0)
    with there.database.read() as connection:
        page = lists.page(connection, statement, FollowUp.id)
        counted = select(FollowUp.cadence, func.count()).where(FollowUp.state == followups.ACTIVE)
        counts = {row[0]: row[1] for row in connection.execute(counted.group_by(FollowUp.cadence))}
    return render_template("covid/console/people.html", page=page, counts=counts, state=state)


@allow(WORK)
def one(number: int) -> str:
    """Show one person: when they are asked, what they answered."""
    there = console()
    with there.database.write() as connection:
        row = followups.by_id(connection, number) or abort(404)
        audit.record(connection, "covid.person.view", f"follow-up:{number}", SERVICE)
        reference = connection.execute(select(Resident.reference).where(Resident.id == row.resident_id)).scalar_one()
        values = {
            "row": row,
            "reference": reference,
            "profile": followups.profile_of(there.vault, row),
            "answers": answers_of(connection, there.vault, row.resident_id),
        }
    return render_template("covid/console/person.html", **values)


@allow(WORK)
def end(number: int) -> Response:
    """End a follow-up."""
    there = console()
    with there.database.write() as connection:
        row = followups.by_id(connection, number) or abort(404)
        followups.end(connection, row, "staff", there.now())
        audit.record(connection, "covid.person.end", f"follow-up:{number}", SERVICE)
    flash(_("健康観察を終えました。"), "good")
    return redirect(url_for(".person", number=number))


def answers_of(connection: Connection, vault: Vault, resident_id: int) -> list[dict[str, Any]]:
    """Open the latest answers of a resident, newest first."""
    statement = (
        select(HealthAnswer)
        .where(HealthAnswer.resident_id == resident_id)
        .order_by(HealthAnswer.answered_at.desc(), HealthAnswer.id.desc())
        .limit(ANSWERS)
    )
    return [
        {
            "at": row.answered_at,
            "source": row.source,
            "advice": row.advice,
            "change": row.change,
            **orjson.loads(vault.open(followups.ANSWERS, row.uid, row.answers)),
        }
        for row in connection.execute(statement)
    ]
