"""Tolerant views of webhook events: LINE may add event types, message types and properties without notice.

Nothing here raises for an event it does not know; what a newer LINE sends is kept in `raw` and treated as "something else".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import orjson

JsonObject = Mapping[str, Any]


class UnreadableBody(ValueError):
    """A correctly signed webhook body is not what LINE sends; the sender is answered 400 and nothing is stored."""


@dataclass(frozen=True)
class Event:
    """One webhook event: `raw` is LINE's object, the properties are what of it is safe to use.

    Source: Messaging API reference, "Webhook Event Objects".
    """

    raw: JsonObject

    @cached_property
    def id(self) -> str:
        """Return `webhookEventId`; an event without one is named by its content, so that a copy of it is still a copy."""
        given = _text(self.raw.get("webhookEventId"))
        return given[:64] if given else hashlib.sha256(orjson.dumps(self.raw)).hexdigest()

    @cached_property
    def type(self) -> str:
        """Return the event type, "" when it has none."""
        return _text(self.raw.get("type")) or ""

    @cached_property
    def user_id(self) -> str | None:
        """Return who acted, when LINE says so."""
        return _text(_object(self.raw.get("source")).get("userId"))

    @cached_property
    def group_id(self) -> str | None:
        """Return the group or room the event happened in; None in a chat between one resident and the account."""
        source = _object(self.raw.get("source"))
        return _text(source.get("groupId")) or _text(source.get("roomId"))

    @cached_property
    def timestamp(self) -> int:
        """Return when it happened, in milliseconds since 1970; 0 when LINE did not say."""
        given = self.raw.get("timestamp")
        return int(given) if isinstance(given, int | float) and 0 <= given < 1e15 else 0

    @cached_property
    def reply_token(self) -> str | None:
        """Return the token a reply would use; standby events and some others have none."""
        token = _text(self.raw.get("replyToken"))
        return None if token is None or set(token) <= {"0", "f"} else token

    @cached_property
    def standby(self) -> bool:
        """Tell whether another module holds the chat, in which case nothing may be sent."""
        return self.raw.get("mode") == "standby"

    @cached_property
    def redelivered(self) -> bool:
        """Tell whether LINE sends this event again because an earlier copy was not answered with 200."""
        return _object(self.raw.get("deliveryContext")).get("isRedelivery") is True

    @cached_property
    def message(self) -> JsonObject:
        """Return the message of a message event, {} otherwise."""
        return _object(self.raw.get("message"))

    @cached_property
    def text(self) -> str | None:
        """Return the text of a text message, with lone surrogates (which nothing can encode) replaced."""
        if self.type != "message" or self.message.get("type") != "text":
            return None
        return _text(self.message.get("text"))

    @cached_property
    def postback(self) -> JsonObject:
        """Return the postback of a postback event, {} otherwise."""
        return _object(self.raw.get("postback"))

    @cached_property
    def unblocked(self) -> bool:
        """Tell whether a follow lifted a block; LINE does not guarantee it."""
        return _object(self.raw.get("follow")).get("isUnblocked") is True


@dataclass(frozen=True, slots=True)
class Webhook:
    """One webhook body: whose (`destination`, None in old verify calls) and which events."""

    destination: str | None
    events: tuple[Event, ...]


def read_webhook(body: bytes) -> Webhook:
    """Read a webhook body. Raises UnreadableBody when it is no JSON object with a list of event objects."""
    try:
        payload = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise UnreadableBody("the body is no JSON") from None
    if not isinstance(payload, dict):
        raise UnreadableBody("the body is no JSON object")
    events = payload.get("events", [])
    if not isinstance(events, list):
        raise UnreadableBody("events is no list")
    return Webhook(_text(payload.get("destination")), tuple(Event(raw) for raw in events if isinstance(raw, dict)))


def _object(value: Any) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
