"""Entry by telephone or at the counter: the flow's questions as one form, filed into the same list."""

from __future__ import annotations

from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from bot.console import audit
from bot.console.access import allow, person, service_of
from bot.console.console import console
from bot.console.filing.rights import ENTER, SEE, may_see
from bot.console.filing.words import SOURCES
from bot.console.language import language_of_request
from bot.flow.program import Program
from bot.submissions import entry
from bot.submissions.reading import title_of
from bot.submissions.states import TAKEN_DOWN, Source
from bot.submissions.work import NOTE_CHARACTERS, Hand, Work, one


def _programs() -> list[Program]:
    programs = console().book().programs.values()
    return [program for program in programs if entry.may_be_taken_down(program) and may_see(program.id)]


@allow(ENTER)
def choose() -> str:
    """Let the clerk choose what somebody calls about."""
    book, language = console().book(), language_of_request()
    found = [(program.id, title_of(book, program.id, language)) for program in _programs()]
    return render_template("console/submissions/choose.html", flows=found)


@allow(ENTER)
def enter(flow: str) -> Response | str:
    """Take down what somebody says."""
    program = next((each for each in _programs() if each.id == flow), None)
    if program is None:
        abort(404)
    there, language = console(), language_of_request()
    given = {name: request.form.getlist(name) for name in request.form}
    errors: dict[str, str] = {}
    if request.method == "POST":
        taken = entry.take(
            there.book(), program, {name[2:]: texts for name, texts in given.items()}, language, there.now()
        )
        errors = dict(taken.errors)
        if not errors and taken.answers:
            return _file(program, taken)
        if not taken.answers and not errors:
            flash(_("答えを1つ以上入力してください。"), "warning")
    return render_template(
        "console/submissions/enter.html",
        flow=flow,
        title=title_of(there.book(), flow, language),
        fields=entry.fields(there.book(), program, language, there.now()),
        given=given,
        errors=errors,
        sources=[(source, SOURCES[source]) for source in TAKEN_DOWN],
        longest=NOTE_CHARACTERS,
    )


def _file(program: Program, taken: entry.Taken) -> Response:
    there, note = console(), request.form.get("note", "").strip()
    source = Source(request.form["source"]) if request.form.get("source") in TAKEN_DOWN else Source.TELEPHONE
    hand = Hand(person().id, there.now())
    with there.database.write() as connection:
        number = entry.file(connection, there.vault, program, taken.answers, source, hand)
        if note:
            Work(there.vault).note(connection, one(connection, number), note, hand)
        audit.record(
            connection, "submissions.enter", f"submission:{number}", service_of(program.id), source=source.value
        )
    flash(_("受け付けました。受付番号は %(number)s です。", number=number), "good")
    if person().may(SEE, service_of(program.id)):
        return redirect(url_for(".one", number=number))
    return redirect(url_for(".choose"))
