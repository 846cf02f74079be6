"""The page behind a one-time address: looking at it changes nothing (previews look too), pressing the button uses it up."""

from __future__ import annotations

import datetime as dt
import tempfile
from collections.abc import Callable

from flask import Blueprint, Response, send_file
from sqlalchemy import Connection, select
from werkzeug.wrappers import Response as AnyResponse

from bot.crypto import Lookup
from bot.db import Database
from bot.models import Resident
from bot.now import Now
from bot.owndata import archive, link
from bot.owndata.collect import collect
from bot.plainpage import HEADERS, plain_page
from bot.service import ActionContext, Caller

MakeContext = Callable[[Connection, Caller, dt.datetime], ActionContext]

_READY = """<p>下のボタンを押すと、保存されている内容を1つのファイル（ZIP）で受け取れます。受け取れるのは1回だけです。</p>
<p lang="en">Press the button to download what is stored about you, as one ZIP file. It works once.</p>
<form method="post"><button type="submit">受け取る <span lang="en">/ Download</span></button></form>"""
_OVER = """<p>このアドレスはもう使えません。LINEで「自分のデータ」と送ると、新しいものをお作りします。</p>
<p lang="en">This address no longer works. Send “my data” on LINE to get a new one.</p>"""


def own_data_page(database: Database, lookup: Lookup, make_context: MakeContext, now: Now) -> Blueprint:
    """Return the pages below /own-data."""
    blueprint = Blueprint("own_data", __name__, url_prefix=link.PATH)

    @blueprint.get("/<secret>")
    def ready(secret: str) -> Response:
        del secret
        return _html(_READY, 200)

    @blueprint.post("/<secret>")
    def download(secret: str) -> AnyResponse:
        with database.write() as connection:
            resident_id = link.use(connection, lookup, secret, now())
        if resident_id is None:
            return _html(_OVER, 410)
        target = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
        with database.read() as connection:
            row = connection.execute(select(Resident).where(Resident.id == resident_id)).one()
            context = make_context(connection, Caller(row.id, row.channel_id, row.reference, row.language), now())
            archive.write(context, collect(context), target)
        target.seek(0)
        answer = send_file(target, "application/zip", as_attachment=True, download_name="my-data.zip", max_age=0)
        answer.headers.update(HEADERS)
        return answer

    return blueprint


def _html(content: str, status: int) -> Response:
    return plain_page("自分のデータ", "My data", content, status)
