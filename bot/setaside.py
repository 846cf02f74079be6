"""What is kept of an event that our own code could not apply: encrypted, with its flow, by which its service's staff see it."""

from __future__ import annotations

import datetime as dt
from typing import Any

import orjson
from sqlalchemy import Connection, select

from bot.crypto import Vault
from bot.flow import press
from bot.flow.book import Book
from bot.line.events import Event
from bot.logs import place_of
from bot.models import Conversation, SealedBytes

RAW = "failed_events.raw"


def failed_row(
    connection: Connection,
    vault: Vault,
    book: Book,
    event: Event,
    channel_id: int,
    resident_id: int,
    error: Exception,
    now: dt.datetime,
) -> dict[str, Any]:
    """Return the row of a failed event; of the error only its class and place, never its message."""
    return {
        "channel_id": channel_id,
        "event_id": event.id,
        "resident_id": resident_id,
        "flow": flow_of(connection, book, event, resident_id),
        "raw": SealedBytes.seal(vault, RAW, event.id, orjson.dumps(event.raw)),
        "error": type(error).__name__[:120],
        "place": place_of(error),
        "failed_at": now,
    }


def flow_of(connection: Connection, book: Book, event: Event, resident_id: int) -> str | None:
    """Return the flow an event is about: that of the button, of the running talk, or the one its words would have begun."""
    pressed = press.read(str(event.postback.get("data") or ""))
    if pressed is not None and pressed.flow:
        return pressed.flow[:80]
    said = pressed.value if pressed is not None and pressed.verb == press.AREA else event.text
    running = select(Conversation.flow).where(Conversation.resident_id == resident_id)
    flow: str | None = connection.execute(running).scalar_one_or_none()
    return flow or (None if said is None else book.flow_for(said))
