"""What was sent when: the numbers behind delivery statistics, units and narrowcast progress of one bot."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from dataclasses import dataclass, field

from bot.simulator.quota import JAPAN

DAYS_KEPT = 400
UNIT_NAMES_MOST = 1000
NARROWCASTS_KEPT = 1_000


@dataclass(frozen=True, slots=True)
class Narrowcast:
    """A narrowcast: when accepted (epoch second), how many it was for and reached, and LINE's error code or 0."""

    accepted: float
    target: int
    success: int
    error_code: int
    description: str


@dataclass(eq=False, slots=True)
class Statistics:
    """Counts by kind and Japanese day; unit names by month."""

    sent: OrderedDict[tuple[str, str], int] = field(default_factory=OrderedDict)
    units: dict[str, dict[str, int]] = field(default_factory=dict)
    narrowcasts: OrderedDict[str, Narrowcast] = field(default_factory=OrderedDict)

    def count(self, kind: str, number: int, now: float) -> None:
        """Count messages sent by one kind of send."""
        key = (kind, day(now))
        self.sent[key] = self.sent.get(key, 0) + number
        while len(self.sent) > DAYS_KEPT:
            self.sent.popitem(last=False)

    def assign(self, unit: str, number: int, now: float) -> None:
        """Count messages for a unit; past 1000 names a month a new name is silently not assigned."""
        month = day(now)[:6]
        names = self.units.setdefault(month, {})
        if unit in names or len(names) < UNIT_NAMES_MOST:
            names[unit] = names.get(unit, 0) + number
        while len(self.units) > 13:
            del self.units[min(self.units)]

    def keep(self, request_id: str, narrowcast: Narrowcast) -> None:
        """Remember a narrowcast for its progress."""
        self.narrowcasts[request_id] = narrowcast
        while len(self.narrowcasts) > NARROWCASTS_KEPT:
            self.narrowcasts.popitem(last=False)

    def clear(self) -> None:
        """Forget everything."""
        self.sent.clear()
        self.units.clear()
        self.narrowcasts.clear()


def day(now: float) -> str:
    """Return the day in Japan as `yyyyMMdd`."""
    return dt.datetime.fromtimestamp(now, JAPAN).strftime("%Y%m%d")
