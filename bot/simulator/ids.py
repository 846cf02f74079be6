"""Identifiers in the shapes LINE gives them."""

from __future__ import annotations

import base64
import random
import uuid

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class Ids:
    """Makes ids from a source of randomness; message ids grow, as LINE's do."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self.last_message = 0

    def hex(self, prefix: str = "") -> str:
        """Return `prefix` and 32 hex digits: user (`U`), group (`C`), room (`R`) ids and reply tokens."""
        return f"{prefix}{self._rng.getrandbits(128):032x}"

    def uuid(self) -> str:
        """Return a random UUID, as in `x-line-request-id`."""
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4))

    def ulid(self, now: float) -> str:
        """Return a ULID for the epoch second `now`, as in `webhookEventId`."""
        value = (int(now * 1000) << 80) | self._rng.getrandbits(80)
        return "".join(CROCKFORD[(value >> shift) & 31] for shift in range(125, -1, -5))

    def message(self, now: float) -> str:
        """Return the next message id, 18 digits that grow with the epoch second `now`."""
        self.last_message = max(self.last_message + 1, int(now * 1000) * 100_000)
        return str(self.last_message)

    def opaque(self, length: int) -> str:
        """Return `length` URL-safe characters: quote tokens, access tokens, link tokens."""
        return base64.urlsafe_b64encode(self._rng.randbytes(length * 3 // 4 + 1))[:length].decode()
