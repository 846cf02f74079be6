"""Test recipients: the telephones of staff, registered by their owners with a code of this page."""

from __future__ import annotations

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from bot.campaigns import testers
from bot.console import audit
from bot.console.access import allow, person
from bot.console.broadcasts.rights import COMPOSE
from bot.console.console import console
from bot.models import Tester


def add_to(blueprint: Blueprint) -> None:
    """Add the pages."""
    blueprint.add_url_rule("/testers", view_func=recipients)
    blueprint.add_url_rule("/testers/code", view_func=code, methods=["POST"])
    blueprint.add_url_rule("/testers/<int:resident_id>/remove", view_func=remove, methods=["POST"])


@allow(COMPOSE)
def recipients() -> str:
    """List the telephones that test sends can reach."""
    with console().database.read() as connection:
        rows = testers.registered(connection)
    return render_template("console/broadcasts/testers.html", rows=rows, code=None, minutes=_minutes())


@allow(COMPOSE)
def code() -> str:
    """Show a code, once; it is in no address and no session."""
    there = console()
    with there.database.write() as connection:
        made = testers.invite(connection, there.lookup, person().id, there.now())
        audit.record(connection, "tester.invited")
        rows = testers.registered(connection)
    return render_template("console/broadcasts/testers.html", rows=rows, code=made, minutes=_minutes())


def _minutes() -> int:
    return int(testers.VALID.total_seconds() // 60)


@allow(COMPOSE)
def remove(resident_id: int) -> Response:
    """Take one's own telephone off the list."""
    with console().database.write() as connection:
        owner = connection.execute(
            select(Tester.staff_id).where(Tester.resident_id == resident_id)
        ).scalar_one_or_none()
        if owner != person().id:
            abort(404)
        testers.remove(connection, resident_id)
        audit.record(connection, "tester.removed")
    flash(_("登録を外しました。"), "good")
    return redirect(url_for(".recipients"))
