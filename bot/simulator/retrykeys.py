"""`X-Line-Retry-Key`: the same key within 24 hours is answered 409 with what was accepted the first time."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from bot.simulator.errors import LineError

VALID_FOR = 24 * 3600.0
KEPT = 200_000
UUID = re.compile(r"[0-9a-fA-F]{8}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{4}-?[0-9a-fA-F]{12}")


@dataclass(slots=True)
class Accepted:
    """The first request with a key: when, its request id, and for push the `sentMessages` it was answered with."""

    at: float
    request_id: str
    sent_messages: list[dict[str, Any]] | None


class RetryKeys:
    """The keys of all channels, each for its day."""

    def __init__(self) -> None:
        self._keys: OrderedDict[tuple[str, str], Accepted] = OrderedDict()

    def check(self, channel: str, key: str | None, now: float) -> None:
        """Refuse a malformed key (400) and one already accepted within 24 hours (409)."""
        if key is None:
            return
        if not UUID.fullmatch(key):
            raise LineError(400, "The retry key is invalid: X-Line-Retry-Key must be a UUID in hexadecimal notation")
        accepted = self._keys.get((channel, key.lower()))
        if accepted is not None and now - accepted.at < VALID_FOR:
            raise LineError(
                409,
                "The retry key is already accepted",
                extra={} if accepted.sent_messages is None else {"sentMessages": accepted.sent_messages},
                headers=(("x-line-accepted-request-id", accepted.request_id),),
            )

    def accept(
        self, channel: str, key: str | None, now: float, request_id: str, sent: list[dict[str, Any]] | None
    ) -> None:
        """Remember an accepted request."""
        if key is None:
            return
        self._keys.pop((channel, key.lower()), None)
        self._keys[channel, key.lower()] = Accepted(now, request_id, sent)
        while len(self._keys) > KEPT:
            self._keys.popitem(last=False)

    def clear(self) -> None:
        """Forget all keys."""
        self._keys.clear()
