"""Residents as staff know them: by a reference, with what they filed, agreed to and receive; never by their LINE account."""

from __future__ import annotations

import tempfile
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, render_template, request, send_file, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import Connection, select, update
from werkzeug.wrappers import Response as AnyResponse

from bot.console import audit, lists
from bot.console.access import Permission, Role, Scope, allow, person, scope, service_of
from bot.console.console import Console, console
from bot.console.deliveries import STATUSES
from bot.console.filing.words import STATES
from bot.console.language import language_of_request
from bot.console.titles import flow_title
from bot.flow.segments import described
from bot.models import (
    Attribute,
    Channel,
    Consent,
    Conversation,
    Delivery,
    Resident,
    Submission,
    Subscription,
    Topic,
)
from bot.owndata import archive
from bot.owndata.collect import collect
from bot.owndata.erase import erase
from bot.service import ActionContext, Caller

SEE = Permission("residents.see", frozenset({Role.MANAGER, Role.OFFICER, Role.COUNSELLOR}))
HANDLE = Permission("residents.handle", frozenset({Role.ADMINISTRATOR, Role.MANAGER}))
"""Export, erasure and release reach over all services: only for departments that look after all of them."""

LATEST = 20


def pages(console: Console) -> Blueprint:
    """Return the pages about residents."""
    blueprint = Blueprint("residents", __name__, url_prefix="/residents")
    blueprint.add_url_rule("/", view_func=listing)
    blueprint.add_url_rule("/<reference>", view_func=one)
    blueprint.add_url_rule("/requests", view_func=requests)
    blueprint.add_url_rule("/requests/<reference>", view_func=handle)
    blueprint.add_url_rule("/requests/<reference>/export", view_func=export, methods=["POST"])
    blueprint.add_url_rule("/requests/<reference>/erase", view_func=erase_all, methods=["POST"])
    blueprint.add_url_rule("/requests/<reference>/release", view_func=release, methods=["POST"])
    console.navigate("work", lazy_gettext("住民"), "residents.listing", SEE, icon="person-vcard", order=60)
    console.navigate(
        "manage", lazy_gettext("開示・消去の請求"), "residents.requests", HANDLE, icon="file-earmark-lock", order=20
    )
    return blueprint


@allow(SEE)
def listing() -> AnyResponse | str:
    """Find residents by their reference, or look at those who came last."""
    wanted = request.args.get("q", "").strip().upper()
    statement: Any = (
        select(
            Resident.id, Resident.reference, Resident.language, Resident.friend, Resident.created_at, Channel.name,
            Conversation.updated_at, Conversation.flow,
        )
        .join(Channel, Channel.id == Resident.channel_id)
        .outerjoin(Conversation, Conversation.resident_id == Resident.id)
    )  # fmt: skip
    if wanted:
        statement = statement.where(Resident.reference == wanted)
    with console().database.read() as connection:
        page = lists.page(connection, statement, Resident.id)
    if wanted and len(page.rows) == 1:
        return redirect(url_for(".one", reference=wanted))
    return render_template("console/residents/list.html", page=page, titles=_titles(page.rows))


@allow(SEE)
def one(reference: str) -> str:
    """Show what the services one looks after know of a resident."""
    with console().database.read() as connection:
        row = _row(connection, reference)
        found = _known(connection, row.id, scope())
    audit.viewed("resident.view", f"resident:{row.id}")
    return render_template(
        "console/residents/one.html", resident=row, flow_title=_title, delivery_states=STATUSES,
        submission_states=STATES, **found,
    )  # fmt: skip


@allow(HANDLE)
def requests() -> AnyResponse | str:
    """Ask for the reference of whoever wants to see, take along or erase their data."""
    _whole_town()
    wanted = request.args.get("q", "").strip().upper()
    if wanted:
        with console().database.read() as connection:
            if connection.execute(select(Resident.id).where(Resident.reference == wanted)).first():
                return redirect(url_for(".handle", reference=wanted))
        flash(_("この参照番号の住民は見つかりません。"), "warning")
    return render_template("console/residents/requests.html", wanted=wanted)


@allow(HANDLE)
def handle(reference: str) -> str:
    """Show what is stored about a resident in numbers, and what can be done about it."""
    _whole_town()
    with console().database.read() as connection:
        row = _row(connection, reference)
        data = collect(_context(connection, row))
        held = connection.execute(
            select(Submission.id).where(Submission.resident_id == row.id, Submission.on_hold)
        ).all()
    audit.viewed("resident.view", f"resident:{row.id}")
    return render_template("console/residents/handle.html", resident=row, data=data, held=len(held))


@allow(HANDLE)
def export(reference: str) -> Response:
    """Give one resident's data as the file that they could fetch themselves."""
    _whole_town()
    target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    with console().database.read() as connection:
        row = _row(connection, reference)
        context = _context(connection, row)
        archive.write(context, collect(context), target)
    audit.viewed("resident.export", f"resident:{row.id}")
    target.seek(0)
    return send_file(target, "application/zip", as_attachment=True, download_name=f"{row.reference}.zip", max_age=0)


@allow(HANDLE)
def erase_all(reference: str) -> AnyResponse:
    """Erase one resident's data after its reference was typed once more."""
    _whole_town()
    if request.form.get("typed", "").strip().upper() != reference:
        flash(_("確認のため、参照番号をそのまま入れてください。"), "danger")
        return redirect(url_for(".handle", reference=reference))
    with console().database.write() as connection:
        row = _row(connection, reference)
        erase(connection, row.id)
        nothing = {"state": None, "flow": None, "revision": None, "step": None, "expires_at": None}
        connection.execute(update(Conversation).where(Conversation.resident_id == row.id).values(nothing))
        audit.record(connection, "resident.erase", f"resident:{row.id}")
    flash(_("消去しました。参照番号も新しくなりました。"), "good")
    return redirect(url_for(".requests"))


@allow(HANDLE)
def release(reference: str) -> AnyResponse:
    """Let the services let go of what is bound to a LINE account, so that it can be registered anew."""
    _whole_town()
    with console().database.write() as connection:
        row = _row(connection, reference)
        context = _context(connection, row)
        released = sum(service.release(context) for service in console().services.all)
        audit.record(connection, "resident.release", f"resident:{row.id}", number=released)
    flash(_("%(number)s件の登録を外しました。別のLINEアカウントで登録できます。", number=released), "good")
    return redirect(url_for(".handle", reference=reference))


def _whole_town() -> None:
    if not person().scope(HANDLE).everything:
        abort(403)


def _row(connection: Connection, reference: str) -> Any:
    statement = (
        select(*Resident.__table__.columns, Channel.name.label("channel"))
        .join(Channel, Channel.id == Resident.channel_id)
        .where(Resident.reference == reference)
    )
    return connection.execute(statement).one_or_none() or abort(404)


def _context(connection: Connection, row: Any) -> ActionContext:
    there = console()
    caller = Caller(row.id, row.channel_id, row.reference, row.language)
    return there.runtime.talks.context(connection, caller, there.now())


def _known(connection: Connection, resident_id: int, reach: Scope) -> dict[str, Any]:
    """Return topics and marks, and of talks, consents and what was filed only what is of the services in `reach`."""
    talk = connection.execute(
        select(Conversation.__table__).where(Conversation.resident_id == resident_id)
    ).one_or_none()
    submissions = connection.execute(
        select(Submission.id, Submission.flow, Submission.filed_at, Submission.status, Submission.keep_until)
        .where(Submission.resident_id == resident_id)
        .order_by(Submission.id.desc())
        .limit(200)
    ).all()
    consents = connection.execute(
        select(Consent.__table__).where(Consent.resident_id == resident_id).order_by(Consent.id.desc()).limit(200)
    ).all()
    topics = connection.execute(
        select(Topic.name, Topic.titles, Subscription.since)
        .join(Subscription, Subscription.topic == Topic.name)
        .where(Subscription.resident_id == resident_id)
    ).all()
    deliveries = connection.execute(
        select(Delivery.id, Delivery.purpose, Delivery.status, Delivery.created_at)
        .where(Delivery.resident_id == resident_id)
        .order_by(Delivery.id.desc())
        .limit(LATEST)
    ).all()
    attributes = connection.execute(select(Attribute.__table__).where(Attribute.resident_id == resident_id)).all()
    asked_for = _consents_of(reach)
    return {
        "talk": talk if talk is not None and talk.flow and service_of(talk.flow) in reach else None,
        "last": talk.updated_at if talk is not None else None,
        "submissions": [row for row in submissions if service_of(row.flow) in reach][:LATEST],
        "consents": [row for row in consents if reach.everything or row.name in asked_for][:LATEST],
        "topics": [
            (row.titles.get(language_of_request()) or row.titles.get("ja", row.name), row.since) for row in topics
        ],
        "deliveries": [row for row in deliveries if reach.everything or service_of(row.purpose) in reach],
        "attributes": [described(console().book(), row.name, row.value, language_of_request()) for row in attributes],
    }


def _consents_of(reach: Scope) -> set[str]:
    """Return the names of the consents that flows of these services ask for."""
    return {
        name
        for program in console().book().programs.values()
        if service_of(program.id) in reach
        for name, question in program.questions.items()
        if question.type == "consent"
    }


def _titles(rows: Any) -> dict[str, str]:
    return {row.flow: _title(row.flow) for row in rows if row.flow}


def _title(flow: str) -> str:
    return flow_title(console(), flow)
