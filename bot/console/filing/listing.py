"""The list of submissions: what is asked for in the address, found within its bound, and the same as a table."""

from __future__ import annotations

import base64
import datetime as dt
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any, BinaryIO

import orjson
from flask import abort, flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from sqlalchemy import Connection, select
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from bot import child
from bot.console import audit, lists
from bot.console.access import Person, allow, person, service_of
from bot.console.console import Figure, console
from bot.console.filing.rights import ENTER, SEE, TABLE, may_know, may_see, visible_flows
from bot.console.filing.words import COLUMNS, SOURCES, STATES, TABLE_TEXTS, TONES
from bot.console.language import TOKYO, language_of_request
from bot.models import Resident
from bot.models.base import micros
from bot.submissions import search
from bot.submissions.reading import Searched, title_of
from bot.submissions.search import NOBODY, Filter, Place, find
from bot.submissions.states import OPEN, Source, Status
from bot.submissions.table import CP932, UTF8
from bot.submissions.work import names

SIZE = 50
WORDS_CHARACTERS = 100
_PIECE = 65_536


def asked_for(arguments: MultiDict[str, str], flows: list[str]) -> Filter:
    """Return what the address asks for among the flows that may be seen; what makes no sense is left out."""
    wanted = arguments.get("flow", "")
    status = arguments.get("status", "open")
    who = arguments.get("who", "")
    number = arguments.get("number", "").strip().removeprefix("#")
    digits = number.isascii() and number.isdigit() and len(number) < 16
    by_number = digits and int(number) > 0
    return Filter(
        tuple(flow for flow in flows if not wanted or flow == wanted),
        () if by_number or status == "any" else _statuses(status),
        {"mine": person().id, "nobody": NOBODY}.get(who),
        Source(arguments["source"]) if arguments.get("source") in set(Source) else None,
        _day(arguments.get("since")),
        _day(arguments.get("until"), days=1),
        arguments.get("hold") == "1",
        int(number) if by_number else None,
        None if by_number or not number else number.upper(),
        arguments.get("q", "")[:WORDS_CHARACTERS],
    )


def _statuses(text: str) -> tuple[Status, ...]:
    return (Status(text),) if text in set(Status) else OPEN


def _day(text: str | None, days: int = 0) -> dt.datetime | None:
    """Return the beginning of a day in Tokyo, so many days later."""
    try:
        day = dt.date.fromisoformat(text or "") + dt.timedelta(days=days)
    except (ValueError, OverflowError):
        return None
    return dt.datetime.combine(day, dt.time(), TOKYO)


@allow(SEE)
def listing() -> str:
    """Show the submissions that are asked for, newest first."""
    there = console()
    book, language = there.book(), language_of_request()
    with there.database.read() as connection:
        flows = visible_flows(connection)
        wanted = asked_for(request.args, flows)
        found = find(connection, there.vault, Searched(book), wanted, _parse(request.args.get("after")), SIZE)
        people = names(connection, [row.assigned_to for row in found.rows])
        residents = references(connection, [row.resident_id for row in found.rows])
    audit.viewed("submissions.list", None, None, count=len(found.rows), searched=bool(wanted.folded))
    arguments = {name: values[0] for name, values in lists.asked("after", "encoding").items()}
    return render_template(
        "console/submissions/list.html",
        rows=found.rows,
        looked=found.looked,
        next_url=url_for(".listing", **arguments, after=_write(found.next)) if found.next else None,
        first_url=url_for(".listing", **arguments) if "after" in request.args else None,
        arguments=arguments,
        flows=[(flow, title_of(book, flow, language)) for flow in flows],
        titles={flow: title_of(book, flow, language) for flow in flows},
        people=people,
        residents=residents,
        states=STATES,
        tones=TONES,
        sources=SOURCES,
        enter=ENTER,
        table=TABLE,
    )


def references(connection: Connection, numbers: list[int | None]) -> dict[int, str]:
    """Return what residents are called here."""
    wanted = {number for number in numbers if number is not None}
    rows = connection.execute(select(Resident.id, Resident.reference).where(Resident.id.in_(wanted)))
    return {row.id: row.reference for row in rows}


def _write(place: Place) -> str:
    return base64.urlsafe_b64encode(orjson.dumps([micros(place[0]), place[1]])).decode().rstrip("=")


def _parse(text: str | None) -> Place | None:
    if not text:
        return None
    try:
        at, number = orjson.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
        return dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=int(at)), int(number)
    except (ValueError, TypeError, OverflowError):
        return None


def waiting(connection: Connection, who: Person) -> int:
    """Return how many new ones wait for whoever looks, a thousand at most."""
    return search.count(connection, Filter(tuple(_theirs(connection, who)), (Status.NEW,)))


def _theirs(connection: Connection, who: Person) -> list[str]:
    reach, book = who.scope(SEE), console().book()
    return [
        flow
        for flow in search.flows_with_submissions(connection)
        if service_of(flow) in reach and may_know(who, book.programs.get(flow), service_of(flow))
    ]


def figure(connection: Connection, who: Person) -> Figure | None:
    """Return the tile: new ones, and how many are one's own."""
    flows = tuple(_theirs(connection, who))
    if not flows:
        return None
    new = search.count(connection, Filter(flows, (Status.NEW,)))
    mine = search.count(connection, Filter(flows, OPEN, assigned_to=who.id))
    shown = f"{search.COUNTED - 1}+" if new >= search.COUNTED else new
    return Figure(
        shown,
        _("自分の担当：%(count)s件", count=mine),
        url_for("submissions.listing", status="new"),
        "warning" if new else "good",
    )


@allow(TABLE)
def table() -> Response:
    """Return what is asked for as a table; written by a child process, however long it is."""
    there = console()
    flow = request.args.get("flow", "")
    encoding = CP932 if request.args.get("encoding") == CP932 else UTF8
    if not flow:
        flash(_("CSVにするには、手続きを1つ選んでください。"), "warning")
        return redirect(url_for(".listing", **lists.asked("after", "encoding")))
    if not may_see(flow):
        abort(404)
    wanted = replace(asked_for(request.args, [flow]), flows=(flow,))
    audit.viewed("submissions.table", None, service_of(flow), flow=flow, searched=bool(wanted.folded))
    told = child.told(
        there.settings,
        there.now,
        filter=_as_json(wanted),
        encoding=encoding,
        headings=[str(heading) for heading in COLUMNS],
        texts={str(code): str(text) for texts in (STATES, SOURCES, TABLE_TEXTS) for code, text in texts.items()},
        language=language_of_request(),
    )
    pieces = _from_child(told)
    first = next(pieces, b"")
    if not first:
        abort(500)
    filename = f"{flow}-{there.now().astimezone(TOKYO):%Y%m%d-%H%M}.csv"
    headers = {"Content-Disposition": f'attachment; filename="{filename}"'}
    return Response(_all(first, pieces), content_type=f"text/csv; charset={_CHARSETS[encoding]}", headers=headers)


_CHARSETS = {UTF8: "utf-8", CP932: "Shift_JIS"}


def _as_json(wanted: Filter) -> Mapping[str, Any]:
    return asdict(wanted) | {
        name: moment.isoformat() if moment else None
        for name, moment in (("since", wanted.since), ("until", wanted.until))
    }


def _all(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _from_child(told: bytes) -> Iterator[bytes]:
    with subprocess.Popen(  # noqa: S603 - our own module
        child.command("bot.exporter"), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        said: BinaryIO = process.stdin  # type: ignore[assignment]  # both are pipes
        heard: BinaryIO = process.stdout  # type: ignore[assignment]  # likewise
        try:
            said.write(told)
            said.close()
            while piece := heard.read1(_PIECE):  # type: ignore[attr-defined]  # a buffered reader
                yield piece
        finally:
            process.kill()  # who asked may have gone before the end
