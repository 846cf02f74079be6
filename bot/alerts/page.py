"""The page behind the address in an alert: looking changes nothing (mail scanners look too), pressing the button takes it on."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Blueprint, Response
from sqlalchemy import Connection, select

from bot.alerts import link
from bot.alerts.raising import acknowledge
from bot.crypto import Lookup
from bot.db import Database
from bot.models import Alert, AlertSending
from bot.now import Now
from bot.plainpage import plain_page

VALID = dt.timedelta(days=7)

_OPEN = """<p>この用件を引き受けますか。引き受けると、ほかの人への呼び出しが止まります。</p>
<p lang="en">Do you take this on? Nobody else is called then.</p>
<form method="post"><button type="submit">引き受ける <span lang="en">/ I take it</span></button></form>"""
_TAKEN = """<p>引き受けました。管理画面を開いて、用件を確かめてください。</p>
<p lang="en">It is yours. Open the console to see what it is.</p>"""
_OVER = """<p>この用件は、すでにだれかが引き受けたか、終わっています。</p>
<p lang="en">Somebody has taken it on already, or it is over.</p>"""
_UNKNOWN = """<p>このアドレスは使えません。管理画面を開いてください。</p>
<p lang="en">This address does not work. Open the console.</p>"""


def alert_page(database: Database, lookup: Lookup, now: Now) -> Blueprint:
    """Return the pages below /alerts."""
    blueprint = Blueprint("alerts", __name__, url_prefix=link.PATH)

    @blueprint.get("/<token>")
    def look(token: str) -> Response:
        with database.read() as connection:
            found = _find(connection, lookup, token, now())
        if found is None:
            return _html(_UNKNOWN, 404)
        return _html(_OVER if _is_over(found) else _OPEN, 200)

    @blueprint.post("/<token>")
    def take(token: str) -> Response:
        with database.write() as connection:
            found = _find(connection, lookup, token, now())
            first = (
                found is not None
                and not _is_over(found)
                and acknowledge(connection, now(), found.id, contact_id=found.contact_id)
            )
        if found is None:
            return _html(_UNKNOWN, 404)
        return _html(_TAKEN if first else _OVER, 200)

    return blueprint


def _find(connection: Connection, lookup: Lookup, token: str, now: dt.datetime) -> Any:
    uid = link.sending_of(lookup, token)
    if uid is None:
        return None
    wanted = select(Alert.__table__, AlertSending.contact_id).join(AlertSending, AlertSending.alert_id == Alert.id)
    return connection.execute(
        wanted.where(AlertSending.uid == uid, AlertSending.created_at > now - VALID)
    ).one_or_none()


def _is_over(alert: Any) -> bool:
    return alert.acknowledged_at is not None or alert.settled_at is not None


def _html(content: str, status: int) -> Response:
    return plain_page("呼び出し", "Alert", content, status)
