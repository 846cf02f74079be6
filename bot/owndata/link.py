"""One-time addresses at which a resident fetches their own data: a secret of 192 bits, of which only a keyed digest is kept."""

from __future__ import annotations

import datetime as dt
import secrets

from sqlalchemy import Connection, delete, insert

from bot.crypto import Lookup
from bot.models import DownloadLink

PATH = "/own-data"
VALID = dt.timedelta(minutes=10)
_PURPOSE = "own data link"


def make(connection: Connection, lookup: Lookup, resident_id: int, public_url: str, now: dt.datetime) -> str:
    """Return a fresh address; one made before no longer works."""
    secret = secrets.token_urlsafe(24)
    connection.execute(delete(DownloadLink).where(DownloadLink.resident_id == resident_id))
    row = {"digest": lookup.digest(_PURPOSE, secret), "resident_id": resident_id, "expires_at": now + VALID}
    connection.execute(insert(DownloadLink), row)
    return f"{public_url.rstrip('/')}{PATH}/{secret}"


def use(connection: Connection, lookup: Lookup, secret: str, now: dt.datetime) -> int | None:
    """Return whose data the address opens and use it up; None for one that was used, is too old or never was."""
    statement = delete(DownloadLink).where(
        DownloadLink.digest.in_(lookup.digests(_PURPOSE, secret)), DownloadLink.expires_at > now
    )
    return connection.execute(statement.returning(DownloadLink.resident_id)).scalar_one_or_none()
