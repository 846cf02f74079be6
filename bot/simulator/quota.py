"""The monthly allowance: what was sent, what is reserved for running narrowcasts, and when a send is refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from bot.simulator.errors import LineError

JAPAN = dt.timezone(dt.timedelta(hours=9))


@dataclass(eq=False, slots=True)
class Quota:
    """Messages of this month; `limit` None means an account without one. Months change at midnight in Japan."""

    limit: int | None = None
    used: int = 0
    reserved: int = 0
    month: str = ""

    def turn(self, now: float) -> None:
        """Begin a new month when the epoch second `now` lies in another one."""
        month = dt.datetime.fromtimestamp(now, JAPAN).strftime("%Y-%m")
        if month != self.month:
            if self.month:
                self.used = 0
                self.reserved = 0
            self.month = month

    def spend(self, recipients: int, now: float) -> None:
        """Count one message per recipient.

        Raises:
            LineError: 429 when this would exceed the month's limit; nothing is counted then.
        """
        self.check(recipients, now)
        self.used += recipients

    def check(self, recipients: int, now: float) -> None:
        """Refuse with 429 what would exceed the limit."""
        self.turn(now)
        if self.limit is not None and self.used + self.reserved + recipients > self.limit:
            raise LineError(429, "You have reached your monthly limit.")
