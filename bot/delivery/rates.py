"""LINE's rate limits as token buckets: what one process may send now, and how it slows down after a 429.

Source: Messaging API reference, "Rate limits": per channel, endpoint and method. LINE tells no rest and no `Retry-After`.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

PER_SECOND = {"reply": 2000.0, "push": 2000.0, "multicast": 200.0}
MOSTLY = {"reply": ("web", 0.95), "push": ("worker", 0.75)}
"""Endpoints that all live processes use at once: which kind of them does so most, and the part of the rate that these have.

Multicast has one sender at a time.
"""

BURST_SECONDS = 0.5
"""How much of an idle second is kept: LINE's own bucket may be smaller than ours, and requests may arrive closer than they left."""

FIRST_PAUSE, LONGEST_PAUSE = 0.5, 8.0
CALM_SECONDS = 10.0
"""After so long without a 429 the next pause is a short one again."""

_LEAST_PACE, _PACE_REGAINED_PER_SECOND = 0.1, 0.1


@dataclass(slots=True)
class _Bucket:
    rate: float
    level: float = 0.0
    filled_at: float = 0.0
    paused_until: float = 0.0
    pause: float = 0.0
    pace: float = 1.0

    def fill(self, now: float, share: float) -> float:
        """Add what time has brought to this process's share; return the rate in force."""
        passed = now - self.filled_at
        self.pace = min(1.0, self.pace + passed * _PACE_REGAINED_PER_SECOND)
        rate = self.rate * self.pace * share
        self.level = min(rate * BURST_SECONDS, self.level + passed * rate)
        self.filled_at = now
        return rate

    def slow(self, now: float) -> None:
        """Stop for a moment, then go on at half the pace."""
        if now < self.paused_until:
            return  # the same overflow, seen by several workers
        calm = now - self.paused_until > CALM_SECONDS
        self.pause = FIRST_PAUSE if calm else min(self.pause * 2, LONGEST_PAUSE)
        self.paused_until = now + self.pause
        self.pace = max(_LEAST_PACE, self.pace / 2)
        self.level = min(self.level, 0.0)
        self.filled_at = max(self.filled_at, self.paused_until)


def share(endpoint: str, kind: str, at_work: Mapping[str, int]) -> float:
    """Return which part of an endpoint's rate a process of `kind` has, with so many processes of each kind at work.

    Together they have the whole, however they are made up.
    """
    if endpoint not in MOSTLY:
        return 1.0
    main, part = MOSTLY[endpoint]
    mains = at_work.get(main, 0)
    others = sum(at_work.values()) - mains
    if not mains or not others:
        return 1.0 / max(1, mains + others)
    return part / mains if kind == main else (1.0 - part) / others


def whole(_endpoint: str) -> float:
    """Return 1: the share of a process that is alone."""
    return 1.0


class Rates:
    """The buckets of one process. `share` tells which part of an endpoint's rate is its own now."""

    def __init__(self, share: Callable[[str], float] = whole, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._share = share
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._buckets: dict[tuple[str, str], _Bucket] = {}

    def wait(self, channel: str, endpoint: str, patience: float) -> bool:
        """Wait until one call of `endpoint` is allowed; False at once when that would take longer than `patience` seconds."""
        deadline = self._monotonic() + patience
        while True:
            seconds = self.take(channel, endpoint, deadline - self._monotonic())
            if seconds is None:
                return False
            if seconds <= 0:
                return True
            time.sleep(seconds)

    def take(self, channel: str, endpoint: str, patience: float) -> float | None:
        """Take one call out of its bucket and return 0; return in how many seconds to ask again, None when that is too late."""
        with self._lock:
            now = self._monotonic()
            bucket = self._bucket(channel, endpoint, now)
            if now < bucket.paused_until:
                seconds = bucket.paused_until - now
            else:
                rate = bucket.fill(now, self._share(endpoint))
                if bucket.level >= 1:
                    bucket.level -= 1
                    return 0.0
                seconds = (1 - bucket.level) / rate
            return seconds if seconds <= patience else None

    def slow(self, channel: str, endpoint: str) -> None:
        """Take note of a 429: everybody in this process who uses that endpoint of that channel slows down."""
        with self._lock:
            now = self._monotonic()
            self._bucket(channel, endpoint, now).slow(now)

    def _bucket(self, channel: str, endpoint: str, now: float) -> _Bucket:
        bucket = self._buckets.get((channel, endpoint))
        if bucket is None:
            bucket = _Bucket(PER_SECOND[endpoint], filled_at=now - BURST_SECONDS)
            self._buckets[(channel, endpoint)] = bucket
        return bucket
