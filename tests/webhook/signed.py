"""Webhooks as bytes of our own, signed like LINE's: for what LINE's stand-in would never send."""

from __future__ import annotations

import base64
import hashlib
import hmac
import http.client
import json
import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
PATH = "/line/webhook"
SECONDS = 60.0


def signature(secret: str, body: bytes) -> str:
    """Return LINE's `x-line-signature` of the raw body."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


@dataclass(frozen=True, slots=True)
class Signer:
    """Somebody who holds a channel secret and knows the bot's user id (`destination`, None to leave it out)."""

    port: int
    secret: str
    destination: str | None

    def deliver(self, *events: Any) -> int:
        """Post events in one webhook and return the status."""
        return self.post(self.pack(*events))

    def pack(self, *events: Any) -> bytes:
        """Return the raw body of a webhook."""
        named = {} if self.destination is None else {"destination": self.destination}
        return json.dumps({**named, "events": list(events)}, ensure_ascii=False).encode()

    def post(self, body: bytes, content_type: str = "application/json; charset=utf-8") -> int:
        """Post any bytes, correctly signed, and return the status."""
        return self.post_with([("X-Line-Signature", signature(self.secret, body))], body, content_type)

    def post_with(
        self, headers: Iterable[tuple[str, str | bytes]], body: bytes, content_type: str = "application/json"
    ) -> int:
        """Post any bytes with any headers, in their order and as often as given, and return the status."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=SECONDS)
        try:
            connection.putrequest("POST", PATH)
            connection.putheader("Content-Type", content_type)
            connection.putheader("Content-Length", str(len(body)))
            for name, value in headers:
                connection.putheader(name, value)
            connection.endheaders(body)
            return connection.getresponse().status
        finally:
            connection.close()


def event(user_id: str | None, kind: str = "message", **more: Any) -> Json:
    """Return an event as LINE writes it; without a reply token, so that it is answered by a push the stand-in takes."""
    return {
        "type": kind,
        "mode": "active",
        "timestamp": int(time.time() * 1000),
        "source": {"type": "user", "userId": user_id},
        "webhookEventId": uuid.uuid4().hex[:26].upper(),
        "deliveryContext": {"isRedelivery": False},
        **more,
    }


def text(user_id: str | None, words: str, **more: Any) -> Json:
    """Return the event of a text message."""
    return event(user_id, message={"type": "text", "id": "1", "quoteToken": "q", "text": words}, **more)
