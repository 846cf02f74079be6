"""What stands in a chat: the messages of both sides, read marks and the loading dots."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any

MESSAGES_KEPT = 500
HAPPENINGS_KEPT = 1_000


@dataclass(eq=False, slots=True)
class Entry:
    """One message in a chat. `sender` is `bot` or a resident's id, `message` LINE's object as sent or as in the webhook.

    `via` is `reply`, `push`, `multicast`, `broadcast`, `narrowcast` or `webhook`.
    """

    id: str
    at: float
    sender: str
    via: str
    message: dict[str, Any]
    request_id: str = ""
    quote_token: str = ""
    read: bool = False
    unsent: bool = False
    edited: bool = False
    silent: bool = False

    def as_json(self) -> dict[str, Any]:
        """Return the entry for page and tests; an unsent message has lost its content."""
        return {
            "id": self.id,
            "at": self.at,
            "from": self.sender,
            "via": self.via,
            "message": {"type": self.message["type"]} if self.unsent else self.message,
            "request_id": self.request_id,
            "quote_token": self.quote_token,
            "read": self.read,
            "unsent": self.unsent,
            "edited": self.edited,
            "silent": self.silent,
        }


@dataclass(frozen=True, slots=True)
class Happening:
    """What happened in a chat beside its messages; `id` puts it in order with them.

    `kind` is `press` (`data`, `params`, the text `shown`), `follow` (`again`) or `note`: what a bot in development tells
    about itself.
    """

    id: str
    at: float
    kind: str
    detail: dict[str, Any]


@dataclass(eq=False, slots=True)
class Chat:
    """A bot's chat with a user (`kind` user), in a group or in a room; `id` is theirs."""

    channel: str
    kind: str
    id: str
    entries: deque[Entry] = field(default_factory=lambda: deque[Entry](maxlen=MESSAGES_KEPT))
    happenings: deque[Happening] = field(default_factory=lambda: deque[Happening](maxlen=HAPPENINGS_KEPT))
    loading_until: float = 0.0
    standby: bool = False

    def find(self, message_id: str) -> Entry | None:
        """Return the message with this id while it is kept."""
        return next((entry for entry in reversed(self.entries) if entry.id == message_id), None)

    def as_json(self) -> dict[str, Any]:
        """Return the chat with its messages, oldest first."""
        return {
            "channel": self.channel,
            "kind": self.kind,
            "id": self.id,
            "loading_until": self.loading_until,
            "standby": self.standby,
            "messages": [entry.as_json() for entry in self.entries],
            "happenings": [asdict(happening) for happening in self.happenings],
        }
