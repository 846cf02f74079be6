"""Facilities: looked at when they have registered themselves, entered and changed by staff; their posters and codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import select
from werkzeug.wrappers import Response

from bot.console import audit, lists
from bot.console.access import allow, person
from bot.console.console import console
from handlers.covid import facilities, posters
from handlers.covid.console.rights import SERVICE, WORK
from handlers.covid.facilities import Application, Faults
from handlers.covid.models import Facility
from handlers.covid.rules import Kind, in_language, kinds
from handlers.covid.web import application_of

PLACE = "/facilities/<int:number>"


def add_to(blueprint: Blueprint) -> None:
    """Add the pages about facilities."""
    blueprint.add_url_rule("/facilities", "facilities", listing)
    blueprint.add_url_rule("/facilities/new", "new_facility", new, methods=["GET", "POST"])
    blueprint.add_url_rule(PLACE, "facility", one)
    blueprint.add_url_rule(f"{PLACE}/edit", "edit_facility", edit, methods=["GET", "POST"])
    blueprint.add_url_rule(f"{PLACE}/look", "look_at_facility", look, methods=["POST"])
    blueprint.add_url_rule(f"{PLACE}/renew", "renew_codes", renew, methods=["POST"])
    blueprint.add_url_rule(f"{PLACE}/retire", "retire_facility", retire, methods=["POST"])


def known_kinds() -> dict[str, Kind]:
    """Return the kinds of facilities of today."""
    there = console()
    return kinds(there.book(), there.now())


def named(kind: str) -> str:
    """Return what a kind is called in the language of the page."""
    found = known_kinds().get(kind)
    return in_language(found.labels, str(get_locale())) if found else kind


@allow(WORK)
def listing() -> str:
    """List facilities, those nobody has looked at yet as a filter of their own."""
    there = console()
    words, state = request.args.get("q", "").strip(), request.args.get("state")
    statement = facilities.sought(select(Facility.__table__), words, state or None)
    with there.database.read() as connection:
        page = lists.page(connection, statement, Facility.id)
        fresh = facilities.count(connection, state=facilities.NEW)
    return render_template("covid/console/facilities.html", page=page, named=named, q=words, state=state, fresh=fresh)


@allow(WORK)
def new() -> Response | str:
    """Enter a facility; its kind is chosen first because the measures depend on it."""
    there, chosen = console(), request.args.get("kind", "")
    if chosen not in known_kinds():
        return render_template("covid/console/kinds.html", kinds=known_kinds(), named=named)
    application = application_of(request.form, chosen)
    faults = facilities.check(application, known_kinds()) if request.method == "POST" else Faults()
    if request.method == "GET" or faults:
        return _form(application, faults, chosen)
    with there.database.write() as connection:
        number = facilities.register(connection, there.vault, application, there.now(), person().id)
        audit.record(connection, "covid.facility.register", f"facility:{number}", SERVICE)
    flash(_("施設を登録しました。取組書を印刷できます。"), "good")
    return redirect(url_for(".facility", number=number))


def _form(application: Application, faults: Faults, kind: str, number: int | None = None) -> str:
    return render_template(
        "covid/console/facility_form.html", given=application, faults=faults.by_field, kind=known_kinds()[kind],
        title=named(kind), number=number, words=in_language, locale=str(get_locale()),
    )  # fmt: skip


@allow(WORK)
def one(number: int) -> str:
    """Show a facility with its contact and posters."""
    there = console()
    with there.database.write() as connection:
        row = facilities.find(connection, number) or abort(404)
        audit.record(connection, "covid.facility.view", f"facility:{number}", SERVICE)
        places = facilities.places_of(connection, number, retired=True)
    kind = known_kinds().get(row.kind)
    ticked = [
        in_language(kind.checklist[each], str(get_locale()))
        for each in row.checklist
        if kind and each in kind.checklist
    ]
    return render_template(
        "covid/console/facility.html", row=row, places=places, contact=facilities.contact_of(there.vault, row),
        kind=named(row.kind), ticked=ticked, own=posters.own_page(there.runtime, row),
    )  # fmt: skip


@allow(WORK)
def edit(number: int) -> Response | str:
    """Change what is known of a facility."""
    there = console()
    with there.database.read() as connection:
        row = facilities.find(connection, number) or abort(404)
        places = tuple(place.name for place in facilities.places_of(connection, number) if place.name)
    if row.kind not in known_kinds():
        abort(404)
    if request.method == "GET":
        return _form(_as_it_is(row, places), Faults(), row.kind, number)
    application = application_of(request.form, row.kind)
    faults = facilities.check(application, known_kinds())
    if faults:
        return _form(application, faults, row.kind, number)
    with there.database.write() as connection:
        facilities.change(connection, there.vault, row, application, there.now())
        audit.record(connection, "covid.facility.change", f"facility:{number}", SERVICE)
    flash(_("保存しました。取組書が変わったときは、印刷し直してください。"), "good")
    return redirect(url_for(".facility", number=number))


def _as_it_is(row: Any, places: tuple[str, ...]) -> Application:
    contact = facilities.contact_of(console().vault, row)
    return Application(
        row.name, row.kind, row.address, contact["person"], contact["phone"], contact["mail"], places,
        tuple(row.checklist), row.may_be_named,
    )  # fmt: skip


@allow(WORK)
def look(number: int) -> Response:
    """Note that a facility that registered itself was looked at."""
    with console().database.write() as connection:
        facilities.look_at(connection, number)
        audit.record(connection, "covid.facility.look", f"facility:{number}", SERVICE)
    flash(_("確認済みにしました。"), "good")
    return redirect(url_for(".facility", number=number))


@allow(WORK)
def renew(number: int) -> Response:
    """Give a facility's places, or one of them, new codes."""
    there, place = console(), request.form.get("place", "")
    with there.database.write() as connection:
        only = int(place) if place.isdecimal() else None
        renewed = facilities.renew_codes(connection, number, there.now(), only)
        audit.record(connection, "covid.facility.renew", f"facility:{number}", SERVICE, count=renewed)
    flash(_("新しいQRコードにしました。前の取組書は使えません。印刷し直してください。"), "good")
    return redirect(url_for(".facility", number=number))


@allow(WORK)
def retire(number: int) -> Response:
    """Close a facility."""
    there = console()
    with there.database.write() as connection:
        facilities.retire(connection, number, there.now())
        audit.record(connection, "covid.facility.retire", f"facility:{number}", SERVICE)
    flash(_("施設の登録を終えました。QRコードは使えなくなりました。"), "good")
    return redirect(url_for(".facility", number=number))
