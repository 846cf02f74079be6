"""How offices are run: what each chose for itself, the replies it has ready, and what the next shift must know."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import select
from werkzeug.wrappers import Response as AnyResponse
from wtforms import BooleanField, IntegerField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, NumberRange

from bot.console import audit
from bot.console.access import Role, allow, person
from bot.console.console import console
from bot.console.desk import words
from bot.console.desk.rights import RECORD, SETTINGS, TALK, desk_in, ids, my_offices
from bot.console.language import language_of_request
from bot.desk import canned, digest, offices
from bot.desk.desk import Desk, Refusal
from bot.desk.offices import OfficeView
from bot.models import Department

SHIFT_HOURS = (4, 8, 12, 24, 72)


class Choices(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """What an office chooses."""

    department_id = SelectField(
        lazy_gettext("担当部署"), coerce=int, description=lazy_gettext("この部署の職員だけが、相談を見て答えられます。")
    )
    mode = SelectField(
        lazy_gettext("相談の方式"),
        choices=[
            SelectChoice("", lazy_gettext("まだ選んでいません（受け付けません）")),
            SelectChoice("chat", lazy_gettext("LINEのトークで相談する")),
            SelectChoice("page", lazy_gettext("安全な相談ページで相談する（LINEには「お返事があります」だけ）")),
        ],
        description=lazy_gettext("方式を選ぶまで、この窓口は相談を受け付けません。"),
    )
    retention = SelectField(
        lazy_gettext("記録の扱い"),
        choices=[
            SelectChoice("record", lazy_gettext("町の記録として残す（本人がデータを消しても残る）")),
            SelectChoice("erasable", lazy_gettext("本人がデータを消したら、終わった相談も消す")),
        ],
    )
    keep_days = IntegerField(lazy_gettext("保存する日数"), validators=[InputRequired(), NumberRange(1, 36_500)])
    personal_limit = IntegerField(
        lazy_gettext("一人が同時に受け持つ件数"), validators=[InputRequired(), NumberRange(1, 50)]
    )
    four_eyes = BooleanField(lazy_gettext("下書きを、別の担当者が確認してから送る"))
    shut_hours = SelectField(
        lazy_gettext("臨時の休み"),
        choices=[
            SelectChoice("keep", lazy_gettext("変えない")), SelectChoice("0", lazy_gettext("休まない（開ける）")),
            SelectChoice("4", lazy_gettext("これから4時間休む")), SelectChoice("24", lazy_gettext("これから24時間休む")),
            SelectChoice("168", lazy_gettext("これから7日間休む")),
        ],
    )  # fmt: skip


@allow(SETTINGS)
def listing() -> str:
    """Show the offices and how they stand."""
    with console().database.write() as connection:
        desk = desk_in(connection)
        offices.enter(connection, desk.book, desk.now)
        mine = _settable(desk)
        departments = {row.id: row.name for row in connection.execute(select(Department.__table__))}
    return render_template(
        "console/desk/offices.html", offices=mine, departments=departments, language_now=language_of_request()
    )


@allow(SETTINGS)
def office(number: int) -> AnyResponse | str:
    """Choose how an office works."""
    with console().database.read() as connection:
        desk = desk_in(connection)
        found = _one(desk, number)
        departments = [
            SelectChoice(row.id, row.name)
            for row in connection.execute(select(Department.__table__).order_by(Department.name))
        ]
        replies = canned.replies(desk, number)
    form = Choices(data=found.row._asdict() | {"mode": found.row.mode or "", "shut_hours": "keep"})
    form.department_id.choices = [SelectChoice(0, _("まだ決めていません")), *departments]
    if form.validate_on_submit() and _choose(number, form):
        flash(_("窓口の設定を変えました。"), "good")
        return redirect(url_for(".listing"))
    return render_template(
        "console/desk/office.html", office=found, form=form, replies=replies, name=found.name(language_of_request())
    )


def _choose(number: int, form: Any) -> bool:
    wanted = {name: form[name].data for name in ("retention", "keep_days", "personal_limit", "four_eyes")} | {
        "mode": form.mode.data or None,
        "department_id": form.department_id.data or None,
    }
    if form.shut_hours.data != "keep":
        hours = int(form.shut_hours.data)
        wanted["closed_until"] = console().now() + dt.timedelta(hours=hours) if hours else None
    try:
        with console().database.write() as connection:
            desk = desk_in(connection)
            _one(desk, number)
            offices.choose(desk, number, **wanted)
            audit.record(connection, "desk.office", f"office:{number}", mode=wanted["mode"] or "none")
    except Refusal as refusal:
        form.mode.errors = [refusal.in_(language_of_request())]
        return False
    return True


@allow(SETTINGS)
def add_reply(number: int) -> AnyResponse:
    """Keep a reply ready."""
    try:
        with console().database.write() as connection:
            desk = desk_in(connection)
            _one(desk, number)
            canned.add(desk, number, request.form.get("title", ""), request.form.get("text", ""))
            audit.record(connection, "desk.reply_added", f"office:{number}")
        flash(_("文例を加えました。"), "good")
    except Refusal as refusal:
        flash(refusal.in_(language_of_request()), "danger")
    return redirect(url_for(".office", number=number))


@allow(SETTINGS)
def remove_reply(number: int, reply: int) -> AnyResponse:
    """Take a reply away."""
    with console().database.write() as connection:
        desk = desk_in(connection)
        _one(desk, number)
        if reply not in {row.id for row in canned.replies(desk, number)}:
            abort(404)
        canned.remove(desk, reply)
        audit.record(connection, "desk.reply_removed", f"office:{number}")
    return redirect(url_for(".office", number=number))


@allow(TALK)
def shift() -> str:
    """Show what happened in the last hours and what is open: for whoever comes next."""
    hours = request.args.get("hours", 8, type=int)
    with console().database.read() as connection:
        desk = desk_in(connection)
        mine = my_offices(desk)
        found = digest.digest(desk, ids(mine), desk.now - dt.timedelta(hours=min(max(hours, 1), 24 * 31)))
        names = {one.row.id: one.name(language_of_request()) for one in mine}
        return render_template(
            "console/desk/shift.html",
            digest=found,
            hours=hours,
            choices=SHIFT_HOURS,
            office_names=names,
            why={entry.id: words.why(desk, entry) for entry in found.open},
            may_record=person().may(RECORD),
            **words.for_templates(),
        )


def _settable(desk: Desk) -> list[OfficeView]:
    """Return the offices that this person may set: an administrator all, a manager those of their departments and free ones."""
    everything = Role.ADMINISTRATOR in person().roles
    return offices.offices(desk, None if everything else person().departments_for(g.permission))


def _one(desk: Desk, number: int) -> OfficeView:
    return next((one for one in _settable(desk) if one.row.id == number), None) or abort(404)
