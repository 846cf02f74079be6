"""What counsellors do to a talk: each a form of one button or a few fields, recorded in the transaction that does it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, abort, flash, make_response, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from bot.console import audit
from bot.console.access import allow, person
from bot.console.console import console
from bot.console.desk.looking import colleagues, composer
from bot.console.desk.rights import RECORD, SUPERVISE, TALK, Opened, desk_in, my_offices, opened
from bot.console.language import language_of_request
from bot.desk import closing, referral, retention, taking, talk, typing, writing
from bot.desk.desk import Refusal

Act = Callable[[Opened, int], None]
"""Does one thing to an opened consultation on behalf of a staff member."""


def _number(name: str) -> int:
    found = request.form.get(name, type=int)
    return abort(400) if found is None else found


def _grade(found: Opened, staff: int) -> None:
    wanted, danger = request.form.get("grade", ""), request.form.get("danger", "")
    taking.grade(found.desk, found.entry.id, staff, wanted, danger={"yes": True, "no": False}.get(danger))
    if why := request.form.get("why", "").strip():
        changed = f"{found.entry.grade}→{wanted}" if wanted != found.entry.grade else wanted
        writing.note(found.desk, found.entry.id, staff, f"{_('緊急度')} {changed}：{why}")


def _colleague(found: Opened) -> int:
    """Return who of the office's own people is to look after it. Raises Nobody."""
    to = _number("to")
    if to not in {one.id for one in colleagues(found)}:
        raise taking.Nobody
    return to


def _move(found: Opened, staff: int) -> None:
    office = _number("office")
    if office not in {one.row.id for one in my_offices(found.desk)}:
        abort(404)
    taking.move(found.desk, found.entry.id, staff, office)


def _of(found: Opened, referral_id: int) -> int:
    """Return a referral's number if it is this consultation's."""
    mine = {row.id for row in referral.referrals(found.desk, found.entry.id)}
    return referral_id if referral_id in mine else abort(404)


def _refer(found: Opened, staff: int) -> None:
    body = request.form.get("other", "").strip() or request.form.get("body", "")
    referral.refer(found.desk, found.entry.id, staff, body)


TALKING: Mapping[str, Act] = {
    "take": lambda found, staff: taking.take(found.desk, found.entry.id, staff),
    "join": lambda found, staff: taking.join(found.desk, found.entry.id, staff),
    "leave": lambda found, staff: taking.leave(found.desk, found.entry.id, staff),
    "pause": lambda found, staff: taking.pause(found.desk, found.entry.id, staff),
    "resume": lambda found, staff: taking.resume(found.desk, found.entry.id, staff),
    "hand": lambda found, staff: taking.hand_over(found.desk, found.entry.id, staff, _colleague(found)),
    "grade": _grade,
    "close": lambda found, staff: closing.close(
        found.desk, found.entry.id, staff, request.form.get("reason", ""), safe="safe" in request.form
    ),
    "reopen": lambda found, staff: closing.reopen(found.desk, found.entry.id, staff),
    "note": lambda found, staff: writing.note(found.desk, found.entry.id, staff, request.form.get("text", "")),
}
RECORDING: Mapping[str, Act] = {
    "refer": _refer,
    "accepted": lambda found, staff: referral.accept(found.desk, _of(found, _number("referral")), staff),
    "safe": lambda found, staff: referral.safe(found.desk, _of(found, _number("referral")), staff),
    "hold": lambda found, staff: retention.hold(found.desk, found.entry.id, staff),
    "ask-deletion": lambda found, staff: retention.ask_deletion(found.desk, found.entry.id, staff),
}
SUPERVISING: Mapping[str, Act] = {
    "move": _move,
    "assign": lambda found, staff: taking.assign(found.desk, found.entry.id, staff, _colleague(found)),
    "release": lambda found, staff: retention.release(found.desk, found.entry.id, staff),
    "delete": lambda found, staff: retention.delete_asked(found.desk, found.entry.id, staff),
    "keep": lambda found, _staff: retention.refuse_deletion(found.desk, found.entry.id),
}


def _do(number: int, verb: str, acts: Mapping[str, Act]) -> AnyResponse:
    act = acts.get(verb) or abort(404)
    try:
        with console().database.write() as connection:
            found = opened(desk_in(connection), number)
            act(found, person().id)
            audit.record(connection, f"desk.{verb}", found.subject, found.service)
    except Refusal as refusal:
        flash(refusal.in_(language_of_request()), "danger")
    if verb == "delete":
        return redirect(url_for(".closed"))
    if verb in {"move", "leave"}:
        return redirect(url_for(".board"))
    return redirect(url_for(".one", number=number))


@allow(TALK)
def act(number: int, verb: str) -> AnyResponse:
    """Do what belongs to talking."""
    return _do(number, verb, TALKING)


@allow(RECORD)
def keep(number: int, verb: str) -> AnyResponse:
    """Do what belongs to the record."""
    return _do(number, verb, RECORDING)


@allow(SUPERVISE)
def decide(number: int, verb: str) -> AnyResponse:
    """Do what only whoever answers for the office may."""
    return _do(number, verb, SUPERVISING)


@allow(TALK)
def send(number: int) -> Response:
    """Send a text, or put it down as a draft; return the composer, with what is to be confirmed first."""
    text = request.form.get("text", "")
    confirmed, although_left = "confirmed" in request.form, "although_left" in request.form
    asks: dict[str, Any] = {"confirmed": confirmed, "although_left": although_left}
    try:
        with console().database.write() as connection:
            found = opened(desk_in(connection), number)
            if request.form.get("way") == "draft":
                writing.draft(found.desk, number, person().id, text, confirmed=confirmed)
            else:
                writing.send(found.desk, number, person().id, text, confirmed=confirmed, although_left=although_left)
            audit.record(connection, f"desk.{request.form.get('way', 'send')}", found.subject, found.service)
    except writing.Personal as refusal:
        asks |= {"kinds": refusal.kinds, "refused": refusal.in_(language_of_request())}
    except writing.HasLeft as refusal:
        asks |= {"left": True, "refused": refusal.in_(language_of_request())}
    except Refusal as refusal:
        asks |= {"refused": refusal.in_(language_of_request())}
    with console().database.read() as connection:
        again = opened(desk_in(connection), number)
        refused = "refused" in asks
        html = composer(again, **asks, typed=text) if refused else composer(again, typed="")
    return make_response(html)


@allow(TALK)
def scratch(number: int) -> Response:
    """Keep what is typed so far, and let the resident see that somebody writes."""
    text = request.form.get("text", "")
    with console().database.write() as connection:
        found = opened(desk_in(connection), number)
        writing.keep_scratch(found.desk, number, person().id, text)
        if "typing" in request.form and text.strip() and person().id in {found.entry.taken_by, found.entry.second_by}:
            typing.typing(found.desk, number)
    return make_response("", 204)


@allow(TALK)
def drafted(number: int, message: int, verb: str) -> AnyResponse:
    """Send what somebody else drafted, or throw it away."""
    try:
        with console().database.write() as connection:
            found = opened(desk_in(connection), number)
            if message not in talk.changed_messages(found.desk, number):
                abort(404)
            if verb == "send":
                writing.send_draft(found.desk, message, person().id, although_left="although_left" in request.form)
            elif verb == "discard":
                writing.discard_draft(found.desk, message)
            else:
                abort(404)
            audit.record(connection, f"desk.draft_{verb}", found.subject, found.service)
    except Refusal as refusal:
        flash(refusal.in_(language_of_request()), "danger")
    return redirect(url_for(".one", number=number))
