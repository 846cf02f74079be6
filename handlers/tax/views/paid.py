"""Paid lists: up to which day each is complete, and the lines that did not fit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from bot.console import audit, lists
from bot.console.access import allow, person
from bot.console.console import console
from bot.now import TOKYO
from handlers.tax import settlement
from handlers.tax.kinds import tax_name
from handlers.tax.models import TaxDifference, TaxPaidList
from handlers.tax.views.rights import SEE, WORDS, WORK

_lists: Any = TaxPaidList.__table__
_differences: Any = TaxDifference.__table__


def enter(blueprint: Blueprint) -> None:
    """Enter these pages in the service's blueprint."""
    blueprint.add_url_rule("/paid", view_func=paid)
    blueprint.add_url_rule("/paid/<int:number>", view_func=paid_list)
    blueprint.add_url_rule("/paid/<int:number>/confirm", view_func=confirm, methods=["POST"])
    blueprint.add_url_rule("/paid/<int:number>/resolve", view_func=resolve, methods=["POST"])


@allow(SEE)
def paid() -> str:
    """List the paid lists, the latest first."""
    open_ones = (
        select(func.count())
        .where(_differences.c.list_id == _lists.c.id, _differences.c.resolved_at.is_(None))
        .scalar_subquery()
        .label("open_differences")
    )
    with console().database.read() as connection:
        page = lists.page(connection, select(_lists, open_ones), _lists.c.id)
    return render_template("tax/paid.html", page=page, **_words())


@allow(SEE)
def paid_list(number: int) -> str:
    """Show one list with its differences, oldest first."""
    with console().database.read() as connection:
        row = connection.execute(select(_lists).where(_lists.c.id == number)).one_or_none() or abort(404)
        mine = select(_differences).where(_differences.c.list_id == number)
        page = lists.page(connection, mine, _differences.c.id, descending=False)
        loaded = settlement.loaded(connection, number)
    kinds = sorted(console().book().town.town.get("vehicle_tax") or {})
    yesterday = console().now().astimezone(TOKYO).date() - dt.timedelta(days=1)
    return render_template(
        "tax/paid_list.html",
        paid=row,
        loaded=loaded,
        page=page,
        kinds=kinds,
        yesterday=yesterday,
        WORK=WORK,
        **_words(),
    )


@allow(WORK)
def confirm(number: int) -> Response:
    """Take the word that a list is complete up to a day: what may be sent after a due date hangs on it."""
    town = console().book().town.town
    kind = request.form.get("kind") or None
    try:
        day = dt.date.fromisoformat(request.form.get("paid_until", ""))
    except ValueError:
        flash(_("日付を入れてください。"), "danger")
        return redirect(url_for(".paid_list", number=number))
    if kind is not None and kind not in (town.get("vehicle_tax") or {}):
        abort(400)
    try:
        with console().database.write() as connection:
            connection.execute(select(_lists.c.id).where(_lists.c.id == number)).one_or_none() or abort(404)
            again = settlement.confirm(
                connection, number, kind, day, person().id, console().now(), left_out=_number("left_out")
            )
            audit.record(
                connection, "tax.paid_until", f"tax_paid_list:{number}", "tax", until=day.isoformat(), again=again
            )
    except settlement.NotPossible as error:
        flash(_why_not(error), "danger")
        return redirect(url_for(".paid_list", number=number))
    flash(_("%(day)sまでの納付がそろったものとして扱います。", day=f"{day:%Y/%m/%d}"), "good")
    if again:
        flash(_("「納めました」とのことで一覧になかった%(count)s件は、お知らせを再開します。", count=again), "warning")
    return redirect(url_for(".paid_list", number=number))


@allow(WORK)
def resolve(number: int) -> Response:
    """Note that a difference was looked into."""
    which = request.form.get("difference", "")
    if not which.isdecimal():
        abort(400)
    with console().database.write() as connection:
        if settlement.resolve(connection, int(which), person().id, console().now()):
            audit.record(connection, "tax.resolve", f"tax_difference:{which}", "tax")
    flash(_("確認済みにしました。"), "good")
    return redirect(url_for(".paid_list", number=number))


def _why_not(error: settlement.NotPossible) -> str:
    if isinstance(error, settlement.StillLoading):
        return str(_("この一覧の取り込みが終わっていません。終わってから決めてください。"))
    if isinstance(error, settlement.RowsLeftOut):
        return str(_("取り込めなかった行があります。その行の納付を確かめてから、印を入れて決めてください。"))
    return str(_("昨日までの日付を入れてください。今日の納付は、まだそろっていません。"))


def _number(field: str) -> int:
    text = request.form.get(field, "")
    return int(text) if text.isascii() and text.isdecimal() else 0


def _words() -> dict[str, Any]:
    town = console().book().town.town
    return {**WORDS, "tax_name": lambda kind: tax_name(town, kind, person().language)}
