"""Tolerant views of webhook events: LINE may add event types, message types and properties without notice.

Nothing here raises for an event it does not know; what a newer LINE sends is kept in `raw` and treated as "something else".
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from bot.lazy import lazy

JsonObject = Mapping[str, Any]

USER_ID_LENGTH = 80
"""Characters: an ordinary user id has 33, one seen through a module channel 68."""

EVENT_ID_LENGTH = 64
MESSAGE_ID_LENGTH = 64
IMAGE_SET_ID_LENGTH = 80
MANY_IMAGES = 1000
FILES = frozenset({"image", "video", "audio", "file"})
DEPTH_SURE = 250
"""With no more brackets than this a body cannot be nested too deeply to be written again."""

_YEAR_10000 = 253_402_300_800_000


class UnreadableBody(ValueError):
    """A correctly signed webhook body is not what LINE sends; the sender is answered 400 and nothing is stored."""


@dataclass(frozen=True)
class Event:
    """One webhook event: `raw` is LINE's object, the properties are what of it is safe to use.

    Source: Messaging API reference, "Webhook Event Objects".
    """

    raw: JsonObject

    @lazy
    def id(self) -> str:
        """Return `webhookEventId`; an event without a usable one is named by its content, so that a copy of it is still a copy."""
        given = _name(self.raw.get("webhookEventId"), EVENT_ID_LENGTH)
        return given or hashlib.sha256(orjson.dumps(self.raw)).hexdigest()

    @lazy
    def type(self) -> str:
        """Return the event type, "" when it has none."""
        return _text(self.raw.get("type")) or ""

    @lazy
    def user_id(self) -> str | None:
        """Return who acted, when LINE says so."""
        return _name(_object(self.raw.get("source")).get("userId"), USER_ID_LENGTH)

    @lazy
    def group_id(self) -> str | None:
        """Return the group or room the event happened in; None in a chat between one resident and the account."""
        source = _object(self.raw.get("source"))
        return _text(source.get("groupId")) or _text(source.get("roomId"))

    @lazy
    def in_room(self) -> bool:
        """Tell whether it happened in a room (a chat of several without a name) and not in a group."""
        return _object(self.raw.get("source")).get("type") == "room"

    @lazy
    def timestamp(self) -> int:
        """Return when it happened, in milliseconds since 1970; 0 when LINE did not say."""
        given = self.raw.get("timestamp")
        return int(given) if isinstance(given, int | float) and 0 <= given < _YEAR_10000 else 0

    @lazy
    def reply_token(self) -> str | None:
        """Return the token a reply would use; standby events and some others have none."""
        return None if self.sample else _text(self.raw.get("replyToken"))

    @lazy
    def sample(self) -> bool:
        """Tell whether it is one of the made-up events of an old verify call: nobody is behind it."""
        token = _text(self.raw.get("replyToken"))
        return token is not None and set(token) in ({"0"}, {"f"})

    @lazy
    def standby(self) -> bool:
        """Tell whether another module holds the chat, in which case nothing may be sent."""
        return self.raw.get("mode") == "standby"

    @lazy
    def redelivered(self) -> bool:
        """Tell whether LINE sends this event again because an earlier copy was not answered with 200."""
        return _object(self.raw.get("deliveryContext")).get("isRedelivery") is True

    @lazy
    def message(self) -> JsonObject:
        """Return the message of a message event, {} otherwise."""
        return _object(self.raw.get("message"))

    @lazy
    def text(self) -> str | None:
        """Return the text of a text message."""
        if self.type != "message" or self.message.get("type") != "text":
            return None
        return _text(self.message.get("text"))

    @lazy
    def message_id(self) -> str | None:
        """Return LINE's id of the message of a message event."""
        return _name(self.message.get("id"), MESSAGE_ID_LENGTH) if self.type == "message" else None

    @lazy
    def has_content(self) -> bool:
        """Tell whether LINE keeps a file for the message; one that lies elsewhere is never fetched with our token."""
        if self.message_id is None or self.message.get("type") not in FILES:
            return False
        return self.message.get("type") == "file" or _object(self.message.get("contentProvider")).get("type") == "line"

    @lazy
    def image_set_id(self) -> str | None:
        """Return by what pictures chosen together know each other; they come in any order, and index and total may be absent."""
        return _name(_object(self.message.get("imageSet")).get("id"), IMAGE_SET_ID_LENGTH)

    @lazy
    def image_set_total(self) -> int | None:
        """Return how many pictures were chosen together, where LINE says so."""
        total = _object(self.message.get("imageSet")).get("total")
        return total if isinstance(total, int) and 0 < total < MANY_IMAGES else None

    @lazy
    def unsent_id(self) -> str | None:
        """Return the id of the message that an unsend event takes back."""
        return _name(_object(self.raw.get("unsend")).get("messageId"), MESSAGE_ID_LENGTH)

    @lazy
    def postback(self) -> JsonObject:
        """Return the postback of a postback event, {} otherwise."""
        return _object(self.raw.get("postback"))

    @lazy
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
        payload = _with_halved_characters(body)
    if not isinstance(payload, dict):
        raise UnreadableBody("the body is no JSON object")
    events = payload.get("events", [])
    if not isinstance(events, list):
        raise UnreadableBody("events is no list")
    raws = [raw for raw in events if isinstance(raw, dict)]
    if body.count(b"{") + body.count(b"[") > DEPTH_SURE:
        _refuse_depth(raws)
    return Webhook(_name(payload.get("destination"), USER_ID_LENGTH), tuple(Event(raw) for raw in raws))


def _with_halved_characters(body: bytes) -> Any:
    """Read a body once more in which a character may be cut in half (a lone surrogate): a question mark stands for it."""
    try:
        text = json.dumps(json.loads(body.decode()), ensure_ascii=False)
        return orjson.loads(text.encode("utf-8", "replace"))
    except (ValueError, RecursionError):
        raise UnreadableBody("the body is no JSON") from None


def _refuse_depth(raws: Sequence[JsonObject]) -> None:
    try:
        orjson.dumps(raws)
    except orjson.JSONEncodeError:
        raise UnreadableBody("an event is nested too deeply") from None


def _object(value: Any) -> JsonObject:
    return value if isinstance(value, dict) else {}


def _name(value: Any, length: int) -> str | None:
    """Return an identifier; None for what no database could keep as one."""
    name = _text(value)
    return None if name is None or len(name) > length or "\0" in name else name


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None
