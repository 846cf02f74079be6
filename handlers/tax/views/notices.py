"""Notices as staff see them: counted, listed without amounts, unlinked for a resident who asks, and locks taken off."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection, func, select
from werkzeug.wrappers import Response

from bot.console import audit, lists
from bot.console.access import allow, person
from bot.console.console import console
from bot.models import Resident
from bot.service import ActionContext, Caller
from handlers.tax import lockout, reading
from handlers.tax.holdings import EL_NUMBER
from handlers.tax.kinds import tax_name
from handlers.tax.linking import find_by_code, unlink_notices
from handlers.tax.models import TaxLink, TaxNotice
from handlers.tax.records import tax_lookup
from handlers.tax.sends import paid_until
from handlers.tax.state import State
from handlers.tax.views.rights import SEE, WORDS, WORK

_notices: Any = TaxNotice.__table__
_links: Any = TaxLink.__table__

GROUPS = "tax notices"


def enter(blueprint: Blueprint) -> None:
    """Enter these pages in the service's blueprint."""
    blueprint.add_url_rule("/", view_func=overview)
    blueprint.add_url_rule("/notices", view_func=listing)
    blueprint.add_url_rule("/notices/find", view_func=find, methods=["POST"])
    blueprint.add_url_rule("/notices/<int:number>", view_func=one)
    blueprint.add_url_rule("/notices/<int:number>/unlink", view_func=unlink, methods=["POST"])
    blueprint.add_url_rule("/locks", view_func=locks)
    blueprint.add_url_rule("/locks/reset", view_func=reset, methods=["POST"])


@allow(SEE)
def overview() -> str:
    """Show how many notices there are of each due date, how many are linked, and how far the paid lists reach."""
    with console().database.read() as connection:
        counts = console().figures.read(GROUPS, connection)
        groups = [dict(group) for group in counts or ()]
        for group in groups:
            group["paid_until"] = paid_until(connection, group["kind"])
    return render_template("tax/overview.html", groups=groups, counted=counts is not None, WORK=WORK, **_words())


@allow(SEE)
def listing() -> str:
    """List notices, newest first; neither amounts nor numbers."""
    state = request.args.get("state", "")
    asked = select(
        _notices.c.id, _notices.c.kind, _notices.c.tax_year, _notices.c.due_on, _notices.c.state, _notices.c.form,
        _links.c.relation,
    ).select_from(_notices.outerjoin(_links, _links.c.notice_id == _notices.c.id))  # fmt: skip
    if state in set(State):
        asked = asked.where(_notices.c.state == state)
    linked = request.args.get("linked") == "1"
    if linked:
        asked = asked.add_columns(_links.c.notice_id).where(_links.c.notice_id.is_not(None))
    with console().database.read() as connection:
        # In the order of the links' own index: the latest notices of all may have none yet.
        page = lists.page(connection, asked, _links.c.notice_id if linked else _notices.c.id)
    return render_template("tax/notices.html", page=page, states=list(State), **_words())


@allow(SEE)
def find() -> Response:
    """Open the notice of a linking code that a resident has in hand."""
    with console().database.read() as connection:
        found = find_by_code(connection, console().lookup, request.form.get("code", ""))
    if found is None:
        flash(_("その連携コードの通知はありません。"), "warning")
        return redirect(url_for(".listing"))
    return redirect(url_for(".one", number=found.id))


@allow(SEE)
def one(number: int) -> str:
    """Show one notice: masked, as staff need no amount to help."""
    asked = (
        select(_notices, _links.c.relation, _links.c.linked_at, Resident.reference)
        .select_from(_notices.outerjoin(_links, _links.c.notice_id == _notices.c.id))
        .outerjoin(Resident, Resident.id == _links.c.resident_id)
        .where(_notices.c.id == number)
    )
    with console().database.read() as connection:
        row = connection.execute(asked).one_or_none() or abort(404)
    audit.viewed("tax.view", f"tax_notice:{number}", "tax")
    return render_template("tax/notice.html", notice=row, number_ends=_ending(row), WORK=WORK, **_words())


@allow(WORK)
def unlink(number: int) -> Response:
    """Take a link off, for a resident who cannot do it."""
    with console().database.write() as connection:
        asked = select(_links.c.resident_id, Resident.channel_id, Resident.reference).join(
            Resident, Resident.id == _links.c.resident_id
        )
        row = connection.execute(asked.where(_links.c.notice_id == number)).one_or_none() or abort(404)
        who = Caller(row.resident_id, row.channel_id, row.reference, None)
        there = console()
        context = ActionContext(connection, who, there.now(), there.book().town.town, there.vault, there.lookup)
        unlink_notices(context, {"notice": number})
        audit.record(connection, "tax.unlink", f"tax_notice:{number}", "tax")
    flash(_("登録を外しました。"), "good")
    return redirect(url_for(".one", number=number))


@allow(WORK)
def locks() -> str:
    """Show how many are locked, and take a lock off."""
    with console().database.read() as connection:
        counted = lockout.locked(connection, console().now())
    return render_template("tax/locks.html", counted=counted)


@allow(WORK)
def reset() -> Response:
    """Let an account (by its reference) or a code be tried again today."""
    lookup = tax_lookup(console().lookup)
    with console().database.write() as connection:
        counter = _counter(connection, lookup)
        done = counter is not None and lockout.reset(connection, counter)
        if done and counter is not None:
            audit.record(connection, "tax.lock_reset", None, "tax", scope=counter.scope)
    if done:
        flash(_("もう一度登録できるようにしました。"), "good")
    else:
        flash(_("失敗の記録はありません。入力を確かめてください。"), "warning")
    return redirect(url_for(".locks"))


def _counter(connection: Connection, lookup: Any) -> lockout.Counter | None:
    if code := request.form.get("code", "").strip():
        try:
            return lockout.of_code(lookup, reading.code(code))
        except reading.Unreadable:
            return None
    asked = select(Resident.id).where(Resident.reference == request.form.get("reference", "").strip().upper())
    resident_id = connection.execute(asked).scalar_one_or_none()
    return None if resident_id is None else lockout.of_account(connection, lookup, resident_id)


def counted(connection: Connection) -> list[dict[str, Any]]:
    """Return the counts of each due date and tax."""
    about = (_notices.c.due_on, _notices.c.kind)  # in the order of the index
    # Linked and not apart: the first reads the links only, the second an index only.
    by_state = select(*about, _notices.c.state, func.count().label("number")).group_by(*about, _notices.c.state)
    linked = select(*about, func.count().label("number")).join(_links, _links.c.notice_id == _notices.c.id)
    groups: dict[tuple[str, Any], dict[str, Any]] = {}
    for row in connection.execute(by_state.order_by(_notices.c.due_on.desc(), _notices.c.kind)):
        fresh: dict[str, Any] = {"kind": row.kind, "due_on": row.due_on, "notices": 0, "linked": 0}
        fresh.update({state.value: 0 for state in State})
        group = groups.setdefault((row.kind, row.due_on), fresh)
        group["notices"] += row.number
        group[row.state] += row.number
    for row in connection.execute(linked.group_by(*about)):
        groups[row.kind, row.due_on]["linked"] = row.number
    return list(groups.values())


def _ending(row: Any) -> str | None:
    """Return the last four digits of the payment number: enough to compare with a slip on the counter."""
    if row.el_number is None:
        return None
    return str(orjson.loads(console().vault.open(EL_NUMBER, row.uid, row.el_number))["payment"])[-4:]


def _words() -> dict[str, Any]:
    town = console().book().town.town
    return {**WORDS, "tax_name": lambda kind: tax_name(town, kind, person().language)}
