"""Exposures: one officer sees at once how many visits match and asks; a second one looks and allows. Two clicks are all."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import get_locale
from flask_babel import gettext as _
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response

from bot import approvals
from bot.console import audit, lists
from bot.console.access import allow, person
from bot.console.console import console
from bot.models import Staff
from bot.now import TOKYO
from handlers.covid import exposures, facilities, visits
from handlers.covid.console.rights import APPROVE, EXPOSE, SERVICE, WORK
from handlers.covid.exposures import Draft, NotPossible
from handlers.covid.models import Exposure, Facility, Place
from handlers.covid.rules import kinds, settings

PADDING_MOST = 24 * 60


def add_to(blueprint: Blueprint) -> None:
    """Add the pages about exposures."""
    blueprint.add_url_rule("/exposures", "exposures", listing)
    blueprint.add_url_rule("/facilities/<int:number>/exposure", "new_exposure", new, methods=["GET", "POST"])
    blueprint.add_url_rule("/facilities/<int:number>/exposure/preview", "preview_exposure", preview)
    one_ = "/exposures/<int:number>"
    blueprint.add_url_rule(one_, "exposure", one)
    blueprint.add_url_rule(f"{one_}/grant", "grant_exposure", grant, methods=["POST"])
    blueprint.add_url_rule(f"{one_}/refuse", "refuse_exposure", refuse, methods=["POST"])
    blueprint.add_url_rule(f"{one_}/take-back", "take_back_exposure", take_back, methods=["POST"])
    blueprint.add_url_rule(f"{one_}/withdraw", "withdraw_exposure", withdraw, methods=["POST"])


@allow(EXPOSE)
def listing() -> str:
    """List exposures, the latest first; those that wait stand above."""
    there = console()
    statement: Any = (
        select(Exposure, Facility.name.label("facility"), Place.name.label("place"))
        .join(Facility, Facility.id == Exposure.facility_id)
        .outerjoin(Place, Place.id == Exposure.place_id)
    )
    with there.database.read() as connection:
        waiting = connection.execute(statement.where(Exposure.state == exposures.WAITING).order_by(Exposure.id)).all()
        page = lists.page(connection, statement.where(Exposure.state != exposures.WAITING), Exposure.id)
    return render_template(
        "covid/console/exposures.html", page=page, waiting=waiting, mayask=person().may(WORK, SERVICE)
    )


def _moment(day: str, time: str) -> dt.datetime | None:
    try:
        return dt.datetime.combine(dt.date.fromisoformat(day), dt.time.fromisoformat(time), TOKYO)
    except ValueError:
        return None


def _draft(facility: Any) -> Draft | None:
    """Read what the form says; None while something is missing. A time to before the time from is on the next day."""
    given = request.values
    begin = _moment(given.get("day", ""), given.get("from", ""))
    end = _moment(given.get("day", ""), given.get("to", ""))
    padding = given.get("padding", "")
    if begin is None or end is None or not padding.isdecimal() or int(padding) > PADDING_MOST:
        return None
    if end <= begin:
        end += dt.timedelta(days=1)
    place = given.get("place", "")
    return Draft(
        facility.id, int(place) if place.isdecimal() else None, begin, end, dt.timedelta(minutes=int(padding)),
        given.get("named") == "1",
    )  # fmt: skip


def _prepared(connection: Connection, facility: Any, draft: Draft | None) -> dict[str, Any]:
    """Return what an officer sees of a draft: how many visits match, what they will read, what is wrong."""
    there = console()
    now = there.now()
    if draft is None:
        return {"draft": None, "fault": None, "matched": None, "messages": {}}
    fault = exposures.fault(draft, facility, now)
    if draft.place_id is not None and facilities.place_of(connection, facility.id, draft.place_id) is None:
        abort(404)
    usual = visits.usual_stay(kinds(there.book(), now), facility.kind)
    matched = None if fault else visits.match(connection, exposures.condition_of(draft, usual))
    told = {"alike": exposures.alike(connection, draft), "too_old": _too_old(draft)}
    return {
        "draft": draft,
        "fault": fault,
        "matched": matched,
        "messages": _messages(connection, facility, draft),
        **told,
    }


def _too_old(draft: Draft) -> int | None:
    """Return for how many days visits are kept when those of the time asked for are deleted in part or whole."""
    there = console()
    kept = settings(there.book(), there.now()).visits_kept
    return kept.days if draft.window.begin < there.now() - kept else None


def _messages(connection: Connection, facility: Any, draft: Draft) -> dict[str, Any]:
    there = console()
    place = None if draft.place_id is None else facilities.place_of(connection, facility.id, draft.place_id)
    values = exposures.values_of(facility, "" if place is None else place.name, draft)
    return exposures.compose(there.book(), exposures.NOTICE, values, there.now())


def texts_of(messages: Any) -> list[tuple[str, str]]:
    """Return what residents read, by language, for a page."""
    return [
        (language, "\n".join(each.get("text") or each.get("altText") or "" for each in messages[language]))
        for language in messages
    ]


@allow(WORK)
def new(number: int) -> Response | str:
    """Ask for an exposure: the first click."""
    there = console()
    with there.database.read() as connection:
        facility = facilities.find(connection, number) or abort(404)
        places = facilities.places_of(connection, number)
        prepared = _prepared(connection, facility, _draft(facility))
    if request.method == "POST" and prepared["draft"] is not None and prepared["fault"] is None:
        return _ask(facility, prepared)
    padding = int(settings(there.book(), there.now()).padding.total_seconds() // 60)
    today = there.now().astimezone(TOKYO).date()
    return render_template(
        "covid/console/exposure_form.html", facility=facility, places=places, padding=padding, today=today,
        given=request.values, texts=texts_of(prepared["messages"]), asked=request.method == "POST", **prepared,
    )  # fmt: skip


def _ask(facility: Any, prepared: dict[str, Any]) -> Response:
    there = console()
    with there.database.write() as connection:
        known = kinds(there.book(), there.now())
        number = exposures.ask(
            connection, prepared["draft"], facility, prepared["messages"], known, person().id, there.now()
        )
        audit.record(connection, "covid.exposure.ask", f"exposure:{number}", SERVICE, count=prepared["matched"].visits)
    flash(_("承認を依頼しました。承認する人にも知らせました。"), "good")
    return redirect(url_for(".exposure", number=number))


@allow(WORK)
def preview(number: int) -> str:
    """Return how many visits match what stands in the form now."""
    there = console()
    with there.database.read() as connection:
        facility = facilities.find(connection, number) or abort(404)
        prepared = _prepared(connection, facility, _draft(facility))
    return render_template("covid/console/preview.html", texts=texts_of(prepared["messages"]), **prepared)


def _found(connection: Connection, number: int) -> tuple[Any, Any]:
    row = exposures.find(connection, number) or abort(404)
    return row, facilities.find(connection, row.facility_id)


@allow(EXPOSE)
def one(number: int) -> str:
    """Show an exposure with everything its second person has to know."""
    there = console()
    with there.database.write() as connection:
        row, facility = _found(connection, number)
        audit.record(connection, "covid.exposure.view", f"exposure:{number}", SERVICE)
        draft = exposures.draft_of(row)
        place = None if row.place_id is None else facilities.place_of(connection, facility.id, row.place_id)
        people = {
            each.id: each.name
            for each in connection.execute(
                select(Staff.id, Staff.name).where(Staff.id.in_([row.asked_by, row.approved_by, row.withdrawn_by]))
            )
        }
        values = {
            "matched": visits.match(connection, exposures.condition_of(draft, dt.timedelta(minutes=row.stay))),
            "deliveries": exposures.deliveries(connection, number),
            "corrections": exposures.deliveries(connection, number, exposures.CORRECTION),
            "alike": exposures.alike(connection, draft, number) if row.state == exposures.WAITING else [],
            "question": approvals.latest(connection, exposures.KIND, str(number)),
        }
    return render_template(
        "covid/console/exposure.html", row=row, facility=facility, place=place, people=people,
        texts=texts_of(row.messages), digest=exposures.digest(row, facility).hex(), window=draft.window,
        own=row.asked_by == person().id, may_decide=person().may(APPROVE, SERVICE),
        corrected=texts_of(row.correction or _correction(row)), **values,
    )  # fmt: skip


def _correction(row: Any) -> dict[str, Any]:
    there = console()
    sent = (row.told_at or row.approved_at or row.asked_at).astimezone(TOKYO).date().isoformat()
    return exposures.compose(there.book(), exposures.CORRECTION, {"sent_on": sent}, there.now())


@allow(APPROVE)
def grant(number: int) -> Response:
    """Allow an exposure as it was shown: the second click. Residents are told at once."""
    there = console()
    try:
        with there.database.write() as connection:
            row, _facility = _found(connection, number)
            exposures.grant(connection, there.vault, there.jobs, row, _shown(), person().id, there.now())
            audit.record(connection, "covid.exposure.grant", f"exposure:{number}", SERVICE, count=row.matched)
    except approvals.CannotApprove as error:
        return _cannot(number, error)
    flash(_("承認しました。該当する方へお知らせを送っています。"), "good")
    return redirect(url_for(".exposure", number=number))


@allow(APPROVE)
def refuse(number: int) -> Response:
    """Refuse an exposure."""
    return _end(number, _("承認しませんでした。"), "covid.exposure.refuse")


@allow(WORK)
def take_back(number: int) -> Response:
    """Take back a question of one's own."""
    with console().database.read() as connection:
        row, _facility = _found(connection, number)
    if row.asked_by != person().id:
        abort(403)
    return _end(number, _("依頼を取り下げました。"), "covid.exposure.take_back")


def _end(number: int, done: str, action: str) -> Response:
    there = console()
    try:
        with there.database.write() as connection:
            row, _facility = _found(connection, number)
            reason = request.form.get("reason", "").strip()[:500]
            exposures.refuse(connection, there.vault, row, _shown(), person().id, there.now(), reason)
            audit.record(connection, action, f"exposure:{number}", SERVICE)
    except approvals.CannotApprove as error:
        return _cannot(number, error)
    flash(done, "good")
    return redirect(url_for(".exposure", number=number))


@allow(APPROVE)
def withdraw(number: int) -> Response:
    """Withdraw what was told: whoever got it gets a correction at once; being right again waits for nobody."""
    there = console()
    try:
        with there.database.write() as connection:
            row, _facility = _found(connection, number)
            exposures.withdraw(connection, there.jobs, row, _correction(row), person().id, there.now())
            audit.record(connection, "covid.exposure.withdraw", f"exposure:{number}", SERVICE, count=row.told)
    except NotPossible:
        flash(_("このお知らせは、いまは取り消せません。"), "warning")
        return redirect(url_for(".exposure", number=number))
    flash(_("取り消しました。届いた方へ訂正を送っています。"), "good")
    return redirect(url_for(".exposure", number=number))


def _shown() -> bytes:
    try:
        return bytes.fromhex(request.form.get("digest", ""))
    except ValueError:
        abort(400)


def _cannot(number: int, error: approvals.CannotApprove) -> Response:
    flash(error.message.get(str(get_locale()), error.message["ja"]), "warning")
    return redirect(url_for(".exposure", number=number))
