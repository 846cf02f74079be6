"""The data map: what each table holds, why, for how long and who sees it. Made from what is said beside the tables."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import Blueprint, Response, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext

from bot.console import audit
from bot.console.access import SIGNED_IN, allow
from bot.console.console import Console
from bot.console.language import language_of_request
from bot.models import Base, Sealed
from bot.models.datamap import Entry, entry_of


def pages(console: Console) -> Blueprint:
    """Return the pages of the data map."""
    blueprint = Blueprint("datamap", __name__, url_prefix="/data-map")
    blueprint.add_url_rule("/", view_func=show)
    blueprint.add_url_rule("/csv", view_func=download)
    console.navigate("manage", lazy_gettext("データマップ"), "datamap.show", SIGNED_IN, icon="map", order=40)
    return blueprint


@allow(SIGNED_IN)
def show() -> str:
    """Show the map."""
    return render_template("console/datamap/map.html", lines=_lines())


@allow(SIGNED_IN)
def download() -> Response:
    """Give the map as CSV that Excel opens (UTF-8 with BOM)."""
    audit.viewed("datamap.export")
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("表"), _("データ"), _("暗号化"), _("目的"), _("保存期間"), _("見る人")])
    for line in _lines():
        sealed = " ".join(line["sealed"])
        writer.writerow([line["table"], line["data"], sealed, line["purpose"], line["retention"], line["seen_by"]])
    answer = Response("\ufeff" + out.getvalue(), mimetype="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="data-map.csv"'
    return answer


def _lines() -> list[dict[str, Any]]:
    which = 1 if language_of_request() == "en" else 0
    lines = []
    for table in sorted(Base.metadata.tables.values(), key=lambda one: one.name):
        entry = entry_of(table)
        if entry is None:
            continue
        sealed = [column.name for column in table.columns if isinstance(column.type, Sealed)]
        said = {name: getattr(entry, name)[which] for name in Entry.__slots__}
        lines.append({"table": table.name, "sealed": sealed, **said})
    return lines
