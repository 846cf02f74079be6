"""Alerts: what staff were called to and who took it on, and the roster of those who are called."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response
from wtforms import BooleanField, DateField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, Email, Length, Optional, Regexp

from bot.alerts import acknowledge, inspection, raise_alert, roster
from bot.campaigns.standstill import HELD, TOO_LATE
from bot.campaigns.standstill import SERVICE as CAMPAIGNS
from bot.console import audit
from bot.console.access import Permission, Person, Role, allow, person
from bot.console.broadcasts.rights import COMPOSE
from bot.console.console import Console, Figure, console
from bot.console.titles import service_titles
from bot.models import Alert
from bot.now import TOKYO
from bot.watch import SERVICE as PLATFORM

SEE = Permission("alert.see", frozenset({Role.ADMINISTRATOR, Role.MANAGER, Role.OFFICER, Role.COUNSELLOR}))
ROSTER = Permission("alert.roster", frozenset({Role.ADMINISTRATOR}), scoped=False)
SHOWN = 100

KINDS: dict[str, Any] = {
    "platform.answers_waiting": lazy_gettext("30分以上送れていない返事"),
    "platform.deliveries_held": lazy_gettext("上限などで保留した送信"),
    "platform.deliveries_too_old": lazy_gettext("時間切れの送信"),
    "platform.broadcasts_laid_aside": lazy_gettext("止まっている配信"),
    "platform.events": lazy_gettext("処理できなかったイベント"),
    "platform.reminders_sealed": lazy_gettext("鍵がなくて開けないお知らせ"),
    "platform.clock": lazy_gettext("繰り返し失敗している定時の処理"),
    "platform.jobs": lazy_gettext("失敗した定時の処理"),
    HELD: lazy_gettext("月の上限で止まっている配信"),
    TOO_LATE: lazy_gettext("時刻を過ぎて送らなかった配信"),
    "desk.waiting": lazy_gettext("待っている相談"),
    "desk.danger": lazy_gettext("命にかかわる相談"),
    "desk.silent": lazy_gettext("返事が途絶えた相談"),
    "desk.safety": lazy_gettext("安否の確認"),
}
"""What is called out about; a kind without words is shown as it is stored."""

STATES = {
    "open": (lazy_gettext("呼び出し中"), "warning"),
    "unheard": (lazy_gettext("呼び出す相手がいない"), "danger"),
    "given up": (lazy_gettext("だれも引き受けなかった"), "danger"),
    "taken": (lazy_gettext("引き受け済み"), "good"),
    "settled": (lazy_gettext("解消"), ""),
}
WEEKDAYS = {
    roster.WEEK: lazy_gettext("毎日"),
    "12345": lazy_gettext("月曜から金曜"),
    "67": lazy_gettext("土曜と日曜"),
}


class ContactForm(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """One line of the roster."""

    name = StringField(
        lazy_gettext("呼び出し先の名前"), [DataRequired(), Length(max=80)], render_kw={"autocomplete": "off"}
    )
    email = StringField(
        lazy_gettext("メールアドレス"),
        [Optional(), Length(max=160), Email()],
        render_kw={"autocomplete": "off", "type": "email"},
    )
    webhook = StringField(
        lazy_gettext("Webhookの宛先"),
        [Optional(), Length(max=500)],
        description=lazy_gettext("https:// で始まるアドレス。署名の鍵は、登録したときに一度だけ表示します。"),
        render_kw={"autocomplete": "off", "type": "url"},
    )
    service = SelectField(lazy_gettext("サービス"), choices=[])
    level = SelectField(
        lazy_gettext("順番"),
        choices=[
            SelectChoice("1", lazy_gettext("1：最初に呼び出す")),
            SelectChoice("2", lazy_gettext("2：だれも引き受けないとき")),
            SelectChoice("3", lazy_gettext("3：それでもだれも引き受けないとき")),
        ],
    )
    weekdays = SelectField(lazy_gettext("曜日"), choices=[SelectChoice(days, name) for days, name in WEEKDAYS.items()])
    hours = StringField(
        lazy_gettext("時間"),
        [Regexp(r"\d\d:\d\d-\d\d:\d\d", message=lazy_gettext("08:30-17:15 のように書いてください。"))],
        default="00:00-24:00",
        description=lazy_gettext("例：08:30-17:15。夜をまたぐときは 21:00-07:00。"),
    )
    starts_on = DateField(lazy_gettext("この日から"), [Optional()])
    ends_on = DateField(lazy_gettext("この日まで"), [Optional()])
    urgent_only = BooleanField(lazy_gettext("急ぎのときだけ呼び出す"))


def name_kinds(words: Mapping[str, Any]) -> None:
    """Say what a service calls out about (`lazy_gettext`)."""
    KINDS.update(words)


def pages(there: Console) -> Blueprint:
    """Return the pages of alerts and their roster."""
    blueprint = Blueprint("alerts", __name__, url_prefix="/alerts")
    blueprint.add_url_rule("/", view_func=listing)
    blueprint.add_url_rule("/<int:number>/take", view_func=take, methods=["POST"])
    blueprint.add_url_rule("/roster", view_func=show_roster, methods=["GET", "POST"])
    blueprint.add_url_rule("/roster/<int:number>/remove", view_func=remove, methods=["POST"])
    blueprint.add_url_rule("/roster/try", view_func=trial, methods=["POST"])
    there.navigate("watch", lazy_gettext("呼び出し"), "alerts.listing", SEE, "bell", 25, _count)
    there.navigate("manage", lazy_gettext("呼び出しの名簿"), "alerts.show_roster", ROSTER, "telephone-outbound", 25)
    there.tile(lazy_gettext("引き受け手のない呼び出し"), SEE, _figure, 20)
    return blueprint


def _services(who: Person) -> list[str] | None:
    """Return the services whose alerts somebody sees, None for all; the platform's own are for administrators."""
    reach = who.scope(SEE)
    if reach.everything:
        return None
    own = [PLATFORM] if Role.ADMINISTRATOR in who.roles else []
    sends = [CAMPAIGNS] if who.may(COMPOSE) else []
    return sorted({*reach.services, *own, *sends})


def _count(connection: Connection, who: Person) -> int:
    return inspection.unacknowledged(connection, _services(who))


def _figure(connection: Connection, who: Person) -> Figure:
    number = _count(connection, who)
    return Figure(
        number, lazy_gettext("だれかが引き受けるまで呼び出します"), "/console/alerts/", "danger" if number else "good"
    )


def _titles() -> dict[str, str]:
    return {**service_titles(console()), CAMPAIGNS: _("一斉配信"), PLATFORM: _("システム")}


@allow(SEE)
def listing() -> str:
    """List what staff were called to, the newest first."""
    with console().database.read() as connection:
        rows = inspection.recent(connection, SHOWN, _services(person()))
    values = {"states": STATES, "kinds": KINDS, "titles": _titles(), "campaign_of": _campaign_of}
    return render_template("console/alerts/list.html", rows=rows, **values)


def _campaign_of(row: inspection.Raised) -> int | None:
    """Return the campaign that an alert is about, for whoever may open it."""
    name, _colon, number = (row.about or "").partition(":")
    return int(number) if name == "campaign" and number.isdigit() and person().may(COMPOSE) else None


@allow(SEE)
def take(number: int) -> Response:
    """Take an alert on: nobody is called to it any more."""
    services = _services(person())
    with console().database.write() as connection:
        row = connection.execute(select(Alert.service).where(Alert.id == number)).one_or_none() or abort(404)
        if services is not None and row.service not in services:
            abort(404)
        first = acknowledge(connection, console().now(), number, staff_id=person().id)
        if first:
            audit.record(connection, "alert.take", f"alert:{number}", row.service)
    flash(_("引き受けました。") if first else _("すでにだれかが引き受けています。"), "good" if first else "warning")
    return redirect(url_for(".listing"))


@allow(ROSTER)
def show_roster() -> str | Response:
    """Show who is called, and enter somebody."""
    form = ContactForm()
    form.service.choices = [
        SelectChoice("", _("すべて")),
        *(SelectChoice(name, title) for name, title in _titles().items()),
    ]
    secret = None
    if form.validate_on_submit():
        secret = secrets.token_urlsafe(24) if form.webhook.data else None
        try:
            _enter(form, secret)
        except roster.NotAContact:
            flash(
                _("登録できません。メールアドレスか、https:// で始まるWebhookの宛先と、正しい時間を入れてください。"),
                "danger",
            )
            secret = None
        else:
            flash(_("名簿に登録しました。"), "good")
            if secret is None:
                return redirect(url_for(".show_roster"))
    with console().database.read() as connection:
        contacts = roster.everybody(connection, console().vault)
    mail = console().settings.smtp_url is not None
    return render_template(
        "console/alerts/roster.html",
        contacts=contacts, form=form, titles=_titles(), weekdays=WEEKDAYS, hours=roster.clock_hours, secret=secret, mail=mail,
    )  # fmt: skip


def _enter(form: ContactForm, secret: str | None) -> None:
    since, until = roster.minutes(form.hours.data)
    contact = roster.Contact(
        form.name.data.strip(), form.email.data or None, roster.Hook(form.webhook.data, secret) if secret else None,
        form.service.data or None, None, int(form.level.data), form.urgent_only.data, form.weekdays.data, since, until,
        _midnight(form.starts_on.data), _midnight(form.ends_on.data, days=1),
    )  # fmt: skip
    roster.check(contact)
    with console().database.write() as connection:
        number = roster.add(connection, console().vault, contact, console().now())
        audit.record(connection, "alert.roster.add", f"contact:{number}")


def _midnight(day: dt.date | None, days: int = 0) -> dt.datetime | None:
    if day is None:
        return None
    return dt.datetime.combine(day + dt.timedelta(days=days), dt.time(), TOKYO)


@allow(ROSTER)
def remove(number: int) -> Response:
    """Take somebody off the roster."""
    with console().database.write() as connection:
        if not roster.remove(connection, number):
            abort(404)
        audit.record(connection, "alert.roster.remove", f"contact:{number}")
    flash(_("名簿から外しました。"), "good")
    return redirect(url_for(".show_roster"))


@allow(ROSTER)
def trial() -> Response:
    """Call whoever is on call now, to see whether it reaches them."""
    with console().database.write() as connection:
        key = f"trial:{secrets.token_hex(8)}"
        number = raise_alert(connection, console().now(), kind="trial", service=PLATFORM, key=key)
        audit.record(connection, "alert.try", f"alert:{number}")
    flash(_("試しに呼び出しました。一覧で結果を確かめてください。"), "good")
    return redirect(url_for(".listing"))
