"""The record of a consultation: its fact sheet, its files, and what is printed or handed over."""

from __future__ import annotations

from typing import Any

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response as AnyResponse

from bot.console import audit
from bot.console.access import allow, person
from bot.console.console import console
from bot.console.desk import tickets, words
from bot.console.desk.rights import RECORD, TALK, Opened, desk_in, opened
from bot.console.language import language_of_request
from bot.desk import facts, record, talk
from bot.desk.desk import Refusal
from bot.media import store


@allow(RECORD)
def sheet(number: int) -> str:
    """Show the fact sheet beside the talk from which it is filled."""
    with console().database.read() as connection:
        found = opened(desk_in(connection), number)
    audit.viewed("desk.sheet_view", found.subject, found.service)
    with console().database.read() as connection:
        found = opened(desk_in(connection), number)
        said = [one for one in talk.messages_since(found.desk, number) if one.direction == "in" and one.text]
        return render_template("console/desk/sheet.html", **_sheet(found), said=said)


@allow(RECORD)
def save(number: int) -> AnyResponse:
    """Write the fact sheet."""
    texts = {name.removeprefix("f-"): text for name, text in request.form.items() if name.startswith("f-")}
    version = request.form.get("version", 0, type=int)
    return _change(
        number, lambda found: facts.save(found.desk, number, person().id, texts, version), _("保存しました。")
    )


@allow(RECORD)
def pick(number: int) -> AnyResponse:
    """Put what a message says into a field."""
    name, message = request.form.get("field", ""), request.form.get("message", 0, type=int)
    return _change(
        number, lambda found: facts.pick(found.desk, number, person().id, name, message), _("書き写しました。")
    )


@allow(RECORD)
def printed(number: int) -> str:
    """Show fact sheet and talk as they are printed; with or without the notes."""
    notes = request.args.get("notes") == "1"
    with console().database.read() as connection:
        found = opened(desk_in(connection), number)
    audit.viewed("desk.print", found.subject, found.service, notes=notes)
    with console().database.read() as connection:
        found = opened(desk_in(connection), number)
        text = record.transcript(found.desk, number, language_of_request(), notes=notes)
        return render_template("console/desk/print.html", **_sheet(found), text=text, notes=notes, at=console().now())


@allow(RECORD)
def exported(number: int) -> Response:
    """Hand out fact sheet and talk as a text file."""
    notes = request.args.get("notes") == "1"
    with console().database.write() as connection:
        found = opened(desk_in(connection), number)
        audit.record(connection, "desk.export", found.subject, found.service, notes=notes)
        text = record.transcript(found.desk, number, language_of_request(), notes=notes, sheet=True)
    name = f"consultation-{found.entry.reference}-{found.entry.number}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response("\ufeff" + text, mimetype="text/plain", headers=headers)


@allow(TALK)
def file(number: int, attachment: int) -> str:
    """Open a photo or file that a resident sent; who does is recorded."""
    with console().database.read() as connection:
        found = opened(desk_in(connection), number)
        row = talk.file_of(found.desk, number, attachment) or abort(404)
    subject = _file(found, attachment)
    audit.viewed("desk.file", subject, found.service)
    return render_template("console/desk/file.html", entry=found.entry, file=row, ticket=tickets.ticket(subject))


@allow(TALK)
def content(number: int, attachment: int) -> Response:
    """Hand out the file itself: to the page that was opened and recorded, else recorded now."""
    with console().database.read() as connection:
        found = opened(desk_in(connection), number)
        row = talk.file_of(found.desk, number, attachment) or abort(404)
    subject = _file(found, attachment)
    if not tickets.holds(request.args.get("ticket", ""), subject):
        audit.viewed("desk.file", subject, found.service)
    with console().database.read() as connection:
        body = b"".join(store.pieces(connection, found.desk.vault, row))
    headers = {"Content-Disposition": f'attachment; filename="file-{attachment}"'}
    return Response(body, mimetype=row.content_type, headers=headers)


def _file(found: Opened, attachment: int) -> str:
    return f"{found.subject}/file:{attachment}"


def _sheet(found: Opened) -> dict[str, Any]:
    sheet = facts.sheet(found.desk, found.entry.id)
    groups: dict[str, list[Any]] = {}
    for field in found.desk.consulting(found.entry.flow).fields:
        value = sheet.values.get(field.name, facts.FieldValue())
        groups.setdefault(words.pair(field.group), []).append((field, words.pair(field.label), value))
    return {"entry": found.entry, "groups": groups, "version": sheet.version, **words.for_templates()}


def _change(number: int, change: Any, done: str) -> AnyResponse:
    try:
        with console().database.write() as connection:
            found = opened(desk_in(connection), number)
            change(found)
            audit.record(connection, "desk.sheet", found.subject, found.service)
        flash(done, "good")
    except Refusal as refusal:
        flash(refusal.in_(language_of_request()), "danger")
    return redirect(url_for(".sheet", number=number))
