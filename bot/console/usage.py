"""How residents get on: contacts, talks begun and completed by day, and the steps at which they stop."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from itertools import islice
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import Connection, func, select

from bot.console.access import SIGNED_IN, Person, Scope, allow, person, service_of
from bot.console.charts import Series, bars, lines, stacked
from bot.console.console import Console, Figure, console
from bot.console.titles import flow_title
from bot.flow.book import LANGUAGE, MENU
from bot.models import FlowCount
from bot.usage import CONTACT, What

SPANS = (7, 28, 91, 365)
PLACES = 8
"""How many steps are shown at which residents stopped."""

FLOWS_OF_THE_PLATFORM = frozenset({MENU, LANGUAGE})


def pages(console: Console) -> Blueprint:
    """Return the pages of the statistics of use."""
    blueprint = Blueprint("usage", __name__, url_prefix="/usage")
    blueprint.add_url_rule("/", view_func=show)
    blueprint.add_url_rule("/csv", view_func=download)
    console.navigate("watch", lazy_gettext("利用のようす"), "usage.show", SIGNED_IN, icon="graph-up", order=10)
    console.tile(lazy_gettext("今日の利用"), SIGNED_IN, _today, order=80)
    return blueprint


@allow(SIGNED_IN)
def show() -> str:
    """Show the statistics of the flows one looks after."""
    days = request.args.get("days", 28, int)
    days = days if days in SPANS else 28
    flow = request.args.get("flow") or None
    with console().database.read() as connection:
        counts = read(connection, person(), days, flow)
    return render_template("console/usage/usage.html", days=days, spans=SPANS, chosen=flow, **counts)


@allow(SIGNED_IN)
def download() -> Response:
    """Give the totals by day, flow and step as CSV (UTF-8 with BOM)."""
    days = request.args.get("days", 28, int)
    first = console().now.tokyo().date() - dt.timedelta(days=min(max(days, 1), 1100) - 1)
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["day", "flow", "step", "what", "number"])
    with console().database.read() as connection:
        statement = select(FlowCount.__table__).where(FlowCount.day >= first).order_by(FlowCount.day, FlowCount.flow)
        for row in connection.execute(statement):
            if _is_theirs(_everything_or(person()), row.flow):
                writer.writerow([row.day.isoformat(), row.flow, row.step, row.what, row.number])
    answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="usage.csv"'
    return answer


def read(connection: Connection, who: Person, days: int, flow: str | None = None) -> dict[str, Any]:
    """Return charts and tables of the last `days` days for the services `who` looks after."""
    today = console().now.tokyo().date()
    span = [today - dt.timedelta(days=back) for back in range(days - 1, -1, -1)]
    scope = _everything_or(who)
    statement = (
        select(FlowCount.day, FlowCount.flow, FlowCount.what, func.sum(FlowCount.number).label("number"))
        .where(FlowCount.day >= span[0])
        .group_by(FlowCount.day, FlowCount.flow, FlowCount.what)
    )
    by_day: dict[str, dict[dt.date, int]] = defaultdict(lambda: defaultdict(int))
    by_flow: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in connection.execute(statement):
        if not _is_theirs(scope, row.flow):
            continue
        if flow is None or row.flow == flow:
            by_day[row.what][row.day] += row.number
        if row.flow and row.flow not in FLOWS_OF_THE_PLATFORM:
            by_flow[row.flow][row.what] += row.number
    by_step = _by_step(connection, span[0], flow) if flow is not None and _is_theirs(scope, flow) else {}
    charts = _charts(span, by_day, by_step, flow)
    if flow is None:
        charts += _left_anywhere(connection, span[0], scope)
    return {
        "charts": charts,
        "flows": [_flow_line(name, found) for name, found in sorted(by_flow.items(), key=lambda one: -one[1][What.BEGUN])],
        "steps": [
            {"step": step, "reached": found[What.REACHED], "left": found[What.STOPPED] + found[What.EXPIRED],
             "stopped": found[What.STOPPED], "expired": found[What.EXPIRED]}
            for step, found in sorted(by_step.items(), key=lambda one: -one[1][What.REACHED])
        ],
        "any": bool(by_day),
    }  # fmt: skip


def _by_step(connection: Connection, first: dt.date, flow: str) -> dict[str, dict[str, int]]:
    statement = (
        select(FlowCount.step, FlowCount.what, func.sum(FlowCount.number).label("number"))
        .where(FlowCount.day >= first, FlowCount.flow == flow, FlowCount.step != "")
        .group_by(FlowCount.step, FlowCount.what)
    )
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for row in connection.execute(statement):
        found[row.step][row.what] += row.number
    return found


def _left_anywhere(connection: Connection, first: dt.date, scope: Scope) -> list[dict[str, Any]]:
    """Return the chart of the steps at which most residents stopped, over all flows; none where nobody did."""
    number = func.sum(FlowCount.number)
    statement = (
        select(FlowCount.flow, FlowCount.step, number.label("number"))
        .where(FlowCount.day >= first, FlowCount.step != "", FlowCount.what.in_([What.STOPPED, What.EXPIRED]))
        .group_by(FlowCount.flow, FlowCount.step)
        .order_by(number.desc(), FlowCount.flow, FlowCount.step)
    )
    theirs = (row for row in connection.execute(statement) if _is_theirs(scope, row.flow))
    rows = [(f"{flow_title(console(), row.flow)} / {row.step}", float(row.number)) for row in islice(theirs, PLACES)]
    if not rows:
        return []
    title = _("やめた・時間切れが多いところ")
    return [
        {
            "title": title, "svg": bars(title, rows, "left", room=230), "series": [_("人数")], "rows": rows,
            "first": _("会話とステップ"),
        }
    ]  # fmt: skip


def _charts(
    span: list[dt.date], by_day: dict[str, dict[dt.date, int]], by_step: dict[str, dict[str, int]], flow: str | None
) -> list[dict[str, Any]]:
    weeks = len(span) > 100
    groups = [span[start : start + 7] for start in range(0, len(span), 7)] if weeks else [[day] for day in span]
    labels = [f"{group[0].month}/{group[0].day}" for group in groups]

    def values(what: str) -> list[float]:
        return [sum(by_day[what][day] for day in group) for group in groups]

    contacts = [Series(_("届いたメッセージ"), values(CONTACT))]
    ends = [
        Series(_("完了"), values(What.COMPLETED)),
        Series(_("やめた"), values(What.STOPPED)),
        Series(_("時間切れ"), values(What.EXPIRED)),
    ]
    found = [
        _with_table(
            _("届いたメッセージ"), lines(_("届いたメッセージ"), labels, contacts, "contacts"), labels, contacts
        ),
        _with_table(_("会話の終わりかた"), stacked(_("会話の終わりかた"), labels, ends, "ends"), labels, ends),
    ]
    left = sorted(
        ((step, float(counts[What.STOPPED] + counts[What.EXPIRED])) for step, counts in by_step.items()),
        key=lambda one: -one[1],
    )[:12]
    if flow is not None and any(value for _step, value in left):
        title = _("やめた・時間切れになったステップ")
        found.append({"title": title, "svg": bars(title, left, "left"), "series": [], "rows": []})
    return found


def _with_table(title: str, svg: Any, labels: list[str], series: list[Series]) -> dict[str, Any]:
    rows = list(zip(labels, *(one.values for one in series), strict=True))
    return {"title": title, "svg": svg, "series": [one.name for one in series], "rows": rows, "first": _("日")}


def _flow_line(name: str, found: dict[str, int]) -> dict[str, Any]:
    ended = found[What.COMPLETED] + found[What.STOPPED] + found[What.EXPIRED]
    return {
        "flow": name, "title": flow_title(console(), name), "begun": found[What.BEGUN],
        "completed": found[What.COMPLETED], "stopped": found[What.STOPPED], "expired": found[What.EXPIRED],
        "share": round(100 * found[What.COMPLETED] / ended) if ended else None,
    }  # fmt: skip


def _everything_or(who: Person) -> Scope:
    """Return the services of any of somebody's departments: numbers without names are for all who work there."""
    services: frozenset[str] = frozenset().union(*(grant.services for grant in who.grants))
    return Scope("*" in services, services)


def _is_theirs(scope: Scope, flow: str) -> bool:
    return not flow or service_of(flow) in scope


def _today(connection: Connection, _who: Person) -> Figure | None:
    day = console().now.tokyo().date()
    statement = select(func.sum(FlowCount.number)).where(FlowCount.day == day, FlowCount.what == CONTACT)
    return Figure(connection.execute(statement).scalar_one() or 0, _("届いたメッセージ"), url_for("usage.show"))
