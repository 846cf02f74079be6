"""Pages for facilities, without an account: register, tick the measures, take the posters home.

Who knows a facility's own address may print its posters; nothing else can be done or seen there.
"""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for
from sqlalchemy import func, select
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response as AnyResponse

from bot.runtime import Runtime
from handlers.covid import facilities, posters
from handlers.covid.facilities import RETIRED, Application
from handlers.covid.gate import Gate
from handlers.covid.models import Facility
from handlers.covid.poster import TooManyPosters, pdf_apart, qr_svg
from handlers.covid.rules import Kind, in_language, kinds

AN_HOUR, AN_HOUR_MOST = dt.timedelta(hours=1), 300
"""So many facilities may register in an hour: more is no rush but a machine."""

BODY_MOST = 64 * 1024
_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
FAULTS = {
    "required": "書いてください。",
    "too_long": "長すぎます。短くしてください。",
    "not_phone": "電話番号を数字で書いてください。",
    "not_mail": "メールアドレスの形になっていません。",
    "unknown": "選び直してください。",
    "twice": "同じ名前が二度あります。",
}
REFUSALS = {
    404: ("ページが見つかりません", "アドレスを確かめてください。登録を終えた施設のページは開けません。"),
    413: ("書かれた内容が長すぎます", "短くして、もう一度お試しください。"),
    429: (
        "登録が込み合っています",
        "まだ登録されていません。1時間ほどおいて、もう一度お試しください。お急ぎのときは、役場へご連絡ください。",
    ),
    503: ("いまは取組書を作れません", "しばらくしてから、もう一度お試しください。"),
}
"""What people read instead of a browser's own words."""
OTHERWISE = ("受け付けられませんでした", "お手数ですが、はじめからやり直してください。")
LABELS = {
    "name": "施設の名前",
    "kind": "施設の種類",
    "address": "所在地",
    "person": "担当の方のお名前",
    "phone": "電話番号",
    "mail": "メールアドレス",
    "places": "階や部屋",
    "checklist": "取り組み",
}


def public_pages(runtime: Runtime) -> Blueprint:
    """Return the pages."""
    blueprint = Blueprint(
        "facilities", __name__, url_prefix="/facilities", template_folder="templates", static_folder="static"
    )
    pages = _Pages(runtime)
    blueprint.add_url_rule("/", "choose", pages.choose)
    blueprint.add_url_rule("/new/<kind>", "form", pages.form, methods=["GET", "POST"])
    own = "/<uid>/<secret>"
    blueprint.add_url_rule(own, "own", pages.own)
    blueprint.add_url_rule(f"{own}/poster.pdf", "pdf", pages.pdf)
    blueprint.add_url_rule(f"{own}/print", "printed", pages.printed)

    blueprint.register_error_handler(HTTPException, pages.refused)

    @blueprint.after_request
    def protect(answer: Response) -> Response:
        if request.endpoint != "facilities.static":
            answer.headers.update(_HEADERS)
        return answer

    return blueprint


class _Pages:
    """The views of one process."""

    def __init__(self, runtime: Runtime) -> None:
        self.runtime = runtime
        self.gate = Gate()

    @property
    def _kinds(self) -> dict[str, Kind]:
        return kinds(self.runtime.editions.book(), self.runtime.now())

    def _show(self, template: str, **values: Any) -> str:
        town = str(self.runtime.editions.book().town_in("ja").get("name") or "")
        return render_template(f"covid/public/{template}.html", town=town, in_language=in_language, **values)

    def refused(self, error: HTTPException) -> AnyResponse | tuple[str, int]:
        if error.code is None or error.code < 400:
            return error.get_response()
        heading, text = REFUSALS.get(error.code, OTHERWISE)
        return self._show("fault", heading=heading, text=text), error.code

    def choose(self) -> str:
        return self._show("choose", kinds=self._kinds)

    def form(self, kind: str) -> AnyResponse | str | tuple[str, int]:
        request.max_content_length = BODY_MOST
        known = self._kinds.get(kind) or abort(404)
        if request.method == "GET":
            return self._show(
                "form", kind=known, name=kind, values={}, ticked=(), faults={}, labels=LABELS, says=FAULTS
            )
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in {"same-origin", "none"}:
            abort(403)  # another site lets its visitors fill in our form
        if request.form.get("website"):
            abort(400)  # a field that people do not see
        application = application_of(request.form, kind)
        faults = facilities.check(application, self._kinds)
        if faults:
            shown = self._show(
                "form", kind=known, name=kind, values=request.form, ticked=application.checklist,
                faults=faults.by_field, labels=LABELS, says=FAULTS,
            )  # fmt: skip
            return shown, 422
        return self._register(application)

    def _register(self, application: Application) -> AnyResponse:
        now = self.runtime.now()
        if not self.gate.admits(request.remote_addr, now):
            abort(429)
        with self.runtime.database.write() as connection:
            lately = select(func.count()).where(
                Facility.registered_at > now - AN_HOUR, Facility.registered_by.is_(None)
            )
            if connection.execute(lately).scalar_one() >= AN_HOUR_MOST:
                abort(429)
            id_ = facilities.register(connection, self.runtime.vault, application, now)
            row = facilities.find(connection, id_)
        return redirect(url_for("facilities.own", uid=row.uid, secret=posters.secret_of(self.runtime, row.uid)), 303)

    def _facility(self, uid: str, secret: str) -> tuple[Any, list[Any]]:
        if not posters.knows_secret(self.runtime, uid, secret):
            abort(404)
        with self.runtime.database.read() as connection:
            row = facilities.find_by_uid(connection, uid)
            if row is None or row.state == RETIRED:
                abort(404)
            return row, facilities.places_of(connection, row.id)

    def own(self, uid: str, secret: str) -> str:
        row, places = self._facility(uid, secret)
        return self._show("own", facility=row, places=places, kind=self._kinds.get(row.kind), secret=secret)

    def pdf(self, uid: str, secret: str) -> Response:
        row, places = self._facility(uid, secret)
        return pdf_response(self.runtime, row, places)

    def printed(self, uid: str, secret: str) -> str:
        row, places = self._facility(uid, secret)
        drawn = _posters(self.runtime, row, places)
        return self._show("print", posters=[(each, qr_svg(each.address)) for each in drawn])


def application_of(form: Mapping[str, Any], kind: str) -> Application:
    """Read what was written into the form; lines of `places` are floors and rooms."""
    lines = map(_plain, str(form.get("places", "")).splitlines())
    ticked = form.getlist("checklist") if hasattr(form, "getlist") else form.get("checklist", ())
    text = {name: _plain(str(form.get(name, ""))) for name in ("name", "address", "person", "phone", "mail")}
    return Application(
        **text,
        kind=kind,
        places=tuple(line for line in lines if line),
        checklist=tuple(dict.fromkeys(ticked)),
        may_be_named=form.get("may_be_named") in {"y", "on", "1"},
    )


def _plain(text: str) -> str:
    """Return what can be seen and printed of one line: no control characters, nothing that turns the direction of writing."""
    words = ("".join(each for each in word if unicodedata.category(each) not in _UNSEEN) for word in text.split())
    return " ".join(word for word in words if word)


_UNSEEN = {"Cc", "Cf", "Cs"}


def _posters(runtime: Runtime, row: Any, places: list[Any]) -> list[Any]:
    try:
        return posters.posters_of(runtime, row, places, runtime.now())
    except posters.NoAccount:
        abort(503)


def pdf_response(runtime: Runtime, row: Any, places: list[Any]) -> Response:
    """Return the posters of a facility as a file to print."""
    try:
        made = pdf_apart(_posters(runtime, row, places))
    except TooManyPosters:
        abort(503)
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="poster-{row.id}.pdf"'
    return answer
