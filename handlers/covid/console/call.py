"""The call list: who to call next, what is known of them, and one press per outcome."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from bot.console import audit, lists
from bot.console.access import allow, person
from bot.console.console import console
from handlers.covid import calls, followups
from handlers.covid.calls import Outcome, Wanted
from handlers.covid.console.people import answers_of
from handlers.covid.console.rights import SERVICE, WORK

SHOWN = 100


def add_to(blueprint: Blueprint) -> None:
    """Add the pages of the call list."""
    blueprint.add_url_rule("/calls", "calls", listing)
    blueprint.add_url_rule("/calls/put-off", "put_off_calls", put_off, methods=["POST"])
    blueprint.add_url_rule("/calls/next", "next_call", next_call, methods=["POST"])
    blueprint.add_url_rule("/calls/<int:number>", "call", one)
    blueprint.add_url_rule("/calls/<int:number>/take", "take_call", take, methods=["POST"])
    blueprint.add_url_rule("/calls/<int:number>/record", "record_call", record, methods=["POST"])


def wanted() -> Wanted:
    """Return the filters that the request names."""
    risk = request.values.get("risk", "")
    return Wanted(
        int(risk) if risk in {"0", "1", "2", "3"} else None,
        request.values.get("area") or None,
        request.values.get("reason") if request.values.get("reason") in {calls.WORSE, calls.SILENT} else None,
    )


def filters() -> dict[str, Any]:
    """Return the filters as the next address carries them."""
    chosen = wanted()
    named = {"risk": chosen.risk, "area": chosen.area, "reason": chosen.reason}
    return {name: str(value) for name, value in named.items() if value is not None}


@allow(WORK)
def listing() -> str:
    """Show who is to be called, the most endangered first."""
    there, chosen = console(), wanted()
    with there.database.read() as connection:
        page = lists.page(connection, calls.on_list(chosen, there.now()), *calls.ORDER, size=SHOWN, descending=False)
        counts, areas = calls.counts(connection, chosen), calls.open_areas(connection)
    values = {"page": page, "counts": counts, "areas": areas, "total": sum(counts.values()), "filters": filters()}
    return render_template("covid/console/calls.html", now=there.now(), **values)


@allow(WORK)
def put_off() -> Response:
    """Leave whoever fell silent of this part of the list for tomorrow; who became worse stays."""
    there = console()
    with there.database.write() as connection:
        number = calls.put_off(connection, wanted(), there.now())
        audit.record(connection, "covid.call.put_off", "call list", SERVICE, count=number)
    flash(_("%(number)s人を明日にまわしました。", number=number), "good")
    return redirect(url_for(".calls", **filters()))


@allow(WORK)
def next_call() -> Response:
    """Take the next person in hand and show them."""
    return _to_next()


def _to_next() -> Response:
    there = console()
    with there.database.write() as connection:
        id_ = calls.take_next(connection, wanted(), person().id, there.now())
    if id_ is None:
        flash(_("いま電話する方はいません。"), "good")
        return redirect(url_for(".calls", **filters()))
    return redirect(url_for(".call", number=id_, **filters()))


@allow(WORK)
def one(number: int) -> str:
    """Show one person to call: telephone, last answers, earlier calls. Looking takes nobody in hand."""
    there = console()
    with there.database.read() as connection:
        row = calls.entry(connection, number) or abort(404)
        known = followups.by_id(connection, row.follow_up_id)
        values = {
            "entry": row,
            "held_by": calls.held_by(row, there.now()),
            "known": known,
            "profile": followups.profile_of(there.vault, known),
            "answers": answers_of(connection, there.vault, row.resident_id),
            "calls": calls.calls_of(connection, there.vault, number),
            "left": sum(calls.counts(connection, wanted()).values()),
        }
    audit.viewed("covid.call.view", f"call:{number}", SERVICE)
    return render_template("covid/console/call.html", outcomes=list(Outcome), filters=filters(), **values)


@allow(WORK)
def take(number: int) -> Response:
    """Take one person in hand, so that nobody else calls them meanwhile."""
    there = console()
    with there.database.write() as connection:
        if calls.entry(connection, number) is None:
            abort(404)
        taken = calls.take(connection, number, person().id, there.now())
    if not taken:
        flash(_("ほかの職員が対応中か、すでに終わっています。"), "warning")
    return redirect(url_for(".call", number=number, **filters()))


@allow(WORK)
def record(number: int) -> Response:
    """Write down what a call came to, and go on to the next person."""
    there = console()
    outcome = _outcome()
    with there.database.write() as connection:
        row = calls.entry(connection, number) or abort(404)
        if row.state != calls.OPEN:
            flash(_("この方の電話は、すでに終わっています。"), "warning")
            return redirect(url_for(".calls", **filters()))
        if not calls.take(connection, number, person().id, there.now()):
            flash(_("ほかの職員が対応中です。結果は記録していません。"), "warning")
            return redirect(url_for(".call", number=number, **filters()))
        note = request.form.get("note", "").strip()[:500]
        calls.record(connection, there.vault, row, outcome, note, person().id, there.now())
        if outcome.ends_follow_up:
            followups.end(connection, followups.by_id(connection, row.follow_up_id), "staff", there.now())
        audit.record(connection, "covid.call.record", f"call:{number}", SERVICE, state=outcome.value)
    return _to_next()


def _outcome() -> Outcome:
    given: Any = request.form.get("outcome")
    if given not in set(Outcome):
        abort(400)
    return Outcome(given)
