"""Files handed in for the services, in three steps: upload, check, start. The upload's id is the job's id."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from werkzeug.wrappers import Response

from bot.console import audit
from bot.console.access import Permission, Role, allow, person, require_service, scope
from bot.console.console import Console, console
from bot.console.language import language_of_request
from bot.imports import ImportKind, sentences, store, work
from bot.imports.sheet import Unusable
from bot.submissions.table import guarded
from bot.submissions.work import names

IMPORT = Permission("imports", frozenset({Role.MANAGER, Role.OFFICER}))
LISTED = 50
FAULTS_SHOWN = 100
BUSY = ("checking", "loading")
TONES = {
    "done": "good",
    "checked": "warning",
    "refused": "danger",
    "failed": "danger",
    "checking": "busy",
    "loading": "busy",
}
STATES = {
    "receiving": lazy_gettext("受け取り中"),
    "uploaded": lazy_gettext("列の確認待ち"),
    "checking": lazy_gettext("検査中"),
    "checked": lazy_gettext("取り込み待ち"),
    "loading": lazy_gettext("取り込み中"),
    "done": lazy_gettext("取り込み済み"),
    "refused": lazy_gettext("読めないファイル"),
    "failed": lazy_gettext("中断"),
    "cancelled": lazy_gettext("取り消し"),
}


def pages(there: Console) -> Blueprint:
    """Return the pages; they are in the navigation only where a service takes files."""
    blueprint = Blueprint("imports", __name__, url_prefix="/imports")
    # Before anything reads the form, its protection against forgery too.
    blueprint.url_value_preprocessor(_let_large_files_in)
    blueprint.add_url_rule("/", view_func=listing)
    blueprint.add_url_rule("/", view_func=upload, methods=["POST"])
    blueprint.add_url_rule("/sample/<name>.csv", view_func=sample)
    blueprint.add_url_rule("/<uid>", view_func=one)
    blueprint.add_url_rule("/<uid>/progress", view_func=progress)
    blueprint.add_url_rule("/<uid>/columns", view_func=columns, methods=["GET", "POST"])
    blueprint.add_url_rule("/<uid>/start", view_func=start, methods=["POST"])
    blueprint.add_url_rule("/<uid>/cancel", view_func=cancel, methods=["POST"])
    blueprint.add_url_rule("/<uid>/faults.csv", view_func=faults)
    if there.services.import_kinds:
        there.navigate(
            "manage", lazy_gettext("ファイルの取り込み"), "imports.listing", IMPORT, icon="file-earmark-arrow-up"
        )
    return blueprint


def _let_large_files_in(endpoint: str | None, _values: Any) -> None:
    if endpoint == "imports.upload":
        request.max_content_length = store.MOST_BYTES + 1_000_000


def _desk() -> work.Imports:
    there = console()
    return work.Imports(there.database, there.vault, there.lookup, there.jobs)


def _kinds() -> list[ImportKind]:
    return [kind for kind in console().services.import_kinds if kind.service in scope()]


def _kind(name: str) -> ImportKind:
    found = next((kind for kind in _kinds() if kind.name == name), None)
    return found if found is not None else abort(404)


def _import(uid: str) -> tuple[Any, ImportKind]:
    with console().database.read() as connection:
        row = work.one(connection, uid)
    if row is None or row.status == "receiving":
        abort(404)
    require_service(row.kind.partition(".")[0])
    return row, _kind(row.kind)


@allow(IMPORT)
def listing() -> str:
    """List what was handed in, and what may be."""
    kinds, desk = _kinds(), _desk()
    with console().database.read() as connection:
        rows = work.recent(connection, [kind.name for kind in kinds], LISTED)
        people = names(connection, [row.uploaded_by for row in rows])
    shown = [(row, desk.name_of(row), people.get(row.uploaded_by, "–")) for row in rows if row.status != "receiving"]
    return render_template(
        "console/imports/list.html",
        kinds=kinds,
        titles={kind.name: _words(kind.title) for kind in kinds},
        words=_words,
        rows=shown,
        states=STATES,
        tones=TONES,
        most=store.MOST_BYTES // 1_000_000,
    )


def _words(texts: Mapping[str, str]) -> str:
    return texts.get(language_of_request()) or texts.get("ja") or ""


@allow(IMPORT)
def upload() -> Response:
    """Keep an upload and go on to its page; where every needed column is known, its check begins at once."""
    kind, file = _kind(request.form.get("kind", "")), request.files.get("file")
    if file is None or not file.filename:
        flash(_("ファイルを選んでください。"), "danger")
        return redirect(url_for(".listing"))
    there, desk = console(), _desk()
    try:
        handed_in = work.Upload(kind, file.filename, file.stream, person().id)  # type: ignore[arg-type]  # werkzeug says IO
        uid = desk.receive(handed_in, there.now())
    except Unusable as unusable:
        flash(sentences.trouble(unusable.trouble, language_of_request()), "danger")
        return redirect(url_for(".listing"))
    with there.database.write() as connection:
        audit.record(connection, "imports.upload", f"import:{uid}", kind.service, kind=kind.name)
    row, _kind_again = _import(uid)
    return _begin_if_clear(row, kind)


def _begin_if_clear(row: Any, kind: ImportKind) -> Response:
    there, desk = console(), _desk()
    try:
        headings = desk.preview(row).headings
    except Unusable as unusable:
        desk.refuse(row, unusable.trouble, there.now())
        return redirect(url_for(".one", uid=row.uid))
    with there.database.write() as connection:
        mapping = work.proposal(connection, kind, headings)
        if work.missing(kind, mapping):
            return redirect(url_for(".columns", uid=row.uid))
        desk.begin_check(connection, row, mapping, there.now())
    return redirect(url_for(".one", uid=row.uid))


@allow(IMPORT)
def one(uid: str) -> str:
    """Show how far an import is, and what is wrong with the file."""
    row, kind = _import(uid)
    audit.viewed("imports.view", f"import:{uid}", kind.service)
    after = request.args.get("after", 0, type=int)
    there, desk, language = console(), _desk(), language_of_request()
    with there.database.read() as connection:
        by_column = work.faults_by_column(connection, row)
        by_row = work.faults_by_row(connection, row, after, FAULTS_SHOWN + 1)
        people = names(connection, [row.uploaded_by, row.started_by])
        before = work.same_before(connection, row)
    return render_template(
        "console/imports/one.html",
        row=row,
        kind=kind,
        title=_words(kind.title),
        filename=desk.name_of(row),
        people=people,
        before=before,
        trouble=sentences.trouble(row.trouble, language) if row.trouble else "",
        by_column=[(_label(kind, fault.column), _sentence(kind, fault), fault.count) for fault in by_column],
        by_row=[
            (fault.row, _label(kind, fault.column), _sentence(kind, fault), desk.found_at(row, fault))
            for fault in by_row[:FAULTS_SHOWN]
        ],
        next_row=by_row[FAULTS_SHOWN - 1].row if len(by_row) > FAULTS_SHOWN else None,
        after=after,
        states=STATES,
        tones=TONES,
        busy=row.status in BUSY,
        mapping=[(_words(column.label), row.mapping.get(column.name)) for column in kind.columns],
    )


def _label(kind: ImportKind, name: str) -> str:
    column = kind.column(name)
    return _words(column.label) if column is not None else _("行全体")


def _sentence(kind: ImportKind, fault: Any) -> str:
    """Return what is wrong; of a whole column without the number of a single row."""
    details = {"first": "…", **fault.details}
    try:
        return sentences.fault(kind, fault.code, details, language_of_request())
    except KeyError:
        return str(fault.code)


@allow(IMPORT)
def progress(uid: str) -> str:
    """Return how far it is, for the page that stays open."""
    row, kind = _import(uid)
    return render_template("console/imports/progress.html", row=row, kind=kind, states=STATES, busy=row.status in BUSY)


@allow(IMPORT)
def columns(uid: str) -> Response | str:
    """Let the person say which heading stands for which column."""
    row, kind = _import(uid)
    there, desk = console(), _desk()
    try:
        preview = desk.preview(row)
    except Unusable as unusable:
        flash(sentences.trouble(unusable.trouble, language_of_request()), "danger")
        return redirect(url_for(".one", uid=uid))
    with there.database.read() as connection:
        chosen = dict(row.mapping) or work.proposal(connection, kind, preview.headings)
    missing: list[str] = []
    if request.method == "POST":
        given = {column.name: request.form.get(f"column-{column.name}", "") for column in kind.columns}
        chosen = {name: heading for name, heading in given.items() if heading in preview.headings}
        missing = work.missing(kind, chosen)
        if not missing:
            return _check(row, kind, chosen)
    audit.viewed("imports.columns", f"import:{uid}", kind.service)
    return render_template(
        "console/imports/columns.html",
        row=row,
        kind=kind,
        title=_words(kind.title),
        words=_words,
        preview=preview,
        chosen=chosen,
        missing=missing,
    )


def _check(row: Any, kind: ImportKind, chosen: Mapping[str, str]) -> Response:
    there = console()
    try:
        with there.database.write() as connection:
            _desk().begin_check(connection, row, chosen, there.now())
            audit.record(connection, "imports.check", f"import:{row.uid}", kind.service)
    except work.NotNow:
        flash(_("ほかの人が先に進めました。"), "warning")
    return redirect(url_for(".one", uid=row.uid))


@allow(IMPORT)
def start(uid: str) -> Response:
    """Load the good rows."""
    row, kind = _import(uid)
    there = console()
    try:
        with there.database.write() as connection:
            _desk().start(connection, row, person().id, there.now())
            counts = {"rows": row.rows, "bad": row.rows_bad}
            audit.record(connection, "imports.start", f"import:{uid}", kind.service, **counts)
    except work.NotNow:
        flash(_("ほかの人が先に進めました。"), "warning")
    return redirect(url_for(".one", uid=uid))


@allow(IMPORT)
def cancel(uid: str) -> Response:
    """Take an upload back and delete its file."""
    row, kind = _import(uid)
    there = console()
    try:
        with there.database.write() as connection:
            _desk().cancel(connection, row, there.now())
            audit.record(connection, "imports.cancel", f"import:{uid}", kind.service)
        flash(_("取り消し、ファイルを削除しました。"), "good")
    except work.NotNow:
        flash(_("もう終わっているため、取り消せません。"), "warning")
    return redirect(url_for(".one", uid=uid))


@allow(IMPORT)
def sample(name: str) -> Response:
    """Return a file with the headings and one made-up row, to be filled."""
    kind = _kind(name)
    cells = [[column.label["ja"] for column in kind.columns], [column.example for column in kind.columns]]
    return _csv(cells, f"{kind.name}.csv")


@allow(IMPORT)
def faults(uid: str) -> Response:
    """Return what is wrong as a file, for whoever mends the original."""
    row, kind = _import(uid)
    audit.viewed("imports.faults", f"import:{uid}", kind.service)
    desk = _desk()
    with console().database.read() as connection:
        found = work.faults_by_row(connection, row, 0, 20_000)
    cells = [[_("行"), _("列"), _("理由"), _("ファイルの内容")]]
    cells += [
        [str(fault.row), _label(kind, fault.column), _sentence(kind, fault), guarded(desk.found_at(row, fault))]
        for fault in found
    ]
    return _csv(cells, f"{kind.name}-faults.csv")


def _csv(rows: list[list[str]], filename: str) -> Response:
    written = io.StringIO()
    csv.writer(written, lineterminator="\r\n").writerows(rows)
    body = b"\xef\xbb\xbf" + written.getvalue().encode()
    disposition = f'attachment; filename="{filename}"'
    return Response(body, mimetype="text/csv", headers={"Content-Disposition": disposition})
