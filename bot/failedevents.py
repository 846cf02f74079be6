"""Failed events as staff handle them: listed without content, opened by those of their service, run again once it is mended."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, Select, delete, select, update

from bot.conversation import Talks
from bot.crypto import Vault
from bot.db import Database
from bot.groupcommit import Later
from bot.incoming import Incoming, Reaction
from bot.line.events import Event
from bot.logs import place_of
from bot.models import AppliedEvent, Channel, FailedEvent, Resident
from bot.setaside import RAW

log = structlog.get_logger(__name__)

_failed: Any = FailedEvent.__table__


class Rerun(StrEnum):
    """What came of running an event again."""

    APPLIED = "applied"
    FAILED = "failed"
    BUSY = "busy"
    GONE = "gone"


class _Busy(Exception):
    """The resident is in the hands of another transaction: try again in a moment."""


def listed() -> Select[Any]:
    """Return the question for failed events without their content, with the resident's `reference` and the `channel`'s name."""
    names = ("id", "flow", "error", "place", "failed_at", "event_id")
    return (
        select(*(_failed.c[name] for name in names), Resident.reference, Channel.name.label("channel"))
        .join(Channel, Channel.id == _failed.c.channel_id)
        .outerjoin(Resident, Resident.id == _failed.c.resident_id)
    )


def one(connection: Connection, id_: int) -> Any:
    """Return a failed event without its content, None when it is there no more."""
    return connection.execute(listed().where(_failed.c.id == id_)).one_or_none()


def content(connection: Connection, vault: Vault, id_: int) -> Mapping[str, Any]:
    """Return LINE's object. Raises LookupError, CannotOpen. Whoever calls this records that it was opened, before."""
    row = connection.execute(select(_failed.c.event_id, _failed.c.raw).where(_failed.c.id == id_)).one_or_none()
    if row is None:
        raise LookupError(f"there is no failed event {id_}")
    raw: Mapping[str, Any] = orjson.loads(vault.open(RAW, row.event_id, row.raw))
    return raw


def run_again(
    database: Database, vault: Vault, talks: Talks, send: Callable[[Reaction], None], id_: int, now: dt.datetime
) -> Rerun:
    """Apply a failed event once more, as if it had just come; its reply goes as a push. Raises CannotOpen.

    All of it is one transaction: either the event is applied and no longer kept, or everything stays, with the new error.
    """
    with database.read() as connection:
        found = select(_failed, Channel.name.label("channel"), Resident.line_user_id)
        found = found.join(Channel, Channel.id == _failed.c.channel_id)
        found = found.join(Resident, Resident.id == _failed.c.resident_id).where(_failed.c.id == id_)
        row = connection.execute(found).one_or_none()
    if row is None:
        return Rerun.GONE
    raw = orjson.loads(vault.open(RAW, row.event_id, row.raw))
    # Its token was used up by the apology, or is too old.
    raw = {name: value for name, value in raw.items() if name != "replyToken"} | {"webhookEventId": row.event_id}
    incoming = Incoming(row.channel_id, row.channel, row.line_user_id, Event(raw), now)
    try:
        with database.write() as connection:
            reaction = _apply(connection, talks, id_, incoming)
    except _Busy:
        return Rerun.BUSY
    except Exception as error:  # noqa: BLE001 - whatever our own code does with it is what staff want to know
        log.error("event.failed", event_id=row.event_id, error=type(error).__name__, place=place_of(error))
        with database.write() as connection:
            said = {"error": type(error).__name__[:120], "place": place_of(error)}
            connection.execute(update(_failed).where(_failed.c.id == id_).values(said))
        return Rerun.FAILED
    if reaction is None:
        return Rerun.GONE
    send(reaction)
    return Rerun.APPLIED


def _apply(connection: Connection, talks: Talks, id_: int, incoming: Incoming) -> Reaction | None:
    gone = delete(_failed).where(_failed.c.id == id_).returning(_failed.c.id)
    if connection.execute(gone).first() is None:
        return None
    claim = (AppliedEvent.channel_id == incoming.channel_id, AppliedEvent.event_id == incoming.event.id)
    connection.execute(delete(AppliedEvent).where(*claim))
    [reaction] = talks.apply(connection, [incoming])
    if isinstance(reaction, Later):
        raise _Busy
    return reaction
