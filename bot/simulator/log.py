"""The two records a tester reads: every exchange on the wire, and every send that was accepted."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any

import orjson

EXCHANGES_KEPT = 2_000
SENDS_KEPT = 100_000
BODY_SHOWN = 65_536


@dataclass(slots=True)
class Exchange:
    """One HTTP request with its answer: the bot's call of the API, or our call of the bot's webhook.

    `kind` is `api` or `webhook`; `status` 0 means that no answer was given or got, `outcome` says why.
    """

    kind: str
    at: float
    method: str
    url: str
    request_headers: list[tuple[str, str]]
    request_body: bytes
    number: int = 0
    channel: str = ""
    status: int = 0
    response_headers: list[tuple[str, str]] = field(default_factory=list)
    response_body: bytes = b""
    outcome: str = ""
    fault: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the exchange with bodies as text, cut at 64 KiB."""
        return {
            "number": self.number,
            "kind": self.kind,
            "at": self.at,
            "channel": self.channel,
            "method": self.method,
            "url": self.url,
            "request": {"headers": self.request_headers, "body": _text(self.request_body)},
            "status": self.status,
            "response": {"headers": self.response_headers, "body": _text(self.response_body)},
            "outcome": self.outcome,
            "fault": self.fault,
        }


@dataclass(slots=True)
class Send:
    """A send LINE accepted: `to` are the addressees, `delivered` the chats in which the messages really appeared."""

    number: int
    at: float
    channel: str
    kind: str
    to: list[str]
    messages: list[dict[str, Any]]
    request_id: str
    retry_key: str | None
    reply_token: str | None
    message_ids: list[str]
    delivered: list[str]
    fault: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return the send as plain data."""
        return asdict(self)


class TrafficLog:
    """The latest exchanges, newest last."""

    def __init__(self) -> None:
        self._exchanges: deque[Exchange] = deque(maxlen=EXCHANGES_KEPT)
        self.total = 0

    def add(self, exchange: Exchange) -> None:
        """Append an exchange and number it."""
        self.total += 1
        exchange.number = self.total
        self._exchanges.append(exchange)

    def __iter__(self) -> Iterator[Exchange]:
        return iter(list(self._exchanges))

    def find(self, number: int) -> Exchange | None:
        """Return the exchange with this number while it is kept."""
        return next((exchange for exchange in self._exchanges if exchange.number == number), None)

    def search(self, text: str = "", kind: str = "", since: int = 0, limit: int = 200) -> list[Exchange]:
        """Return the latest `limit` exchanges after number `since` that contain `text` anywhere (case-insensitive)."""
        needle = text.casefold()
        found: list[Exchange] = []
        for exchange in reversed(self._exchanges):
            if exchange.number <= since or len(found) >= limit:
                break
            if (not kind or exchange.kind == kind) and (not needle or needle in _haystack(exchange)):
                found.append(exchange)
        found.reverse()
        return found


class SendLog:
    """The latest accepted sends, newest last."""

    def __init__(self) -> None:
        self._sends: deque[Send] = deque(maxlen=SENDS_KEPT)
        self.total = 0

    def add(self, send: Send) -> None:
        """Append a send and number it."""
        self.total += 1
        send.number = self.total
        self._sends.append(send)

    def since(self, number: int = 0, limit: int = SENDS_KEPT) -> list[Send]:
        """Return up to `limit` sends after `number`, oldest first."""
        newer = len(self._sends) - max(0, self.total - number)
        kept = list(self._sends)[max(0, newer) :]
        return kept[:limit]


def _text(body: bytes) -> str:
    return body[:BODY_SHOWN].decode("utf-8", "replace")


def _haystack(exchange: Exchange) -> str:
    head = f"{exchange.method} {exchange.url} {exchange.status} {exchange.outcome} {exchange.fault} {exchange.channel}"
    headers = " ".join(f"{name}: {value}" for name, value in [*exchange.request_headers, *exchange.response_headers])
    return f"{head} {headers} {_readable(exchange.request_body)} {_readable(exchange.response_body)}".casefold()


# Many clients write Japanese as \uXXXX; people search for the words.
def _readable(body: bytes) -> str:
    if b"\\u" not in body:
        return _text(body)
    try:
        return orjson.dumps(orjson.loads(body)).decode()
    except orjson.JSONDecodeError:
        return _text(body)
