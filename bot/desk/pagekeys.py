"""Keys of the secure page: a short-lived link that works once, and the session of the browser that used it."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Any

from sqlalchemy import Connection, delete, insert, select

from bot.crypto import Lookup
from bot.desk.states import Mode
from bot.flow.book import Book
from bot.flow.program import HandoffOp
from bot.models import Office, PageKey

PATH = "/talk"
LINK_VALID = dt.timedelta(minutes=10)
SESSION_VALID = dt.timedelta(hours=12)
_LINK, _SESSION = "link", "session"
_PURPOSE = {_LINK: "secure page link", _SESSION: "secure page session"}
_keys: Any = PageKey.__table__
_offices: Any = Office.__table__


def talked_on_page(connection: Connection, book: Book, flow: str) -> bool:
    """Tell whether all open offices to which `flow` leads talk on the secure page."""
    program = book.programs.get(flow)
    queues = {op.queue for op in program.ops if isinstance(op, HandoffOp)} if program else set()
    names = [name for name, office in book.offices.items() if office.queue in queues]
    modes = select(_offices.c.mode).where(_offices.c.key.in_(names), _offices.c.mode.is_not(None))
    found = set(connection.execute(modes).scalars())
    return found == {Mode.PAGE.value}


def make_link(
    connection: Connection, lookup: Lookup, resident_id: int, flow: str, public_url: str, now: dt.datetime
) -> str:
    """Return a fresh address; one made before no longer works."""
    mine = (_keys.c.resident_id == resident_id, _keys.c.kind == _LINK)
    connection.execute(delete(_keys).where(*mine))
    secret = _new(connection, lookup, _LINK, resident_id, flow, now + LINK_VALID)
    return f"{public_url.rstrip('/')}{PATH}/{secret}"


def use_link(connection: Connection, lookup: Lookup, secret: str, now: dt.datetime) -> str | None:
    """Use a link up and return the secret of a new session; None for one that was used, is too old or never was."""
    statement = delete(_keys).where(*_that(lookup, _LINK, secret, now))
    row = connection.execute(statement.returning(_keys.c.resident_id, _keys.c.flow)).one_or_none()
    if row is None:
        return None
    return _new(connection, lookup, _SESSION, row.resident_id, row.flow, now + SESSION_VALID)


def session(connection: Connection, lookup: Lookup, secret: str, now: dt.datetime) -> Any:
    """Return whose session it is (`resident_id`, `flow`), None for none."""
    statement = select(_keys.c.resident_id, _keys.c.flow).where(*_that(lookup, _SESSION, secret, now))
    return connection.execute(statement).one_or_none()


def end_session(connection: Connection, lookup: Lookup, secret: str) -> None:
    """Forget a session."""
    connection.execute(delete(_keys).where(_keys.c.digest.in_(lookup.digests(_PURPOSE[_SESSION], secret))))


def form_token(lookup: Lookup, secret: str) -> str:
    """Return what a form of this session must bring along."""
    return lookup.digest("secure page form", secret).hex()


def _that(lookup: Lookup, kind: str, secret: str, now: dt.datetime) -> tuple[Any, ...]:
    return _keys.c.kind == kind, _keys.c.digest.in_(lookup.digests(_PURPOSE[kind], secret)), _keys.c.expires_at > now


def _new(
    connection: Connection, lookup: Lookup, kind: str, resident_id: int, flow: str, expires_at: dt.datetime
) -> str:
    secret = secrets.token_urlsafe(24)
    digest = lookup.digest(_PURPOSE[kind], secret)
    row = {"digest": digest, "kind": kind, "resident_id": resident_id, "flow": flow, "expires_at": expires_at}
    connection.execute(insert(_keys), row)
    return secret
