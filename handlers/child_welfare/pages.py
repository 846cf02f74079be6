"""Numbers of consultations for reports: by month, without anybody's data, small numbers hidden."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from bot.console import audit
from bot.console.access import Permission, Role, allow
from bot.console.actions import name_actions
from bot.console.charts import Series, lines
from bot.console.console import Console, console
from bot.console.language import language_of_request
from bot.consulting import REASONS
from handlers.child_welfare.numbers import FEWEST, Number, numbers

SEE = Permission("child_welfare.numbers", frozenset({Role.MANAGER, Role.OFFICER, Role.COUNSELLOR, Role.APPROVER}))
SPANS = (6, 12, 24, 60)

ACTIONS = {
    "child_welfare.numbers_csv": lazy_gettext("相談の統計の書き出し"),
}
"""What the audit log calls what staff do here."""


def pages(_console: Console) -> Blueprint:
    """Return the pages of the statistics."""
    blueprint = Blueprint("child_welfare", __name__, url_prefix="/child-welfare", template_folder="templates")
    blueprint.add_url_rule("/", view_func=show)
    blueprint.add_url_rule("/csv", view_func=download)
    name_actions(ACTIONS)
    _console.navigate("watch", lazy_gettext("相談の統計"), "child_welfare.show", SEE, icon="bar-chart", order=40)
    return blueprint


@allow(SEE)
def show() -> str:
    """Show the numbers of the last months."""
    months = _months(request.args.get("months", 12, int))
    found = _read(months)
    labels = [f"{month.year}/{month.month}" for month in months]
    counted = [[one for one in found if one.month == month and one.what == "all"] for month in months]
    drawn = [float(sum(one.least for one in month)) for month in counted]
    chart = lines(_("終わった相談"), labels, [Series(_("件数"), drawn)], "closed")
    return render_template(
        "child_welfare/numbers.html",
        chart=chart,
        months=len(months),
        spans=SPANS,
        few=FEWEST,
        groups=_groups(found),
        totals=list(zip(labels, map(_sum, counted), strict=True)),
    )


@allow(SEE)
def download() -> Response:
    """Hand the numbers out as CSV (UTF-8 with BOM); hidden ones say so."""
    months = _months(request.args.get("months", 12, int))
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["month", "office", "what", "value", "number"])
    for one in _read(months):
        writer.writerow([f"{one.month:%Y-%m}", one.office, one.what, one.value, _sum([one])])
    with console().database.write() as connection:
        audit.record(connection, "child_welfare.numbers_csv", "numbers", "child_welfare", months=len(months))
    headers = {"Content-Disposition": 'attachment; filename="consultations.csv"'}
    return Response("\ufeff" + out.getvalue(), mimetype="text/csv", headers=headers)


def _read(months: Sequence[dt.date]) -> list[Number]:
    with console().database.read() as connection:
        return numbers(connection, months[0])


def _months(wanted: int) -> list[dt.date]:
    """Return the first days of the last months, the oldest first."""
    number = wanted if wanted in SPANS else 12
    today = console().now.tokyo().date()
    here = today.year * 12 + today.month - 1
    return [dt.date(month // 12, month % 12 + 1, 1) for month in range(here - number + 1, here + 1)]


def _groups(found: Sequence[Number]) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the sums over all months and offices by question: a sum with a hidden part is shown as at least so much."""
    sums: dict[tuple[str, str], list[Number]] = defaultdict(list)
    for one in found:
        sums[one.what, one.value].append(one)
    titles, values = _titles(), _values()
    groups: dict[str, list[tuple[str, str]]] = {titles[what]: [] for what in titles}
    for (what, value), counted in sorted(sums.items()):
        if what in titles:
            groups[titles[what]].append((values.get((what, value), value), _sum(counted)))
    return [(title, rows) for title, rows in groups.items() if rows]


def _sum(counted: Sequence[Number]) -> str:
    least, most = sum(one.least for one in counted), [one.most for one in counted if one.most is not None]
    if len(most) < len(counted):
        return f"{least}–"
    return str(least) if least == sum(most) else f"{least}–{sum(most)}"


def _titles() -> Mapping[str, str]:
    return {
        "reason": _("終わりかた"), "grade": _("緊急度"), "hours": _("受付の時間"), "answered": _("担当者の返事"),
        "who": _("書いた人"), "age": _("子どもの年齢"), "danger": _("緊急の印"), "referred": _("ほかの機関へ"),
    }  # fmt: skip


def _values() -> Mapping[tuple[str, str], str]:
    english = language_of_request() == "en"
    unknown = _("分からない")
    named: dict[tuple[str, str], Any] = {
        ("hours", "inside"): _("時間内"), ("hours", "outside"): _("時間外"),
        ("answered", "yes"): _("あり"), ("answered", "no"): _("なし"),
        ("danger", "yes"): _("あり"), ("referred", "yes"): _("あり"),
        ("who", "child"): _("子ども本人"), ("who", "guardian"): _("保護者"), ("who", "other"): _("そのほかの人"),
        ("who", "unknown"): unknown, ("age", "unknown"): unknown,
    }  # fmt: skip
    return named | {("reason", code): words[english] for code, words in REASONS.items()}
