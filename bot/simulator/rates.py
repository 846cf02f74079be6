"""LINE's rate limits: a token bucket per channel, endpoint and method, whatever the parameters."""

from __future__ import annotations

from dataclasses import dataclass, field

from bot.simulator.errors import LineError

HOUR = 3600.0
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class Rate:
    """So many calls within so many seconds."""

    calls: int
    seconds: float


USUAL = Rate(2000, 1.0)


@dataclass(eq=False, slots=True)
class Rates:
    """The buckets of one channel, filled again as time passes; each holds one period's calls."""

    enforced: bool = True
    _buckets: dict[str, tuple[float, float]] = field(default_factory=dict)

    def take(self, endpoint: str, rate: Rate, now: float) -> None:
        """Take one call out of the endpoint's bucket.

        Raises:
            LineError: 429 when it is empty.
        """
        if not self.enforced:
            return
        level, at = self._buckets.get(endpoint, (float(rate.calls), now))
        level = min(rate.calls, level + (now - at) * rate.calls / rate.seconds)
        if level < 1.0:
            self._buckets[endpoint] = (level, now)
            raise LineError(429, "The API rate limit has been exceeded. Try again later.")
        self._buckets[endpoint] = (level - 1.0, now)

    def clear(self) -> None:
        """Fill every bucket."""
        self._buckets.clear()
