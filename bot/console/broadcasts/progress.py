"""One broadcast on its way: live numbers, pause, resume, stop, correction, and its report as table, chart and CSV."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, g, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response as AnyResponse

from bot.campaigns import campaign
from bot.campaigns.states import CannotDo, NotNow
from bot.console import audit
from bot.console.access import allow, person
from bot.console.broadcasts import rights
from bot.console.broadcasts.rights import COMPOSE, VIEW
from bot.console.console import console
from bot.console.language import language_of_request, moment
from bot.delivery import broadcast
from bot.delivery.broadcast import BROKEN, GOING, Report, State
from bot.models import Campaign, CampaignRun

ENCODINGS = {"utf-8": "utf-8-sig", "cp932": "cp932"}
"""What a CSV is written in: UTF-8 with a mark by which Excel knows it, and the one of older Japanese software."""

ENDED = frozenset({State.DONE, State.STOPPED})


def add_to(blueprint: Blueprint) -> None:
    """Add the pages."""
    blueprint.add_url_rule("/sent/<int:sent_id>", view_func=sent)
    blueprint.add_url_rule("/sent/<int:sent_id>/live", view_func=live)
    blueprint.add_url_rule("/sent/<int:sent_id>/report.csv", view_func=table)
    blueprint.add_url_rule("/sent/<int:sent_id>/<any(pause,resume,stop):verb>", view_func=steer, methods=["POST"])
    blueprint.add_url_rule("/sent/<int:sent_id>/correct", view_func=correct, methods=["POST"])


@dataclass(frozen=True, slots=True)
class Sent:
    """A broadcast of a campaign: its row, the campaign's, and what became of its recipients."""

    row: Any
    campaign: Any
    report: Report

    @property
    def state(self) -> State:
        """Return where it stands."""
        return State(self.row.status)

    @property
    def going(self) -> bool:
        """Tell whether its numbers still change."""
        return self.state not in ENDED or self.report.waiting > 0

    @property
    def parts(self) -> list[tuple[str, Any, int, str]]:
        """Return the parts of the report: key, title, number of residents, and tone."""
        report = self.report
        return [
            ("accepted", lazy_gettext("LINEが受け付けた"), report.accepted, "good"),
            ("waiting", lazy_gettext("これから"), report.waiting, "busy"),
            ("held", lazy_gettext("保留"), report.held, "warning"),
            ("failed", lazy_gettext("失敗"), report.failed, "danger"),
            ("unknown", lazy_gettext("不明（届いたか分からない）"), report.unknown, "warning"),
            ("stopped", lazy_gettext("停止（送らない）"), report.stopped, ""),
        ]


def _open(connection: Connection, sent_id: int) -> Sent:
    """Return a broadcast that this request's permission reaches; ends with 404 where it does not."""
    found = (
        select(Campaign.id, Campaign.title, Campaign.department_id)
        .join(CampaignRun, CampaignRun.campaign_id == Campaign.id)
        .where(CampaignRun.broadcast_id == sent_id)
    )
    belongs = connection.execute(found).one_or_none()
    if belongs is None or not rights.reaches(person(), g.permission, belongs.department_id):
        abort(404)
    return Sent(broadcast.find(connection, sent_id), belongs, broadcast.report(connection, sent_id))


@allow(VIEW)
def sent(sent_id: int) -> str:
    """Show how far a broadcast is, or what became of it."""
    with console().database.read() as connection:
        found = _open(connection, sent_id)
    return render_template("console/broadcasts/sent.html", **_shown(found))


@allow(VIEW)
def live(sent_id: int) -> str:
    """Return the numbers alone."""
    with console().database.read() as connection:
        found = _open(connection, sent_id)
    return render_template("console/broadcasts/sent_part.html", **_shown(found))


def _shown(found: Sent) -> dict[str, Any]:
    may = rights.reaches(person(), COMPOSE, found.campaign.department_id)
    left_out = [(_REASONS.get(reason, reason), number) for reason, number in found.report.left_out.items()]
    broken = (found.row.note or "").startswith(BROKEN)
    states = {"going": GOING, "State": State, "ended": ENDED}
    return {"sent": found, "may_steer": may, "left_out": left_out, "broken": broken, **states}


_REASONS = {
    "blocked": lazy_gettext("ブロック中"),
    "capped": lazy_gettext("今週すでに上限まで受け取った"),
    "withdrawn": lazy_gettext("送る前に受け取りをやめた"),
}


@allow(VIEW)
def table(sent_id: int) -> Response:
    """Return the report as CSV."""
    name = request.args.get("encoding", "utf-8")
    encoding = ENCODINGS.get(name)
    if encoding is None:
        abort(404)
    with console().database.write() as connection:
        found = _open(connection, sent_id)
        audit.record(connection, "broadcast.exported", f"broadcast:{sent_id}", encoding=name)
    text = io.StringIO()
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow([_("項目"), _("値")])
    lines.writerow([_("件名"), _safe(found.campaign.title)])
    lines.writerow([_("送信の予定"), moment(found.row.send_at)])
    lines.writerow([_("終わった時刻"), moment(found.row.finished_at)])
    lines.writerow([_("作成"), _safe(found.row.created_by)])
    lines.writerow([_("承認"), _safe(found.row.approved_by or "")])
    lines.writerow([_("対象の人数"), found.report.planned])
    lines.writerows([str(title), number] for _key, title, number, _tone in found.parts)
    lines.writerows(
        [_("対象外（%(reason)s）", reason=str(_REASONS.get(reason, reason))), number]
        for reason, number in found.report.left_out.items()
    )
    body = text.getvalue().encode(encoding, "replace")
    disposition = f'attachment; filename="broadcast-{sent_id}.csv"'
    charset = "utf-8" if name == "utf-8" else "windows-31j"
    return Response(body, content_type=f"text/csv; charset={charset}", headers={"Content-Disposition": disposition})


def _safe(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t") else text


_STEER: dict[str, Callable[[Connection, int], None]] = {
    "pause": broadcast.pause,
    "resume": lambda connection, id_: broadcast.resume(connection, id_, console().now()),
    "stop": lambda connection, id_: broadcast.stop(connection, id_, console().now()),
}


@allow(COMPOSE)
def steer(sent_id: int, verb: str) -> AnyResponse:
    """Pause, resume or stop a broadcast."""
    try:
        with console().database.write() as connection:
            _open(connection, sent_id)
            _STEER[verb](connection, sent_id)
            audit.record(connection, f"broadcast.sending.{verb}", f"broadcast:{sent_id}")
    except broadcast.NotPossible:
        flash(NotNow().in_(language_of_request()), "danger")
    else:
        flash(_("変更しました。"), "good")
    return redirect(url_for(".sent", sent_id=sent_id))


@allow(COMPOSE)
def correct(sent_id: int) -> AnyResponse:
    """Begin a correction to exactly those who got it."""
    there = console()
    try:
        with there.database.write() as connection:
            found = _open(connection, sent_id)
            title = _("訂正：%(title)s", title=found.campaign.title)
            id_ = campaign.correct(connection, there.vault, sent_id, person().id, there.now(), title)
            audit.record(connection, "broadcast.corrected", f"campaign:{id_}", broadcast=sent_id)
    except CannotDo as error:
        flash(error.in_(language_of_request()), "danger")
        return redirect(url_for(".sent", sent_id=sent_id))
    return redirect(url_for(".content", id_=id_))
