"""The monthly allowance: what was sent, what is reserved for running narrowcasts, and when a send is refused."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from bot.simulator.errors import LineError

JAPAN = dt.timezone(dt.timedelta(hours=9))
MOMENT = 60.0


@dataclass(eq=False, slots=True)
class Quota:
    """Messages of this month; `limit` None means an account without one. Months change at midnight in Japan.

    `reservations` are (until, messages): a narrowcast holds its whole reach back while it is under way.
    """

    limit: int | None = None
    used: int = 0
    reservations: list[tuple[float, int]] = field(default_factory=list)
    month: str = ""
    _looked: float = -MOMENT

    def turn(self, now: float) -> None:
        """Begin a new month when the epoch second `now` lies in another one, and drop reservations that ended."""
        if self.reservations:
            self.reservations = [(until, held) for until, held in self.reservations if until > now]
        if int(now // MOMENT) == int(self._looked // MOMENT):
            return
        self._looked = now
        month = dt.datetime.fromtimestamp(now, JAPAN).strftime("%Y-%m")
        if month != self.month:
            if self.month:
                self.used = 0
            self.month = month

    @property
    def reserved(self) -> int:
        """Return how many messages are held back."""
        return sum(held for _, held in self.reservations)

    def reserve(self, messages: int, until: float) -> None:
        """Hold messages back until an epoch second."""
        if messages > 0:
            self.reservations.append((until, messages))

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
