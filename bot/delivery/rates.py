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
    filled_at: float
    """Until when the level has been reckoned; in a pause, when that ends."""
    level: float = 0.0
    """Calls that may be made at once; below nothing so many have been promised to those who wait."""
    slowed_at: float = float("-inf")
    pause: float = 0.0
    pace: float = 1.0

    def take(self, now: float, share: float, patience: float) -> float | None:
        """Take one call of this process's share; return in how many seconds it may be made, None when that is too late."""
        passed = max(0.0, now - self.filled_at)
        self.pace = min(1.0, self.pace + passed * _PACE_REGAINED_PER_SECOND)
        rate = self.rate * self.pace * share
        self.level = min(rate * BURST_SECONDS, self.level + passed * rate)
        self.filled_at = max(now, self.filled_at)
        seconds = self.filled_at - now + max(0.0, 1 - self.level) / rate
        if seconds > patience:
            return None
        self.level -= 1
        return seconds

    def slow(self, now: float) -> None:
        """Stop for a moment, then go on at half the pace; what was promised is promised no longer."""
        if now < self.slowed_at + self.pause:
            return  # the same overflow, seen by several workers
        calm = now - self.slowed_at - self.pause > CALM_SECONDS
        self.pause = FIRST_PAUSE if calm else min(self.pause * 2, LONGEST_PAUSE)
        self.slowed_at = now
        self.pace = max(_LEAST_PACE, self.pace / 2)
        self.filled_at = now + self.pause
        self.level = 1.0  # the first to go on tries whether LINE takes calls again


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
            asked_at = self._monotonic()
            seconds = self.take(channel, endpoint, deadline - asked_at)
            if seconds is None:
                return False
            if seconds > 0:
                time.sleep(seconds)
            if self._bucket(channel, endpoint).slowed_at <= asked_at:
                return True

    def take(self, channel: str, endpoint: str, patience: float) -> float | None:
        """Take one call; return in how many seconds it may be made, None (and none taken) when that is more than `patience`.

        Each is promised a moment of its own, in the order of asking, so that many who wait need not ask again and again.
        """
        with self._lock:
            return self._bucket(channel, endpoint).take(self._monotonic(), self._share(endpoint), patience)

    def slow(self, channel: str, endpoint: str) -> None:
        """Take note of a 429: everybody in this process who uses that endpoint of that channel slows down."""
        with self._lock:
            self._bucket(channel, endpoint).slow(self._monotonic())

    def _bucket(self, channel: str, endpoint: str) -> _Bucket:
        bucket = self._buckets.get((channel, endpoint))
        if bucket is None:
            fresh = _Bucket(PER_SECOND[endpoint], filled_at=self._monotonic() - BURST_SECONDS)
            bucket = self._buckets.setdefault((channel, endpoint), fresh)
        return bucket
