"""The stand-in's time when nobody else owns it: a source of seconds that tests may move forward."""

from __future__ import annotations

from collections.abc import Callable


class Clock:
    """Seconds since the epoch from `source`, plus what it was advanced by."""

    def __init__(self, source: Callable[[], float]) -> None:
        self._source = source
        self.offset = 0.0

    def __call__(self) -> float:
        """Return the present moment in epoch seconds."""
        return self._source() + self.offset

    def advance(self, seconds: float) -> None:
        """Move forward; LINE's tokens, keys and months age accordingly.

        Raises:
            ValueError: for a step back, because nothing here can un-expire.
        """
        if seconds < 0:
            raise ValueError("the clock moves forward only: give seconds >= 0")
        self.offset += seconds
