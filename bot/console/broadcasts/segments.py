"""Saved segments: conditions under a name, for campaigns to come."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import IntegrityError
from werkzeug.wrappers import Response

from bot import segment
from bot.campaigns import builder
from bot.campaigns.reach import reach
from bot.console import audit
from bot.console.access import allow, person
from bot.console.broadcasts import audience
from bot.console.broadcasts.rights import COMPOSE
from bot.console.console import console
from bot.console.language import language_of_request
from bot.models import Channel, SavedSegment, Staff

_saved: Any = SavedSegment.__table__


def add_to(blueprint: Blueprint) -> None:
    """Add the pages."""
    blueprint.add_url_rule("/segments", view_func=saved)
    blueprint.add_url_rule("/segments/new", view_func=new_segment, methods=["GET", "POST"])
    blueprint.add_url_rule("/segments/<int:id_>", view_func=one, methods=["GET", "POST"])
    blueprint.add_url_rule("/segments/reach", view_func=saved_reach, methods=["POST"])
    blueprint.add_url_rule("/segments/<int:id_>/delete", view_func=forget, methods=["POST"])


@allow(COMPOSE)
def saved() -> str:
    """List saved segments by name."""
    there = console()
    found = select(_saved, Staff.name.label("maker")).join(Staff, Staff.id == _saved.c.made_by).order_by(_saved.c.name)
    with there.database.read() as connection:
        rows = connection.execute(found).all()
        read = {row.id: segment.read(row.segment) for row in rows}
        used = sorted({name for who in read.values() for name in builder.attributes_in(who)})
        choices = builder.choices(connection, there.book(), language_of_request(), used)
    said = {id_: choices.said(who, language_of_request()) for id_, who in read.items()}
    return render_template("console/broadcasts/segments.html", rows=rows, said=said)


@allow(COMPOSE)
def new_segment() -> str | Response:
    """Build a segment and keep it under a name."""
    return _build(0)


@allow(COMPOSE)
def one(id_: int) -> str | Response:
    """Change a saved segment."""
    return _build(id_)


def _build(id_: int) -> str | Response:
    row = _row(id_)
    if request.method == "GET":
        form = builder.Builder() if row is None else builder.taken_apart(segment.read(row.segment)) or builder.Builder()
        return _page(id_, form, "" if row is None else row.name)
    form, name = audience.read(request.form), request.form.get("name", "").strip()[:80]
    if request.form.get("do") != "save":
        return _page(id_, audience.changed(form, request.form.get("do", "")), name)
    if not name:
        return _page(id_, form, name, _("名前を入れてください。"))
    try:
        number = _store(id_, name, form)
    except IntegrityError:
        return _page(id_, form, name, _("同じ名前の条件があります。"))
    flash(_("保存しました。"), "good")
    return redirect(url_for(".one", id_=number))


def _store(id_: int, name: str, form: builder.Builder) -> int:
    there = console()
    kept = {"name": name, "segment": segment.write(form.segment()), "changed_at": there.now()}
    with there.database.write() as connection:
        if id_:
            connection.execute(update(_saved).where(_saved.c.id == id_).values(kept))
            number = id_
        else:
            made = insert(_saved).values(kept | {"made_by": person().id}).returning(_saved.c.id)
            number = connection.execute(made).scalar_one()
        audit.record(connection, "segment.saved", f"segment:{number}")
    return number


@allow(COMPOSE)
def saved_reach() -> str:
    """Return how many the conditions in the form mean, and ten of them."""
    there = console()
    with there.database.read() as connection:
        channel_id = connection.execute(select(Channel.id).order_by(Channel.id).limit(1)).scalar_one_or_none()
        if channel_id is None:
            abort(404)
        seen = reach(connection, channel_id, audience.read(request.form).segment(), there.settings.quota_reserve)
    return render_template("console/broadcasts/reach.html", seen=seen)


@allow(COMPOSE)
def forget(id_: int) -> Response:
    """Delete a saved segment; campaigns that used it keep its conditions."""
    if _row(id_) is None:
        abort(404)
    with console().database.write() as connection:
        connection.execute(delete(_saved).where(_saved.c.id == id_))
        audit.record(connection, "segment.deleted", f"segment:{id_}")
    flash(_("削除しました。"), "good")
    return redirect(url_for(".saved"))


def _row(id_: int) -> Any:
    if not id_:
        return None
    with console().database.read() as connection:
        row = connection.execute(select(_saved).where(_saved.c.id == id_)).one_or_none()
    if row is None:
        abort(404)
    return row


def _page(id_: int, form: builder.Builder, name: str, error: str = "") -> str:
    with console().database.read() as connection:
        choices = audience.choices(connection, form)
    part = "builder_part.html" if "X-Partial" in request.headers else "segment.html"
    return render_template(
        f"console/broadcasts/{part}",
        id_=id_,
        form=form,
        choices=choices,
        name=name,
        error=error,
        said=choices.said(form.segment(), language_of_request()),
        count_at=url_for(".saved_reach"),
    )
