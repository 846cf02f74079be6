"""Puts the console together: sign-in, protection of every request, the pages of the platform and of the services."""

from __future__ import annotations

import hmac
import importlib
import math
from functools import partial
from importlib.resources import files
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask.sessions import SecureCookieSessionInterface
from flask_bootstrap import Bootstrap5
from flask_login import current_user
from flask_wtf import CSRFProtect
from sqlalchemy.exc import IntegrityError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, TooManyRequests
from werkzeug.wrappers import Response as AnyResponse

from bot.console import networks, nonsense, rate, sessions, words
from bot.console.access import PUBLIC, Person, Role, permission_of
from bot.console.console import Console
from bot.console.language import Languages
from bot.console.preparation import Preparation
from bot.console.roles import role_title
from bot.console.security import secure
from bot.console.titles import flow_title
from bot.rounds import Round
from bot.runtime import Runtime

PATH = "/console"

PAGES = (
    "signin",
    "account",
    "home",
    "desk",
    "approvals",
    "broadcasts",
    "deliveries",
    "failures",
    "alerts",
    "staff",
    "auditlog",
    "datamap",
    "submissions",
    "imports",
    "usage",
    "residents",
    "flows",
)
"""The platform's page modules in this folder."""

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'self'; base-uri 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "SAMEORIGIN",
    "X-Robots-Tag": "noindex",
}
ONCE, FIGURES_SECONDS = math.inf, 1.0
SETTLED_SECONDS = 30.0
"""After a start the webhooks that waited for it come first."""

STATIC = ("static", "bootstrap.static")
"""Endpoints of files that everybody may have."""


class UndeclaredRoute(Exception):
    """A route of the console has no permission: put `@allow(…)` below its route."""


class _Cookies(SecureCookieSessionInterface):
    """The cookie is for https only, except on this machine."""

    def get_cookie_secure(self, app: Flask) -> bool:
        """Tell whether the browser may send the cookie over https only."""
        return request.is_secure or bool(app.config["PREFERRED_URL_SCHEME"] == "https")


def create_console(runtime: Runtime, *, demo: bool = False) -> Flask:
    """Make the console of a process, to be mounted at /console. Raises UndeclaredRoute."""
    app = Flask("bot.console", template_folder="templates", static_folder="static")
    console = Console(runtime, demo=demo)
    app.extensions["console"] = console
    _configure(app, console)
    app.before_request(_guard)  # first of all: who may not come here is not told whether a form was complete
    Bootstrap5(app)
    CSRFProtect(app)
    secure(app, console, _derived(runtime, b"one-time codes").hex())
    modules = [importlib.import_module(f"bot.console.{name}") for name in PAGES]
    modules += [importlib.import_module(one.pages) for one in runtime.services.all if one.pages is not None]
    Languages(app, {Path(str(module.__file__)).parent / "translations" for module in modules} - {_own("translations")})
    app.after_request(_protect)
    app.register_error_handler(HTTPException, _error)
    app.register_error_handler(SQLAlchemyError, _database_error)
    for refused in nonsense.TOO_LARGE:
        app.register_error_handler(refused, _refused)
    app.register_error_handler(IntegrityError, _in_the_way)
    for module in modules:
        app.register_blueprint(module.pages(console))
    app.before_request(nonsense.refuse)  # last: an upload's larger limit stands by now
    _add_to_templates(app, console)
    _refuse_undeclared(app)
    runtime.go_beside(
        Round("pages", ONCE, Preparation(app), first=SETTLED_SECONDS),
        Round("figures", FIGURES_SECONDS, console.figures.renew),
    )
    return app


def _own(folder: str) -> Path:
    return Path(str(files("bot.console") / folder))


def _configure(app: Flask, console: Console) -> None:
    settings = console.settings
    public = settings.public_url or ""
    app.config.update(
        SECRET_KEY=_derived(console.runtime, b"cookies").hex(),
        SESSION_COOKIE_NAME="madoguchi_console",
        SESSION_COOKIE_PATH=PATH,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PREFERRED_URL_SCHEME="https" if public.startswith("https://") else "http",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the session
        BOOTSTRAP_SERVE_LOCAL=True,
        BOOTSTRAP_ICON_SIZE="1em",
        SEND_FILE_MAX_AGE_DEFAULT=3600,
        MAX_CONTENT_LENGTH=8 * 1024 * 1024,
        MAX_FORM_MEMORY_SIZE=2 * 1024 * 1024,
    )
    app.session_interface = _Cookies()
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def _derived(runtime: Runtime, purpose: bytes) -> bytes:
    settings = runtime.settings
    source = settings.secret_key.encode() if settings.secret_key else settings.lookup_keys[0]
    return hmac.digest(source, b"madoguchi console " + purpose, "sha256")


def _add_to_templates(app: Flask, console: Console) -> None:
    def for_everyone() -> dict[str, Any]:
        person: Person | None = g.get("person")
        return {
            "console": console, "person": person, "navigation": _navigation(console, person),
            "may": person.may if person else (lambda *_: False),
        }  # fmt: skip

    app.context_processor(for_everyone)
    words.speak(app)
    # Globals reach macros that are imported without the page's context, too.
    app.jinja_env.globals.update(role_title=role_title, flow_title=partial(flow_title, console), all_roles=list(Role))


def _navigation(console: Console, person: Person | None) -> Any:
    if person is None or _is_partial():
        return []
    with console.database.read() as connection:
        counted = [
            (section, [(entry, entry.count(connection, person) if entry.count else 0) for entry in entries])
            for section, entries in console.navigation(person)
        ]
    here = [entry.endpoint for _section, entries in counted for entry, _count in entries if _is_below(entry.endpoint)]
    g.place = max(here, key=lambda endpoint: len(url_for(endpoint)), default=request.endpoint)
    return counted


def _is_below(endpoint: str) -> bool:
    """Tell whether the page asked for is the one of an entry of the navigation, or below it."""
    return (request.script_root + request.path).startswith(url_for(endpoint))


def _refuse_undeclared(app: Flask) -> None:
    missing = [
        rule.endpoint
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in STATIC and permission_of(app.view_functions[rule.endpoint]) is None
    ]
    if missing:
        raise UndeclaredRoute(
            f"no permission is declared for {', '.join(sorted(missing))}: put @allow(…) below the route"
        )


def _is_partial() -> bool:
    return "X-Partial" in request.headers


def _guard() -> AnyResponse | str | None:
    """Look at every request before its view: where it comes from, who is signed in, and whether they may."""
    console: Console = _console()
    networks.refuse_strangers(console.settings)
    if request.endpoint is None or request.endpoint in STATIC:
        return None
    permission = permission_of(_view())
    if permission is None:
        abort(500)
    g.permission = permission
    user = current_user._get_current_object()  # noqa: SLF001 - the session behind Flask-Login's proxy
    _refuse_haste(console, user.person if user is not None else None)
    if user is not None:
        g.person = user.person
        if user.stale and not _is_refresh():
            with console.database.write() as connection:
                sessions.touch(connection, user.person.session_id, console.wall())
    if permission is PUBLIC:
        return None
    return _admit(g.get("person"))


def _refuse_haste(console: Console, who: Person | None) -> None:
    """End the request with 429 where one browser asks more often than people do."""
    key, limit = (
        (("address", networks.origin()), rate.STRANGERS)
        if who is None
        else (("session", who.session_id), rate.SIGNED_IN)
    )
    if seconds := console.rates.take(key, limit, console.wall.timestamp()):
        raise TooManyRequests(retry_after=seconds)


def _admit(person: Person | None) -> AnyResponse | None:
    if person is None:
        if _is_partial():
            abort(401)
        return redirect(url_for("signin.sign_in", next=_here()))
    if person.must_change and request.endpoint not in ("account.password", "signin.sign_out"):
        return redirect(url_for("account.password"))
    if not person.may(g.permission):
        abort(403)
    return None


def _here() -> str | None:
    return request.full_path.rstrip("?") if request.method == "GET" and request.path != "/" else None


def _is_refresh() -> bool:
    """Tell whether the page asks by itself: that keeps nobody signed in."""
    return request.headers.get("X-Partial") == "refresh"


def _view() -> Any:
    return current_app.view_functions[str(request.endpoint)]


def _console() -> Console:
    from bot.console.console import console

    return console()


def _protect(response: Response) -> Response:
    for name, value in HEADERS.items():
        if name == "Cache-Control" and request.endpoint in STATIC:
            continue
        response.headers.setdefault(name, value)
    return response


def _error(error: HTTPException) -> AnyResponse | tuple[str, int, dict[str, str]]:
    if error.response is not None or (error.code or 500) < 400:
        return error.get_response()
    unusable = isinstance(error, nonsense.UnusableCharacters)
    headers = {name: value for name, value in error.get_headers() if name == "Retry-After"}
    return render_template("console/error.html", code=error.code, unusable=unusable), error.code or 500, headers


def _refused(error: Exception) -> tuple[str, int]:
    """Say that what was sent cannot be stored; the log names class and place, as for any fault."""
    current_app.logger.error("refused", exc_info=error)
    return render_template("console/error.html", code=400, unusable=True), 400


def _in_the_way(error: Exception) -> tuple[str, int]:
    """Say that something of this name is there already, as after a second press; the log names class and place."""
    current_app.logger.error("in the way", exc_info=error)
    return render_template("console/error.html", code=409), 409


def _database_error(error: SQLAlchemyError) -> tuple[str, int]:
    from bot.db import is_unavailable

    if not is_unavailable(error):
        raise error
    return render_template("console/error.html", code=503), 503
