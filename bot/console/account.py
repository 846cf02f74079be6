"""One's own account: language, password, and the browsers in which one is signed in."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_security.utils import hash_password, verify_password
from flask_wtf import FlaskForm
from sqlalchemy import select, update
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import EqualTo, InputRequired, Length

from bot.console import audit, lockout, networks, people, sessions
from bot.console.access import SIGNED_IN, allow, person
from bot.console.console import Console, console
from bot.console.language import LANGUAGES
from bot.console.passwords import normal
from bot.console.security import apart
from bot.models import Staff, StaffSession

SHORTEST = 12


class NewPassword(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """A change of one's password."""

    old = PasswordField(
        lazy_gettext("いまのパスワード"),
        [InputRequired(), Length(max=200)],
        render_kw={"autocomplete": "current-password"},
    )
    new = PasswordField(
        lazy_gettext("新しいパスワード"),
        [InputRequired(), Length(min=SHORTEST, max=200)],
        description=lazy_gettext("12文字以上。文や言葉を並べると覚えやすくなります。"),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        lazy_gettext("新しいパスワード（もう一度）"),
        [InputRequired(), EqualTo("new", lazy_gettext("同じパスワードを2回入れてください。"))],
        render_kw={"autocomplete": "new-password"},
    )


def pages(_console: Console) -> Blueprint:
    """Return the pages of one's own account."""
    blueprint = Blueprint("account", __name__, url_prefix="/account")
    blueprint.add_url_rule("/", view_func=account)
    blueprint.add_url_rule("/password", view_func=password, methods=["GET", "POST"])
    blueprint.add_url_rule("/language", view_func=language, methods=["POST"])
    blueprint.add_url_rule("/sessions/end", view_func=end_sessions, methods=["POST"])
    return blueprint


@allow(SIGNED_IN)
def account() -> str:
    """Show one's account and open sessions."""
    there, who = console(), person()
    with there.database.read() as connection:
        statement = select(StaffSession.__table__).where(
            StaffSession.staff_id == who.id,
            StaffSession.ended_at.is_(None),
            StaffSession.seen_at > there.wall() - sessions.IDLE,
        )
        rows = connection.execute(statement.order_by(StaffSession.seen_at.desc())).all()
    open_ones = [row for row in rows if sessions.is_open(row, there.wall())]
    return render_template("console/account/account.html", sessions=open_ones)


@allow(SIGNED_IN)
def password() -> Response | str:
    """Change one's password; everything else one is signed in with ends."""
    form = NewPassword()
    if form.validate_on_submit() and _change(form):
        flash(_("パスワードを変えました。"), "good")
        return redirect(url_for("home.home"))
    return render_template("console/account/password.html", form=form)


def _change(form: Any) -> bool:
    there, who = console(), person()
    with there.database.write() as connection:
        allowed = lockout.count(connection, there.lookup, who.sign_in, networks.origin(), there.wall())
        stored = people.find(connection, who.sign_in)
    if not allowed:
        form.old.errors = [_("失敗が続いたため、しばらく変えられません。")]
        return False
    if stored is None or not apart(verify_password, normal(form.old.data), stored.password):
        form.old.errors = [_("いまのパスワードが違います。")]
        return False
    if form.new.data == form.old.data:
        form.new.errors = [_("いまと違うパスワードにしてください。")]
        return False
    hashed = apart(hash_password, normal(form.new.data))
    with there.database.write() as connection:
        people.set_password(connection, who.id, hashed, must_change=False)
        lockout.clear(connection, there.lookup, who.sign_in)
        sessions.end(connection, who.id, there.wall(), besides=who.session_id)
        audit.record(connection, "account.password", f"staff:{who.id}")
    return True


@allow(SIGNED_IN)
def language() -> Response:
    """Choose the language of the console."""
    wanted = request.form.get("language", "")
    if wanted in LANGUAGES:
        with console().database.write() as connection:
            connection.execute(update(Staff).where(Staff.id == person().id).values(language=wanted))
    back = request.form.get("back", "")
    return redirect(
        request.script_root + back if back.startswith("/") and not back.startswith("//") else url_for(".account")
    )


@allow(SIGNED_IN)
def end_sessions() -> Response:
    """End one of one's sessions, or all but this one."""
    there, who = console(), person()
    number = request.form.get("session", type=int)
    with there.database.write() as connection:
        sessions.end(connection, who.id, there.wall(), number, besides=0 if number else who.session_id)
        audit.record(connection, "account.end_sessions", f"staff:{who.id}")
    flash(_("サインインを終わらせました。"), "good")
    return redirect(url_for(".account"))
