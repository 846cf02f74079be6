"""Flows to read: the list, one flow as outline, drawing and text, what changed between revisions, who is in it, and pausing."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from threading import Semaphore
from typing import Any

from flask import abort, current_app, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from markupsafe import Markup
from sqlalchemy import Connection, func, select
from werkzeug.wrappers import Response

from bot.console import audit
from bot.console.access import allow, person, require_service, scope, service_of
from bot.console.console import Console, console
from bot.console.flows.rights import PAUSE, PROPOSE, SEE
from bot.console.security import apart
from bot.console.titles import flow_title
from bot.editions import pause, resume, texts_of
from bot.flow import lint
from bot.flow.called import Called
from bot.flow.diagram import diagram
from bot.flow.load import Loaded
from bot.flow.outline import outline
from bot.flow.picture import svg
from bot.flow.problems import Problem
from bot.flow.program import Program
from bot.models import Conversation, FlowRevision, Pause, Publication

CONTEXT_LINES = 3
TALKS = "talks"

_ONE_AT_A_TIME = Semaphore(1)
"""Signing in needs the same threads: however many try flows out, one of the two stays free."""


@allow(SEE)
def listing() -> str:
    """List the flows one looks after."""
    there = console()
    book = there.book()
    mine = [program for name, program in sorted(book.programs.items()) if service_of(name) in scope()]
    with there.database.read() as connection:
        talks = _talks(connection)
    loaded, found = there.runtime.editions.published()[1], problems()
    files = {name: source.file for name, source in loaded.origins.items()}
    rows = [
        {
            "flow": program.id, "title": flow_title(console(), program.id), "service": service_of(program.id),
            "revision": program.revision[:7], "talks": None if talks is None else sum(talks[program.id].values()),
            "paused": book.pause_of(program.id) is not None,
            "problems": sum(problem.place.file == files.get(program.id) for problem in found),
        }
        for program in mine
    ]  # fmt: skip
    return render_template("console/flows/list.html", rows=rows, problems=len(found), counted=talks is not None)


@allow(SEE)
def one(flow: str) -> str:
    """Show one flow."""
    program = program_of(flow)
    with console().database.read() as connection:
        name, text = file_of(connection, flow)
        talks = _talks(connection)
        revisions = _revisions(connection, flow)
        pauses = {row.service: row for row in connection.execute(select(Pause.__table__)).all()}
    return render_template(
        "console/flows/one.html", flow=flow, title=flow_title(console(), flow), program=program, file=name, text=text,
        outline=outline(program.flow, called()), drawing=drawing(program), revisions=revisions,
        talks=None if talks is None else talks[flow].most_common(),
        problems=[one for one in problems() if one.place.file == name],
        paused=pauses.get(flow) or pauses.get(service_of(flow)), may_pause=person().may(PAUSE, service_of(flow)),
        may_propose=person().may(PROPOSE, service_of(flow)),
    )  # fmt: skip


@allow(SEE)
def difference(flow: str, number: int) -> str:
    """Show what changed in a flow's file since a publication."""
    program_of(flow)
    with console().database.read() as connection:
        name, now = file_of(connection, flow)
        if connection.execute(select(Publication.id).where(Publication.id == number)).first() is None:
            abort(404)
        then = texts_of(connection, number).get(name, "")
    return render_template(
        "console/flows/difference.html",
        flow=flow,
        title=flow_title(console(), flow),
        number=number,
        lines=compared(then, now),
    )


@allow(PAUSE)
def pause_flow(flow: str) -> Response:
    """Pause a flow; residents are told what is written here."""
    program_of(flow)
    texts = {language: said for language in ("ja", "ja-easy", "en") if (said := request.form.get(language, "").strip())}
    if "ja" not in texts:
        flash(_("住民に伝える文を書いてください。"), "danger")
        return redirect(url_for(".one", flow=flow))
    with console().database.write() as connection:
        pause(connection, flow, texts, person().sign_in, console().now)
        audit.record(connection, "flow.pause", f"flow:{flow}", service_of(flow))
    flash(_("止めました。数秒ですべての会話に反映されます。"), "good")
    return redirect(url_for(".one", flow=flow))


@allow(PAUSE)
def resume_flow(flow: str) -> Response:
    """End the pause that the page showed: of this flow, or of the whole service, for which the button says so."""
    program_of(flow)
    service = service_of(flow)
    what = service if request.form.get("what") == service else flow
    with console().database.write() as connection:
        ended = resume(connection, what)
        audit.record(connection, "flow.resume", f"flow:{what}", service, was_paused=ended)
    if ended:
        flash(_("再開しました。"), "good")
    else:
        flash(_("停止していませんでした。"), "warning")
    return redirect(url_for(".one", flow=flow))


def program_of(flow: str) -> Program:
    """Return a flow in force that the signed-in person may see with this route's permission; otherwise 404."""
    require_service(service_of(flow))
    program = console().book().programs.get(flow)
    return program or abort(404)


def file_of(connection: Connection, flow: str) -> tuple[str, str]:
    """Return name and text of the file that holds a flow, of the publication in force."""
    number, loaded = console().runtime.editions.published()
    source = loaded.origins.get(flow) or abort(404)
    return source.file, texts_of(connection, number)[source.file]


def called() -> Called:
    """Return what the flows in force and the actions are called."""
    return Called.of(console().book().programs, console().services.registry)


def drawing(program: Program) -> Markup:
    """Return the flow's drawing as an SVG element."""
    return Markup(svg(diagram(program, called()), flow_title(console(), program.id)))  # noqa: S704 - drawn by us, its words escaped


def compared(then: str, now: str) -> list[tuple[str, str]]:
    """Return the lines of a difference: each with "add", "drop", "same" or "gap"."""
    kinds = {"+": "add", "-": "drop", " ": "same", "@": "gap"}
    lines = list(difflib.unified_diff(then.splitlines(), now.splitlines(), n=CONTEXT_LINES, lineterm=""))[2:]
    return [(kinds.get(line[:1], "same"), line[1:] if line[:1] != "@" else line) for line in lines]


def _talks(connection: Connection) -> dict[str, Counter[str]] | None:
    """Return the running talks by flow and step, None while they are counted for the first time."""
    counted = console().figures.read(TALKS, connection)
    if counted is None:
        return None
    found: dict[str, Counter[str]] = {name: Counter() for name in console().book().programs}
    for row in counted:
        found.setdefault(row.flow, Counter())[row.step or ""] += row.number
    return found


def count_talks(there: Console) -> None:
    """Enter the count of the running talks."""

    def count(connection: Connection) -> Sequence[Any]:
        under_way = (
            select(Conversation.flow, Conversation.step, func.count().label("number"))
            .where(Conversation.revision.is_not(None), Conversation.expires_at > there.now())
            .group_by(Conversation.flow, Conversation.step)
        )
        return connection.execute(under_way).all()

    there.figures.add(TALKS, count)


def _revisions(connection: Connection, flow: str) -> list[Any]:
    statement = (
        select(FlowRevision.revision, Publication.id, Publication.published_at)
        .join(Publication, Publication.id == FlowRevision.publication_id)
        .where(FlowRevision.flow == flow)
        .order_by(Publication.id.desc())
        .limit(30)
    )
    return list(connection.execute(statement).all())


def examined(texts: Mapping[str, str]) -> tuple[Loaded, tuple[Problem, ...]]:
    """Return flows as they are read, and every problem in them; the second that it takes holds up no other request."""
    with _ONE_AT_A_TIME:
        found: tuple[Loaded, tuple[Problem, ...]] = apart(console().runtime.editions.examined, texts)
    return found


def problems() -> tuple[Problem, ...]:
    """Return what the check says of the publication in force: looked for once, as a publication never changes."""
    editions = console().runtime.editions
    number, loaded = editions.published()
    known = current_app.extensions.get("flows checked")
    if known is None or known[0] != number:
        found = tuple(apart(lint.check, loaded, console().services.registry))
        known = current_app.extensions["flows checked"] = (number, found)
    answer: tuple[Problem, ...] = known[1]
    return answer
