"""What goes out when: any day's messages in every language, the sends planned, and the approval of those after the due date."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection, select, update
from werkzeug.wrappers import Response

from bot import approvals
from bot.approvals import Decision
from bot.console import audit, lists
from bot.console.access import allow, person
from bot.console.console import console
from bot.console.deliveries import STATUSES
from bot.now import TOKYO
from handlers.tax import sends
from handlers.tax.kinds import tax_name
from handlers.tax.models import TaxSend
from handlers.tax.outlook import bubbles, going_out
from handlers.tax.schedule import Phase, Stage
from handlers.tax.views.rights import APPROVE, SEE, WORDS, WORK, stage_title

_sends: Any = TaxSend.__table__


def enter(blueprint: Blueprint) -> None:
    """Enter these pages in the service's blueprint."""
    blueprint.add_url_rule("/outgoing", view_func=outgoing)
    blueprint.add_url_rule("/sends", view_func=listing_sends)
    blueprint.add_url_rule("/sends/plan", view_func=plan, methods=["POST"])
    blueprint.add_url_rule("/sends/<int:number>", view_func=send)
    blueprint.add_url_rule("/sends/<int:number>/ask", view_func=ask, methods=["POST"])
    blueprint.add_url_rule("/sends/<int:number>/decide", view_func=decide, methods=["POST"])
    blueprint.add_url_rule("/sends/<int:number>/stop", view_func=stop, methods=["POST"])


@allow(SEE)
def outgoing() -> str:
    """Show what goes out on the day that is asked for, today without one."""
    try:
        day = dt.date.fromisoformat(request.args.get("day", ""))
    except ValueError:
        day = _today()
    with console().database.read() as connection:
        found = going_out(connection, console().book(), day, _today())
    return render_template("tax/outgoing.html", day=day, found=found, languages=_languages(), **_words())


@allow(SEE)
def listing_sends() -> str:
    """List what is planned and what was sent, the latest first."""
    with console().database.read() as connection:
        page = lists.page(connection, select(_sends), _sends.c.id)
    return render_template("tax/sends.html", page=page, WORK=WORK, **_words())


@allow(WORK)
def plan() -> Response:
    """Plan now what the clock would plan within the hour: after an import, or when the schedule was changed."""
    with console().database.write() as connection:
        new = sends.plan_sends(connection, console().book().town.town, console().now())
        audit.record(connection, "tax.plan", None, "tax", new=new)
    flash(_("予定を作りました（新しく%(count)s件）。", count=new), "good")
    return redirect(url_for(".listing_sends"))


@allow(SEE)
def send(number: int) -> str:
    """Show one send: its words, for how many, what keeps it back, who approved it, what became of it."""
    book = console().book()
    shown: dict[str, Any]
    with console().database.read() as connection:
        row = _find(connection, number)
        texts = sends.texts_of(book, row)
        shown = {
            "obstacle": sends.find_obstacle(connection, row, book, book.town.town),
            "reached": sends.paid_until(connection, row.kind),
            "recipients": sends.count_recipients(connection, row),
            "results": sends.results(connection, row),
            "waiting": approvals.find_waiting(connection, sends.APPROVAL, str(number)),
            "history": approvals.history(connection, sends.APPROVAL, str(number)),
        }
    reasons = {one.id: approvals.reason_of(console().vault, one) for one in shown["history"] if one.reason}
    return render_template(
        "tax/send.html",
        send=row,
        texts={language: bubbles(messages) for language, messages in texts.items()},
        digest=sends.digest(row, texts).hex(),
        languages=_languages(),
        after=Stage.named(row.stage).phase is Phase.AFTER,
        planned=row.state == sends.State.PLANNED,
        me=person().id,
        reasons=reasons,
        delivery_states=STATUSES,
        APPROVE=APPROVE,
        WORK=WORK,
        **shown,
        **_words(),
    )


@allow(WORK)
def ask(number: int) -> Response:
    """Ask a second person to approve a send as it reads now."""
    with console().database.write() as connection:
        row = _find(connection, number)
        if Stage.named(row.stage).phase is not Phase.AFTER or row.state != sends.State.PLANNED:
            abort(409)
        title = (
            f"{tax_name(console().book().town.town, row.kind, 'ja')} {stage_title(row.stage)}（{row.send_on:%Y/%m/%d}）"
        )
        try:
            approvals.ask(
                connection,
                sends.APPROVAL,
                str(number),
                _shown(row),
                person().id,
                console().now(),
                title=title,
                service="tax",
            )
        except approvals.CannotApprove as error:
            return _refused(error, number)
        audit.record(connection, "tax.ask_approval", f"tax_send:{number}", "tax")
    flash(_("承認を依頼しました。別の職員が確認します。"), "good")
    return redirect(url_for(".send", number=number))


@allow(APPROVE)
def decide(number: int) -> Response:
    """Grant or refuse what another member of staff asked for; what was shown must be what there is."""
    decision = Decision.GRANTED if request.form.get("decision") == "grant" else Decision.REFUSED
    with console().database.write() as connection:
        row = _find(connection, number)
        waiting = approvals.find_waiting(connection, sends.APPROVAL, str(number)) or abort(409)
        now = _shown(row)
        try:
            if request.form.get("digest") != now.hex():
                raise approvals.Changed
            reason = request.form.get("reason", "")[:500]
            approvals.decide(
                connection, console().vault, waiting.id, decision, now, person().id, console().now(), reason
            )
        except approvals.CannotApprove as error:
            return _refused(error, number)
        audit.record(connection, "tax.decide", f"tax_send:{number}", "tax", decision=decision.value)
    flash(_("承認しました。") if decision is Decision.GRANTED else _("承認しませんでした。"), "good")
    return redirect(url_for(".send", number=number))


@allow(WORK)
def stop(number: int) -> Response:
    """Call a send off for good; what has left has left."""
    over = {"state": sends.State.STOPPED.value, "finished_at": console().now()}
    with console().database.write() as connection:
        mine = update(_sends).where(_sends.c.id == number, _sends.c.state == sends.State.PLANNED.value)
        if not connection.execute(mine.values(over)).rowcount:
            abort(409)
        audit.record(connection, "tax.stop_send", f"tax_send:{number}", "tax")
    flash(_("このお知らせを取りやめました。"), "good")
    return redirect(url_for(".send", number=number))


def _refused(error: approvals.CannotApprove, number: int) -> Response:
    message = error.message
    flash(message.get(person().language) or message["ja"], "danger")
    return redirect(url_for(".send", number=number))


def _find(connection: Connection, number: int) -> Any:
    return connection.execute(select(_sends).where(_sends.c.id == number)).one_or_none() or abort(404)


def _shown(row: Any) -> bytes:
    return sends.digest(row, sends.texts_of(console().book(), row))


def _today() -> dt.date:
    return console().now().astimezone(TOKYO).date()


def _languages() -> dict[str, str]:
    return dict(console().book().town.languages)


def _words() -> dict[str, Any]:
    town = console().book().town.town
    return {**WORDS, "tax_name": lambda kind: tax_name(town, kind, person().language)}
