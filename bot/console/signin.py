"""Signing in: password, then a one-time code, always; the authenticator is set up the first time.

A try is counted, and refused where there were too many, before its password is looked at; who does not exist takes as long.
"""

from __future__ import annotations

import datetime as dt
import hmac
from typing import Any

from flask import Blueprint, abort, current_app, flash, g, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_security import UserMixin
from flask_security.utils import hash_password, login_user, logout_user, verify_password
from flask_wtf import FlaskForm
from sqlalchemy import Row, select, update
from werkzeug.wrappers import Response
from wtforms import PasswordField, StringField
from wtforms.validators import DataRequired, InputRequired, Length

from bot import audit
from bot.audit import Command
from bot.console import lockout, networks, people, sessions
from bot.console.access import PUBLIC, SIGNED_IN, allow, person
from bot.console.console import Console, console
from bot.console.language import LANGUAGES, TOKYO
from bot.console.passwords import normal
from bot.console.qr import qr_svg
from bot.console.security import WINDOW, Open, apart, codes
from bot.models import SealedBytes, Staff

WAITING = dt.timedelta(minutes=10)
"""How long the code may follow the password."""

PASSWORD_LENGTH = 12
_NOBODY = "nobody"


class Name(FlaskForm):  # type: ignore[misc]  # Flask-WTF has no types
    """The first step."""

    sign_in = StringField(
        lazy_gettext("メールアドレス"),
        [DataRequired(), Length(max=160)],
        render_kw={"autocomplete": "username", "type": "email", "autofocus": True},
    )
    password = PasswordField(
        lazy_gettext("パスワード"), [InputRequired(), Length(max=200)], render_kw={"autocomplete": "current-password"}
    )


class Code(FlaskForm):  # type: ignore[misc]  # likewise
    """The second step."""

    code = StringField(
        lazy_gettext("認証アプリの6桁の番号"),
        [DataRequired(), Length(max=12)],
        render_kw={"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True},
    )


def pages(console: Console) -> Blueprint:
    """Return the pages of signing in."""
    blueprint = Blueprint("signin", __name__)
    blueprint.add_url_rule("/sign-in", view_func=sign_in, methods=["GET", "POST"])
    blueprint.add_url_rule("/sign-in/code", view_func=code, methods=["GET", "POST"])
    blueprint.add_url_rule("/sign-in/setup", view_func=setup, methods=["GET", "POST"])
    blueprint.add_url_rule("/sign-in/language", view_func=choose_language, methods=["POST"])
    blueprint.add_url_rule("/sign-out", view_func=sign_out, methods=["POST"])
    del console
    return blueprint


@allow(PUBLIC)
def sign_in() -> Response | str | tuple[str, int]:
    """Ask for address and password."""
    if g.get("person") is not None:
        return redirect(url_for("home.home"))
    form = Name()
    if not form.validate_on_submit():
        return _page("sign_in", form)
    address = people.normal(form.sign_in.data)
    if not _may_try(address):
        return _page("sign_in", form, _too_often()), 429
    found = _verified(address, form.password.data)
    if found is None:
        _note("sign_in.failed", address)
        return _page("sign_in", form, _("メールアドレスかパスワードが違います。")), 401
    following = session.get("next") or request.args.get("next")
    session.clear()
    session["waiting"] = {
        "staff": found.id, "since": console().wall().timestamp(), "password": _mark(found), "next": following,
    }  # fmt: skip
    return redirect(url_for(".code" if found.totp else ".setup"))


@allow(PUBLIC)
def code() -> Response | str | tuple[str, int]:
    """Ask for the code of the authenticator."""
    found = _waiting()
    if found is None or found.totp is None:
        return redirect(url_for(".sign_in"))
    secret = console().vault.open("staff.totp", found.id, found.totp).decode()
    form = Code()
    shown = codes().generate_totp_password(secret) if console().demo else None
    if not form.validate_on_submit():
        return _page("code", form, shown=shown)
    if not _may_try(found.sign_in):
        return _page("code", form, _too_often(), shown=shown), 429
    if not _take(found, secret, form.code.data):
        _note("sign_in.failed", found.sign_in)
        return _page("code", form, _("番号が違うか、もう使われています。次の番号を入れてください。"), shown=shown), 401
    return _begin(found)


@allow(PUBLIC)
def setup() -> Response | str | tuple[str, int]:
    """Let somebody without an authenticator set one up, and prove that it works."""
    found = _waiting()
    if found is None or found.totp is not None:
        return redirect(url_for(".sign_in"))
    totp = codes()
    secret = session.get("setup") or totp.generate_totp_secret()
    session["setup"] = secret
    form = Code()
    shown: dict[str, Any] = {
        "qr": qr_svg(totp.get_totp_uri(found.sign_in, secret)),
        "key": totp.get_totp_pretty_key(secret),
        "shown": totp.generate_totp_password(secret) if console().demo else None,
    }
    if not form.validate_on_submit():
        return _page("setup", form, **shown)
    if not _may_try(found.sign_in):
        return _page("setup", form, _too_often(), **shown), 429
    if not _take(found, secret, form.code.data, first=True):
        return _page("setup", form, _("番号が違います。認証アプリに出ている番号を入れてください。"), **shown), 401
    return _begin(found)


@allow(PUBLIC)
def choose_language() -> Response:
    """Choose the language before signing in."""
    wanted = request.form.get("language")
    if wanted in LANGUAGES:
        session["language"] = wanted
    return redirect(url_for(".sign_in"))


@allow(SIGNED_IN)
def sign_out() -> Response:
    """End this session."""
    there, who = console(), person()
    with there.database.write() as connection:
        sessions.end(connection, who.id, there.wall(), who.session_id)
        audit.record(connection, who, "sign_out", there.now())
    logout_user()
    session.clear()
    flash(_("サインアウトしました。"), "good")
    return redirect(url_for(".sign_in"))


def _page(name: str, form: Any, problem: str = "", **more: Any) -> str:
    return render_template(f"console/signin/{name}.html", form=form, problem=problem, **more)


def _too_often() -> str:
    return str(_("失敗が続いたため、サインインを止めています。15分ほどたってからお試しください。"))


def _may_try(account: str) -> bool:
    there = console()
    with there.database.write() as connection:
        return lockout.count(connection, there.lookup, account, networks.origin(), there.wall())


def _verified(address: str, password: str) -> Row[Any] | None:
    """Return the account if the password is right and it may be used today."""
    with console().database.read() as connection:
        found = people.find(connection, address)
    right = apart(verify_password, normal(password), found.password if found and found.password else _dummy_hash())
    return found if found is not None and found.password and right and _is_current(found) else None


def _is_current(found: Row[Any]) -> bool:
    today = console().wall().astimezone(TOKYO).date()
    return bool(found.active and (found.expires_on is None or found.expires_on >= today))


def _dummy_hash() -> str:
    """Return a hash that no password has, so that an unknown account takes as long as a known one."""
    app = current_app
    if "dummy hash" not in app.extensions:
        app.extensions["dummy hash"] = apart(hash_password, people.first_password())
    found: str = app.extensions["dummy hash"]
    return found


def _waiting() -> Row[Any] | None:
    """Return the account whose password was right a moment ago in this browser."""
    waiting = session.get("waiting")
    there = console()
    if not waiting or there.wall().timestamp() - waiting["since"] > WAITING.total_seconds():
        return None
    with there.database.read() as connection:
        found = connection.execute(select(Staff.__table__).where(Staff.id == waiting["staff"])).one_or_none()
    if found is None or not _is_current(found) or not hmac.compare_digest(waiting.get("password", ""), _mark(found)):
        return None
    return found


def _mark(found: Row[Any]) -> str:
    """Return what tells one password of an account from the next: who knew the one before a reset cannot go on from there."""
    return console().lookup.digest("sign in", "password", found.password or "").hex()


class _Holder(UserMixin):
    """What `Codes` needs to know of an account."""

    def __init__(self, last_counter: int | None) -> None:
        self.last_counter = last_counter


def _take(found: Row[Any], secret: str, given: str, *, first: bool = False) -> bool:
    """Take a code once: whoever sends the same one at the same moment finds it used."""
    there = console()
    holder = _Holder(found.last_counter)
    digits = "".join(given.split()).translate({ord("０") + n: str(n) for n in range(10)})
    if not codes().verify_totp(digits, secret, holder, window=WINDOW):
        return False
    used = update(Staff).where(
        Staff.id == found.id, Staff.totp.is_(None) if first else Staff.totp.is_not(None),
        (Staff.last_counter.is_(None)) | (Staff.last_counter < holder.last_counter),
    )  # fmt: skip
    values: dict[str, Any] = {"last_counter": holder.last_counter}
    if first:
        values["totp"] = SealedBytes.seal(there.vault, "staff.totp", found.id, secret.encode())
    with there.database.write() as connection:
        return connection.execute(used.values(values).returning(Staff.id)).first() is not None


def _begin(found: Row[Any]) -> Response:
    there = console()
    now = there.wall()
    address = request.remote_addr or ""
    following = (session.get("waiting") or {}).get("next")
    with there.database.write() as connection:
        lockout.clear(connection, there.lookup, found.sign_in)
        lockout.forgive(connection, there.lookup, networks.origin())
        token = sessions.begin(connection, found.id, now, address, request.user_agent.string)
        who = sessions.find(connection, token, now, now.astimezone(TOKYO).date())
        if who is None:
            abort(403)
        audit.record(connection, who[0], "sign_in", there.now())
    session.clear()
    login_user(Open(token, who[0], stale=False), remember=False, authn_via=["password", "authenticator"])
    return redirect(_ours(following) or url_for("home.home"))


def _ours(address: str | None) -> str | None:
    """Return an address only if it is a page of the console: nobody is led elsewhere after signing in."""
    if not address or not address.startswith("/") or address.startswith("//") or "\\" in address:
        return None
    return request.script_root + address


def _note(action: str, account: str) -> None:
    """Record a failed try by a hash of the account's name: what was typed may be a password."""
    there = console()
    with there.database.write() as connection:
        known = people.find(connection, account)
        name = known.sign_in if known is not None else _NOBODY
        audit.record(connection, Command(name), action, there.now(), subject=f"staff:{known.id}" if known else None)
