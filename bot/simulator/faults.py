"""Faults on demand: what the platform or the network does wrong, for the next n calls of an endpoint or at a rate."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any

KEPT = 200

ERRORS: Mapping[str, tuple[int, str]] = {
    "400": (400, "The request body has 1 error(s)"),
    "401": (
        401,
        "Authentication failed. Confirm that the access token in the authorization header is valid.",
    ),
    "403": (403, "Access to this API is not available for your account"),
    "404": (404, "Not found"),
    "409": (409, "The retry key is already accepted"),
    "410": (410, "Gone"),
    "413": (413, "Payload Too Large"),
    "415": (415, "Unsupported Media Type"),
    "429-rate": (429, "The API rate limit has been exceeded. Try again later."),
    "429-concurrency": (429, "The number of concurrent requests has exceeded the limit. Try again later."),
    "429-monthly": (429, "You have reached your monthly limit."),
    "429-user": (429, "You have sent too many messages to one user. Try again later."),
    "500": (500, "Internal Server Error"),
    "502": (502, "Bad Gateway"),
    "503": (503, "Service Unavailable"),
    "504": (504, "Gateway Timeout"),
}
BEFORE = frozenset({*ERRORS, "html-502", "redirect", "drop-before", "reset", "hang"})
AFTER = frozenset(
    {"drop-after", "500-after", "hang-after", "empty-200", "broken-200", "html-200", "slow", "reset-after"}
)
KINDS = BEFORE | AFTER


@dataclass(eq=False, slots=True)
class Fault:
    """A fault: `endpoint` is a route's name or `*`; `times` calls (None: until cleared), each with chance `rate` 0..1.

    `seconds` is how long a hang or a slow answer takes. Kinds of `AFTER` do what was asked before they go wrong.
    """

    number: int
    kind: str
    endpoint: str = "*"
    channel: str | None = None
    times: int | None = 1
    rate: float = 1.0
    seconds: float = 30.0
    message: str | None = None
    hits: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return the fault as plain data."""
        return {name: getattr(self, name) for name in self.__slots__}


class Faults:
    """The faults in force, first come first hit."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng
        self._numbers = count(1)
        self.active: list[Fault] = []

    def add(
        self,
        kind: str,
        endpoint: str = "*",
        *,
        channel: str | None = None,
        times: int | None = 1,
        rate: float = 1.0,
        seconds: float = 30.0,
        message: str | None = None,
    ) -> Fault:
        """Put a fault in force.

        Raises:
            ValueError: for an unknown kind or a rate outside 0..1.
        """
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}: choose one of {', '.join(sorted(KINDS))}")
        if not 0 <= rate <= 1:
            raise ValueError("rate is a chance from 0 to 1")
        if len(self.active) >= KEPT:
            raise ValueError(f"{KEPT} faults are in force: clear some first")
        fault = Fault(next(self._numbers), kind, endpoint, channel, times, rate, seconds, message)
        self.active.append(fault)
        return fault

    def take(self, endpoint: str, channel: str) -> Fault | None:
        """Return the fault that hits this call, if any."""
        for fault in self.active:
            if fault.endpoint not in {"*", endpoint} or fault.channel not in {None, channel}:
                continue
            if fault.rate < 1 and self._rng.random() >= fault.rate:
                continue
            fault.hits += 1
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.active.remove(fault)
            return fault
        return None

    def clear(self, number: int | None = None) -> None:
        """End one fault, or all."""
        self.active = [fault for fault in self.active if number is not None and fault.number != number]
