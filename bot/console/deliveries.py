"""What happened to this message: deliveries found by resident, status and time, their attempts, and what stands still set right."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response

from bot.console import audit, lists
from bot.console.access import Permission, Person, Role, allow, person
from bot.console.broadcasts.rights import VIEW
from bot.console.console import Console, Figure, console
from bot.delivery import inspection, lookup
from bot.delivery.lookup import Wanted
from bot.delivery.outcome import Status
from bot.models import Delivery, Resident
from bot.now import TOKYO

SEE = Permission(
    "delivery.see", frozenset({Role.ADMINISTRATOR, Role.MANAGER, Role.OFFICER, Role.COUNSELLOR}), scoped=False
)
MEND = Permission("delivery.mend", frozenset({Role.ADMINISTRATOR, Role.MANAGER, Role.OFFICER}), scoped=False)
DAY = dt.timedelta(days=1)

STATUSES = {
    Status.WAITING: (lazy_gettext("送信待ち"), "busy"),
    Status.SENT: (lazy_gettext("LINEが受け付けた"), "good"),
    Status.PRESUMED: (lazy_gettext("おそらく届いた"), "good"),
    Status.HELD: (lazy_gettext("月の上限で保留"), "warning"),
    Status.STALE: (lazy_gettext("時間切れ"), "warning"),
    Status.FAILED: (lazy_gettext("失敗"), "danger"),
    Status.UNKNOWN: (lazy_gettext("不明"), "warning"),
    Status.STOPPED: (lazy_gettext("停止"), ""),
}
KINDS = {"reply": lazy_gettext("返信"), "push": lazy_gettext("個別"), "multicast": lazy_gettext("一斉")}


def pages(there: Console) -> Blueprint:
    """Return the pages of deliveries."""
    blueprint = Blueprint("deliveries", __name__, url_prefix="/deliveries")
    blueprint.add_url_rule("/", view_func=listing)
    blueprint.add_url_rule("/<int:id_>", view_func=one)
    blueprint.add_url_rule("/<int:id_>/retry", view_func=retry, methods=["POST"])
    blueprint.add_url_rule("/<int:id_>/release", view_func=release, methods=["POST"])
    blueprint.add_url_rule("/release", view_func=release_held, methods=["POST"])
    there.navigate("watch", lazy_gettext("送信の記録"), "deliveries.listing", SEE, "send", 20)
    there.tile(lazy_gettext("送れなかったもの（24時間）"), SEE, _failed, 40)
    there.tile(lazy_gettext("保留・時間切れ"), SEE, _waiting, 45)
    return blueprint


def _hidden(who: Person, permission: Permission = SEE) -> tuple[str, ...]:
    """Return the services to whose messages a permission of somebody does not reach: those of other departments."""
    reach = who.scope(permission)
    return () if reach.everything else tuple(one.name for one in console().services.all if one.name not in reach)


def _failed(connection: Connection, who: Person) -> Figure:
    since, hidden = console().now() - DAY, _hidden(who)
    number = sum(lookup.count(connection, one, hidden, since) for one in (Status.FAILED, Status.UNKNOWN))
    href = f"/console/deliveries/?status={Status.FAILED.value}"
    return Figure(_few(number), lazy_gettext("失敗と不明"), href, "danger" if number else "good")


def _waiting(connection: Connection, who: Person) -> Figure:
    hidden = _hidden(who)
    number = sum(lookup.count(connection, one, hidden) for one in (Status.HELD, Status.STALE))
    href = f"/console/deliveries/?status={Status.HELD.value}"
    return Figure(_few(number), lazy_gettext("確認を待っています"), href, "warning" if number else "")


def _few(number: int) -> str:
    return f"{number:,}" if number < lookup.MOST_COUNTED else f"{lookup.MOST_COUNTED:,}+"


@allow(SEE)
def listing() -> str:
    """List deliveries, the latest first."""
    who = person()
    with console().database.read() as connection:
        wanted, unknown = _wanted(connection, who)
        page = None
        if not unknown:
            page = lists.page(connection, lookup.question(connection, wanted), Delivery.__table__.c.id)
        held = lookup.count(connection, Status.HELD, wanted.hidden)
    return render_template(
        "console/deliveries/list.html",
        page=page,
        unknown=unknown,
        statuses=STATUSES,
        kinds=KINDS,
        held=held if who.may(MEND) and who.scope(MEND).everything else 0,
        asked=request.args,
    )


def _wanted(connection: Connection, who: Person) -> tuple[Wanted, bool]:
    """Return what the request looks for, and whether it names a resident whom nobody knows."""
    reference = request.args.get("resident", "").strip().upper()[:12]
    status = request.args.get("status", "")
    since, until = _day(request.args.get("since")), _day(request.args.get("until"))
    resident_id = None
    if reference:
        known = select(Resident.id).where(Resident.reference == reference)
        resident_id = connection.execute(known).scalar_one_or_none()
    wanted = Wanted(
        resident_id,
        Status(status) if status in set(Status) else None,
        since,
        None if until is None else until + DAY,
        _hidden(who),
    )
    return wanted, bool(reference) and resident_id is None


def _day(written: str | None) -> dt.datetime | None:
    """Return when a day begins in Tokyo; None for what is no day."""
    try:
        return dt.datetime.combine(dt.date.fromisoformat(written or ""), dt.time(), TOKYO).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


@allow(SEE)
def one(id_: int) -> str:
    """Show one delivery with its attempts."""
    row, attempts = _open(id_)
    may_mend = person().may(MEND) and row.purpose.partition(".")[0] not in _hidden(person(), MEND)
    return render_template(
        "console/deliveries/one.html",
        row=row,
        attempts=attempts,
        statuses=STATUSES,
        kinds=KINDS,
        watch_broadcasts=VIEW,
        may_retry=may_mend and Status(row.status) in inspection.LOST and row.kind != "multicast",
        may_release=may_mend and Status(row.status) in (Status.HELD, Status.STALE),
    )


def _open(id_: int) -> tuple[Any, Any]:
    """Return a delivery and its attempts; ends with 404 where this request's permission does not reach."""
    wanted = Wanted(hidden=_hidden(person(), g.permission))
    with console().database.read() as connection:
        question = lookup.question(connection, wanted).add_columns(
            Delivery.__table__.c.finished_at, Delivery.__table__.c.line_request_id, Delivery.__table__.c.stale_at
        )
        row = connection.execute(question.where(Delivery.__table__.c.id == id_)).one_or_none()
        if row is None:
            abort(404)
        _row, attempts = inspection.one(connection, id_)
    return row, attempts


@allow(MEND)
def retry(id_: int) -> Response:
    """Send again what failed, as a message of its own."""
    there = console()
    _open(id_)
    try:
        with there.database.write() as connection:
            again = inspection.send_again(connection, there.vault, id_, there.now())
            audit.record(connection, "delivery.retried", f"delivery:{id_}", again=again)
    except inspection.CannotSend:
        flash(_("もう一度送ることはできません。内容が消えているか、すでに送られています。"), "danger")
        return redirect(url_for(".one", id_=id_))
    flash(_("新しい送信として、もう一度送ります。"), "good")
    return redirect(url_for(".one", id_=again))


@allow(MEND)
def release(id_: int) -> Response:
    """Let one held or stale message go."""
    there = console()
    _open(id_)
    with there.database.write() as connection:
        number = inspection.release(connection, [id_], there.now())
        audit.record(connection, "delivery.released", f"delivery:{id_}", number=number)
    if number:
        flash(_("送信待ちに戻しました。"), "good")
    else:
        flash(_("いまの状態ではできません。ページを開きなおしてください。"), "danger")
    return redirect(url_for(".one", id_=id_))


@allow(MEND)
def release_held() -> Response:
    """Let everything go that was held for the month's quota; for departments that serve the whole town."""
    there = console()
    if not person().scope(MEND).everything:
        abort(404)
    with there.database.write() as connection:
        number = inspection.release(connection, [], there.now())
        audit.record(connection, "delivery.released", None, number=number)
    flash(_("%(number)s件を送信待ちに戻しました。", number=number), "good")
    return redirect(url_for(".listing"))
