"""Failed events: what residents sent and our own code could not take in; opened by their service's staff only, and run again."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import lazy_gettext
from sqlalchemy import Connection, Select, false, func, or_, select
from werkzeug.wrappers import Response

from bot import failedevents
from bot.console import audit, lists
from bot.console.access import Permission, Person, Role, Scope, allow, person, scope, service_of
from bot.console.console import Console, Figure, console
from bot.crypto import CannotOpen
from bot.failedevents import Rerun
from bot.models import FailedEvent

SEE = Permission("event.see", frozenset({Role.ADMINISTRATOR, Role.MANAGER, Role.OFFICER, Role.COUNSELLOR}))
OPEN = Permission("event.open", frozenset({Role.MANAGER, Role.OFFICER, Role.COUNSELLOR}))

SAID = {
    Rerun.APPLIED: (lazy_gettext("もう一度処理し、住民に返事を送りました。"), "good"),
    Rerun.FAILED: (lazy_gettext("もう一度処理しましたが、また失敗しました。"), "danger"),
    Rerun.BUSY: (lazy_gettext("住民がいま操作中です。少し待って、もう一度お試しください。"), "warning"),
    Rerun.GONE: (lazy_gettext("このイベントはもうありません。"), "warning"),
}


def pages(there: Console) -> Blueprint:
    """Return the pages of failed events."""
    blueprint = Blueprint("failures", __name__, url_prefix="/failed-events")
    blueprint.add_url_rule("/", view_func=listing)
    blueprint.add_url_rule("/<int:id_>", view_func=one)
    blueprint.add_url_rule("/<int:id_>/open", view_func=open_content, methods=["POST"])
    blueprint.add_url_rule("/<int:id_>/again", view_func=again, methods=["POST"])
    there.navigate(
        "watch", lazy_gettext("失敗したイベント"), "failures.listing", SEE, "exclamation-triangle", 30, _count
    )
    there.tile(lazy_gettext("処理できなかったイベント"), SEE, _figure, 50)
    return blueprint


def _mine(reach: Scope) -> tuple[Any, ...]:
    """Return the condition for the events of some services; what belongs to none is for departments that serve the whole town."""
    if reach.everything:
        return ()
    flow = FailedEvent.__table__.c.flow
    theirs = [or_(flow == name, flow.startswith(f"{name}.", autoescape=True)) for name in sorted(reach.services)]
    return (or_(false(), *theirs),)


def _listed(reach: Scope) -> Select[Any]:
    return failedevents.listed().where(*_mine(reach))


def _count(connection: Connection, who: Person) -> int:
    counted = select(func.count()).select_from(FailedEvent)
    return connection.execute(counted.where(*_mine(who.scope(SEE)))).scalar_one()


def _figure(connection: Connection, who: Person) -> Figure:
    number = _count(connection, who)
    return Figure(number, lazy_gettext("14日で消えます"), "/console/failed-events/", "danger" if number else "good")


@allow(SEE)
def listing() -> str:
    """List failed events without content, the latest first."""
    with console().database.read() as connection:
        page = lists.page(connection, _listed(scope()), FailedEvent.__table__.c.id)
    return render_template("console/failures/list.html", page=page)


@allow(SEE)
def one(id_: int) -> str:
    """Show one failed event without its content."""
    return _page(id_, None)


@allow(OPEN)
def open_content(id_: int) -> str:
    """Show what the resident sent; that it was opened is written down before."""
    there = console()
    row = _row(id_)
    service = None if row.flow is None else service_of(row.flow)
    audit.viewed("event.opened", f"event:{id_}", service)
    try:
        with there.database.read() as connection:
            raw = failedevents.content(connection, there.vault, id_)
    except (LookupError, CannotOpen):
        abort(404)
    return _page(id_, orjson.dumps(_shown(raw), option=orjson.OPT_INDENT_2).decode())


def _shown(raw: object) -> object:
    """Return LINE's object without what staff never see: the LINE user id and the reply token."""
    if isinstance(raw, dict):
        return {name: _shown(value) for name, value in raw.items() if name not in ("userId", "replyToken")}
    return [_shown(one) for one in raw] if isinstance(raw, list) else raw


@allow(OPEN)
def again(id_: int) -> Response:
    """Run one again, once the fault is mended."""
    there = console()
    row = _row(id_)
    runtime = there.runtime
    try:
        came = failedevents.run_again(
            there.database, there.vault, runtime.talks, runtime.sender.hand_over, id_, there.now()
        )
    except CannotOpen:
        abort(404)
    with there.database.write() as connection:
        service = None if row.flow is None else service_of(row.flow)
        audit.record(connection, "event.again", f"event:{id_}", service, outcome=came.value)
    said, tone = SAID[came]
    flash(str(said), tone)
    return redirect(url_for(".one", id_=id_) if came in (Rerun.FAILED, Rerun.BUSY) else url_for(".listing"))


def _row(id_: int) -> Any:
    with console().database.read() as connection:
        row = connection.execute(_listed(scope()).where(FailedEvent.id == id_)).one_or_none()
    if row is None:
        abort(404)
    return row


def _page(id_: int, content: str | None) -> str:
    row, reach = _row(id_), person().scope(OPEN)
    may_open = reach.everything if row.flow is None else service_of(row.flow) in reach
    return render_template("console/failures/one.html", row=row, content=content, may_open=may_open)
