"""The audit log for those who watch over it: searched, verified, exported. It holds no content."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
from collections.abc import Iterator
from typing import Any

from flask import Blueprint, Response, render_template, request, stream_with_context
from flask_babel import lazy_gettext
from sqlalchemy import Connection, Select, func, select, text, union_all

from bot.audit import entries, head, keys_of, verify
from bot.console import audit, lists
from bot.console.access import Permission, Role, allow
from bot.console.actions import action_title
from bot.console.console import Console, console
from bot.models import AuditEntry, AuditSeal
from bot.now import TOKYO

READ = Permission("audit.read", frozenset({Role.AUDITOR, Role.ADMINISTRATOR}), scoped=False)

LOOSE = dt.timedelta(minutes=5)
"""Entries are numbered about in the order of their times, never more than this apart."""

_entries: Any = AuditEntry.__table__


def pages(console: Console) -> Blueprint:
    """Return the pages of the log."""
    blueprint = Blueprint("auditlog", __name__, url_prefix="/audit")
    blueprint.add_url_rule("/", view_func=listing)
    blueprint.add_url_rule("/verify", view_func=check, methods=["POST"])
    blueprint.add_url_rule("/export", view_func=export)
    blueprint.app_template_filter("action_title")(action_title)
    console.navigate("manage", lazy_gettext("操作の記録"), "auditlog.listing", READ, icon="journal-check", order=30)
    return blueprint


@allow(READ)
def listing() -> str:
    """Search the log."""
    with console().database.read() as connection:
        page = lists.page(connection, _wanted(connection), AuditEntry.id)
        position, seal = head(connection)
    return render_template("console/audit/list.html", page=page, position=position, seal=seal.hex())


@allow(READ)
def check() -> str:
    """Recompute the chain."""
    with console().database.read() as connection:
        verdict = verify(connection, keys_of(console().settings.lookup_keys))
    audit.viewed("audit.verify", sealed=verdict.sealed, holds=verdict.broken is None)
    return render_template("console/audit/verdict.html", verdict=verdict)


@allow(READ)
def export() -> Response:
    """Write the log as CSV, a batch at a time."""
    audit.viewed("audit.export")
    since = _day("from")
    there = console()

    def lines() -> Iterator[str]:
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow(["id", "at", "actor", "action", "subject", "service", "detail", "position", "seal"])
        with there.database.read() as connection:
            for row in entries(connection, since):
                at = row.at.astimezone(TOKYO).isoformat(timespec="seconds")
                said = json.dumps(row.detail, ensure_ascii=False)
                seal = row.seal.hex() if row.seal else ""
                writer.writerow(
                    [row.id, at, _plain(row.actor), row.action, row.subject, row.service, said, row.position, seal]
                )
                if out.tell() > 64_000:
                    yield out.getvalue()
                    out.seek(0)
                    out.truncate()
        yield out.getvalue()

    answer = Response(stream_with_context(lines()), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="audit.csv"'
    return answer


def _plain(text: str) -> str:
    """Return a cell that a spreadsheet takes for text: an actor's name is not ours."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _wanted(connection: Connection) -> Select[Any]:
    """Return the question for the entries asked for; whatever is asked, an index finds the latest at once."""
    conditions = [
        _entries.c[name] == value for name in ("actor", "subject") if (value := request.args.get(name, "").strip())
    ] + _between(connection)
    statement = select(*_entries.columns, AuditSeal.position).outerjoin(AuditSeal, AuditSeal.entry_id == _entries.c.id)
    action = request.args.get("action", "").strip()
    if not action:
        return statement.where(*conditions)
    return statement.where(_entries.c.id.in_(_latest(connection, _actions(connection, action), conditions)))


def _latest(connection: Connection, actions: list[str], conditions: list[Any]) -> list[int]:
    """Return the ids of a page of these actions: the latest of each from its own end of the index."""
    after = lists.after_of(1)
    earlier = [] if after is None else [_entries.c.id < after[0]]
    branches = []
    for action in actions:
        branch = select(_entries.c.id).where(_entries.c.action == action, *earlier, *conditions)
        branches.append(select(branch.order_by(_entries.c.id.desc()).limit(lists.SIZE + 1).subquery()))
    found = list(connection.execute(union_all(*branches)).scalars()) if branches else []
    return sorted(found, reverse=True)[: lists.SIZE + 1]


def _actions(connection: Connection, beginning: str) -> list[str]:
    """Return the actions recorded so far that are `beginning` or one below it ("staff" finds "staff.add")."""
    recorded = connection.execute(_ACTIONS).scalars()
    return [action for action in recorded if action == beginning or action.startswith(f"{beginning}.")]


_ACTIONS = text(
    "WITH RECURSIVE found(action) AS ("
    " SELECT min(action) FROM audit_entries UNION ALL"
    " SELECT (SELECT min(action) FROM audit_entries WHERE action > found.action) FROM found WHERE found.action IS NOT NULL"
    ") SELECT action FROM found WHERE action IS NOT NULL"
)


def _between(connection: Connection) -> list[Any]:
    """Return the conditions for the days asked for: by number, so that the list need not be sorted, and then exactly."""
    # Within a call no index answers: with one, a database reads and sorts all entries of these days.
    at = func.coalesce(_entries.c.at, _entries.c.at)
    found: list[Any] = []
    if (since := _day("from")) is not None:
        first = _first_since(connection, since - LOOSE)
        found += [at >= since, _entries.c.id >= first if first is not None else _entries.c.id < 0]
    if (day := _day("to")) is not None:
        until = day + dt.timedelta(days=1)
        first = _first_since(connection, until + LOOSE)
        found += [at < until, *([_entries.c.id < first] if first is not None else [])]
    return found


def _first_since(connection: Connection, moment: dt.datetime) -> int | None:
    """Return the number of the earliest entry written since `moment`; None when there is none."""
    earliest = select(_entries.c.id).where(_entries.c.at >= moment).order_by(_entries.c.at, _entries.c.id).limit(1)
    return connection.execute(earliest).scalar_one_or_none()


def _day(name: str) -> dt.datetime | None:
    try:
        return dt.datetime.combine(dt.date.fromisoformat(request.args.get(name, "")), dt.time(), TOKYO)
    except ValueError:
        return None
