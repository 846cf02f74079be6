"""Templates of messages: sentences that staff send again and again, by language."""

from __future__ import annotations

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from bot.console import audit
from bot.console.access import allow, person, service_of
from bot.console.console import console
from bot.console.filing.rights import TEMPLATES, may_see, visible_flows
from bot.console.language import language_of_request
from bot.submissions import messages
from bot.submissions.reading import title_of
from bot.submissions.work import Hand


def _template(connection: Connection, number: int) -> Any:
    row = messages.template(connection, number)
    if row is None or (row.flow is not None and not may_see(row.flow)):
        abort(404)
    return row


@allow(TEMPLATES)
def templates() -> str:
    """List the templates."""
    book, language = console().book(), language_of_request()
    with console().database.read() as connection:
        flows = visible_flows(connection)
        rows = messages.templates(connection, flows)
    titles = {flow: title_of(book, flow, language) for flow in flows}
    return render_template("console/submissions/templates.html", rows=rows, titles=titles)


@allow(TEMPLATES)
def template(number: int | None = None) -> Response | str:
    """Write a new template, or change one."""
    there, language = console(), language_of_request()
    with there.database.read() as connection:
        flows = visible_flows(connection)
        row = None if number is None else _template(connection, number)
    given = request.form if request.method == "POST" else None
    errors: dict[str, str] = {}
    if given is not None:
        texts = {code: given.get(f"text-{code}", "").strip() for code in messages.LANGUAGES}
        errors = _errors(given.get("name", "").strip(), texts, given.get("flow", ""), flows)
        if not errors:
            return _keep(number, given["flow"] or None, given["name"].strip(), texts)
    return render_template(
        "console/submissions/template.html",
        row=row,
        given=given,
        errors=errors,
        flows=[(flow, title_of(there.book(), flow, language)) for flow in flows],
        languages=messages.LANGUAGES,
        places=messages.PLACES,
        longest=messages.NAME_CHARACTERS,
    )


def _errors(name: str, texts: dict[str, str], flow: str, flows: list[str]) -> dict[str, str]:
    found = {}
    if not name:
        found["name"] = _("名前を入力してください。")
    if not texts["ja"]:
        found["text-ja"] = _("日本語の文面を入力してください。ほかの言語がないときにも使います。")
    found |= {f"text-{code}": _("5,000文字までです。") for code, text in texts.items() if messages.too_long(text)}
    if flow and flow not in flows:
        found["flow"] = _("手続きを選び直してください。")
    return found


def _keep(number: int | None, flow: str | None, name: str, texts: dict[str, str]) -> Response:
    there = console()
    hand = Hand(person().id, there.now())
    with there.database.write() as connection:
        if number is not None:
            _template(connection, number)
        kept = {code: text for code, text in texts.items() if text}
        stored = messages.keep_template(connection, number, flow, name, kept, hand)
        audit.record(connection, "submissions.template", f"template:{stored}", service_of(flow) if flow else None)
    flash(_("文例を保存しました。"), "good")
    return redirect(url_for(".templates"))


@allow(TEMPLATES)
def drop_template(number: int) -> Response:
    """Delete a template."""
    with console().database.write() as connection:
        row = _template(connection, number)
        messages.drop_template(connection, number)
        service = service_of(row.flow) if row.flow else None
        audit.record(connection, "submissions.drop_template", f"template:{number}", service)
    flash(_("文例を削除しました。"), "good")
    return redirect(url_for(".templates"))
