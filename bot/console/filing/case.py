"""One submission: read, worked on, answered, printed; its files are opened one by one, and each opening is recorded."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from bot.console import audit
from bot.console.access import allow, person, service_of
from bot.console.console import Console, console
from bot.console.filing.listing import references
from bot.console.filing.rights import HOLD, SEE, WORK, colleagues, submission
from bot.console.filing.words import KINDS, SOURCES, STATES, TONES
from bot.console.language import language_of_request
from bot.crypto import CannotOpen
from bot.media import store
from bot.submissions import messages
from bot.submissions.reading import Line, lines, open_answers, title_of
from bot.submissions.states import NEXT, Status
from bot.submissions.work import NOTE_CHARACTERS, Changed, Entry, Hand, NotAllowed, Work, files_of, names

PICTURES = ("image/jpeg", "image/png")
"""What was drawn anew when it came in; everything else is only handed over to be saved."""


def _hand() -> Hand:
    return Hand(person().id, console().now())


def _work() -> Work:
    return Work(console().vault)


def _answers(row: Any) -> list[Line] | None:
    """Return the answers, None when their key is gone."""
    there = console()
    try:
        opened = open_answers(there.vault, row)
    except CannotOpen:
        return None
    return lines(there.book(), row, opened, language_of_request(), there.now())


@allow(SEE)
def one(number: int) -> str:
    """Show a submission and what can be done with it."""
    there, language = console(), language_of_request()
    with there.database.read() as connection:
        row = submission(connection, number)
        history = _work().history(connection, number)
        files = files_of(connection, number)
        choices = colleagues(connection, service_of(row.flow))
        people = names(connection, [row.assigned_to, row.entered_by, *_staff_in(history)])
        resident = messages.recipient(connection, row)
        templates = messages.templates_for(connection, row.flow)
        reference = references(connection, [row.resident_id]).get(row.resident_id)
    audit.viewed("submissions.view", f"submission:{number}", service_of(row.flow))
    title = title_of(there.book(), row.flow, language)
    return render_template(
        "console/submissions/one.html",
        row=row,
        title=title,
        answers=_answers(row),
        files={bundle: [file for file in files if file.bundle == bundle] for bundle in {file.bundle for file in files}},
        history=history,
        people=people,
        colleagues=choices,
        reference=reference,
        may_write=resident is not None,
        resident_language=resident.language if resident is not None else None,
        templates=templates,
        draft=_draft(row, resident, templates),
        once=uuid.uuid4().hex,
        following=NEXT[Status(row.status)],
        states=STATES,
        tones=TONES,
        sources=SOURCES,
        kinds=KINDS,
        pictures=PICTURES,
        work=WORK,
        hold=HOLD,
        service=service_of(row.flow),
        longest=NOTE_CHARACTERS,
    )


def _staff_in(history: list[Entry]) -> Iterator[int | None]:
    for entry in history:
        yield entry.staff_id
        if entry.kind == "assignment":
            yield from (int(each) for each in (entry.before, entry.after) if each)


def _draft(row: Any, resident: Any, templates: Any) -> str:
    """Return the chosen template, filled for this resident in their language."""
    chosen = next((one for one in templates if one.id == request.args.get("template", type=int)), None)
    if chosen is None or resident is None:
        return ""
    language = resident.language or "ja"
    text = messages.in_language(chosen.texts, language)
    town = str(console().book().town_in(language).get("name") or console().town())
    return messages.fill(text, row, title_of(console().book(), row.flow, language), town, language)


@allow(SEE)
def printed(number: int) -> str:
    """Show a submission as it is printed."""
    there = console()
    with there.database.read() as connection:
        row = submission(connection, number)
        history = _work().history(connection, number)
        people = names(connection, [row.assigned_to, row.entered_by, *_staff_in(history)])
        reference = references(connection, [row.resident_id]).get(row.resident_id)
    audit.viewed("submissions.print", f"submission:{number}", service_of(row.flow))
    return render_template(
        "console/submissions/print.html",
        row=row,
        title=title_of(there.book(), row.flow, language_of_request()),
        answers=_answers(row),
        notes=[entry for entry in reversed(history) if entry.kind == "note"],
        people=people,
        reference=reference,
        states=STATES,
        sources=SOURCES,
    )


@allow(SEE)
def file(number: int, file_number: int) -> Response:
    """Hand over one file; which one, to whom, is recorded."""
    there = console()
    with there.database.read() as connection:
        row = submission(connection, number)
        found = next((one for one in files_of(connection, number) if one.id == file_number), None)
    if found is None or found.status != "kept":
        abort(404)
    audit.viewed("submissions.file", f"submission:{number}", service_of(row.flow), file=file_number)
    ending = {"image/jpeg": "jpg", "image/png": "png", "application/pdf": "pdf", "audio/mp4": "m4a", "video/mp4": "mp4"}
    filename = f"{number}-{file_number}.{ending.get(found.content_type, 'bin')}"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"', "Content-Length": str(found.size)}
    return Response(_pieces(there, found), content_type=found.content_type, headers=headers)


def _pieces(there: Console, found: Any) -> Iterator[bytes]:
    with there.database.read() as connection:
        yield from store.pieces(connection, there.vault, found)


@allow(SEE)
def picture(number: int, file_number: int) -> str:
    """Return one picture within the page, when somebody asks for it."""
    with console().database.read() as connection:
        submission(connection, number)
        found = next((one for one in files_of(connection, number) if one.id == file_number), None)
    if found is None or found.status != "kept" or found.content_type not in PICTURES:
        abort(404)
    return render_template("console/submissions/picture.html", number=number, file=found)


Act = Callable[[Connection, Any], Any]
"""Changes a submission and returns what to tell whoever did it."""


def _act(number: int, action: str, act: Act, **detail: str | int | bool | None) -> Response:
    there = console()
    try:
        with there.database.write() as connection:
            row = submission(connection, number)
            told = act(connection, row)
            audit.record(connection, action, f"submission:{number}", service_of(row.flow), **detail)
        flash(told, "good")
    except Changed:
        flash(_("ほかの人が先に変えました。いまの内容を確かめてから、もう一度操作してください。"), "warning")
    except NotAllowed:
        flash(_("いまの状況からは、その状況にできません。"), "warning")
    return redirect(url_for(".one", number=number))


def _version() -> int:
    return request.form.get("version", -1, type=int)


@allow(WORK)
def status(number: int) -> Response:
    """Move a submission on."""
    wanted = request.form.get("status", "")
    if wanted not in set(Status):
        abort(400)

    def act(connection: Connection, row: Any) -> Any:
        _work().set_status(connection, row, Status(wanted), _version(), _hand())
        return _("「%(state)s」にしました。", state=STATES[Status(wanted)])

    return _act(number, "submissions.status", act, state=wanted)


@allow(WORK)
def assign(number: int) -> Response:
    """Give a submission to a colleague, to oneself, or to nobody."""
    chosen = request.form.get("staff", type=int)

    def act(connection: Connection, row: Any) -> Any:
        if chosen is not None and chosen not in {one.id for one in colleagues(connection, service_of(row.flow))}:
            abort(400)
        _work().assign(connection, row, chosen, _version(), _hand())
        return _("担当を変えました。")

    return _act(number, "submissions.assign", act, staff=chosen)


@allow(WORK)
def note(number: int) -> Response:
    """Add a note."""
    text = request.form.get("text", "").strip()
    if not text:
        flash(_("メモを入力してください。"), "warning")
        return redirect(url_for(".one", number=number))

    def act(connection: Connection, row: Any) -> Any:
        _work().note(connection, row, text, _hand())
        return _("メモを残しました。")

    return _act(number, "submissions.note", act)


@allow(HOLD)
def hold(number: int) -> Response:
    """Keep a submission past its time, with a reason; or let it go again."""
    held, reason = request.form.get("held") == "1", request.form.get("reason", "").strip()
    if held and not reason:
        flash(_("保存を延長する理由を入力してください。"), "warning")
        return redirect(url_for(".one", number=number))

    def act(connection: Connection, row: Any) -> Any:
        _work().hold(connection, row, reason, _version(), _hand(), held=held)
        return _("期限を過ぎても保存します。") if held else _("保存の延長をやめました。期限が来ると削除されます。")

    return _act(number, "submissions.hold", act, held=held)


@allow(WORK)
def message(number: int) -> Response:
    """Send a message to the resident."""
    text, once = request.form.get("text", "").strip(), request.form.get("once", "")[:32]
    if not text or messages.too_long(text):
        flash(_("メッセージは1文字から5,000文字までです。"), "warning")
        return redirect(url_for(".one", number=number))

    def act(connection: Connection, row: Any) -> Any:
        new = messages.send(connection, console().outbox, _work(), row, text, once, _hand())
        return _("メッセージを送りました。") if new else _("このメッセージはもう送ってあります。")

    try:
        return _act(number, "submissions.message", act)
    except messages.NoResident:
        flash(_("この住民にはメッセージを送れません。"), "warning")
        return redirect(url_for(".one", number=number))
