"""Statistics: advice by area, age band and day of a week, as a chart, a table and a file; small numbers are hidden everywhere."""

from __future__ import annotations

import csv
import datetime as dt
import io
from typing import Any

from flask import Blueprint, Response, abort, render_template, request
from flask_babel import gettext as _

from bot.console import audit
from bot.console.access import allow
from bot.console.charts import Series, stacked
from bot.console.console import console
from bot.now import TOKYO
from handlers.covid import statistics
from handlers.covid.console.rights import COUNT, SERVICE
from handlers.covid.numbers import Shown
from handlers.covid.rules import settings

WEEKS = 26


def add_to(blueprint: Blueprint) -> None:
    """Add the pages of statistics."""
    blueprint.add_url_rule("/statistics", "statistics", overview)
    blueprint.add_url_rule("/statistics.csv", "statistics_file", as_file)


def headings() -> dict[str, str]:
    """Return what rows, columns, the sum and a hidden number are called in the language of the page."""
    return {
        "row": _("区分"), "call": _("相談を案内"), "watch": _("様子を見る"), "well": _("症状なし"), "sum": _("合計"),
        "hidden": _("非公表"), "-": _("不明"), "0": _("19歳以下"), "20": _("20〜39歳"), "40": _("40〜64歳"),
        "65": _("65歳以上"),
    }  # fmt: skip


def _table(*, finished: bool = False) -> tuple[Shown[Any, str], dict[str, Any]]:
    there = console()
    today = there.now().astimezone(TOKYO).date()
    least = settings(there.book(), there.now()).least_counted
    with there.database.read() as connection:
        first = statistics.first_week(connection) or statistics.week_of(today)
        last = statistics.week_of(today) - dt.timedelta(weeks=1 if finished else 0)
        if last < first:
            abort(404)
        monday = _chosen(first, last)
        lines = statistics.lines_of(connection, monday, today)
    by = request.args.get("by") if request.args.get("by") in statistics.BY else statistics.BY[0]
    weeks = [last - dt.timedelta(weeks=before) for before in range(WEEKS) if last - dt.timedelta(weeks=before) >= first]
    values = {
        "monday": monday,
        "by": by,
        "weeks": weeks,
        "least": least,
        "unfinished": monday == statistics.week_of(today),
    }
    return statistics.table(lines, str(by), least), values


def _chosen(first: dt.date, last: dt.date) -> dt.date:
    try:
        wanted = statistics.week_of(dt.date.fromisoformat(request.args.get("week", "")))
    except ValueError:
        wanted = last
    return min(max(wanted, first), last)


@allow(COUNT)
def overview() -> str:
    """Show the numbers of a week."""
    shown, values = _table()
    words = headings()
    chart = stacked(
        _("人数のグラフ（非公表の数は描いていません。表をご覧ください）"),
        [row_name(row, words) for row in shown.rows],
        [Series(words[column], [shown.cells[row, column] for row in shown.rows]) for column in shown.columns],
        "covid",
        words["hidden"],
    )
    return render_template("covid/console/statistics.html", shown=shown, words=words, chart=chart, **values)


def row_name(row: Any, words: dict[str, str]) -> str:
    """Return what a row is called: a day, an age band, an area."""
    return f"{row.month}/{row.day}" if isinstance(row, dt.date) else words.get(row, str(row))


@allow(COUNT)
def as_file() -> Response:
    """Return the same table of a week that is over as a file for a spreadsheet.

    Two files of one week on different days could be subtracted from each other, and tell of the few between.
    """
    shown, values = _table(finished=True)
    target = io.StringIO()
    csv.writer(target).writerows(statistics.as_csv(shown, headings()))
    audit.viewed("covid.statistics.export", f"week:{values['monday'].isoformat()}", SERVICE)
    answer = Response(target.getvalue().encode("utf-8-sig"), mimetype="text/csv")
    name = f"covid-{values['monday'].isoformat()}-{values['by']}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
