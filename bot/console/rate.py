"""How often the console answers one browser: enough for any pair of hands and every page that refreshes itself, not for a script.

Kept in the process, so that refusing costs no database anything: each process counts for itself.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from threading import Lock


@dataclass(frozen=True, slots=True)
class Rate:
    """`at_once` requests in one go, and `a_second` for ever after."""

    at_once: int
    a_second: float


SIGNED_IN = Rate(at_once=300, a_second=10)
"""For one session."""

STRANGERS = Rate(at_once=300, a_second=5)
"""For all who are not signed in, from one address: a whole town hall may share it in the morning."""

MOST = 20_000
"""How many are remembered; who came longest ago is forgotten first."""


class Rates:
    """What is left to each."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._left: OrderedDict[tuple[str, str | int], tuple[float, float]] = OrderedDict()

    def take(self, who: tuple[str, str | int], rate: Rate, now: float) -> int:
        """Take one request of `who` at `now` (seconds); return 0, or after how many seconds there will be one again."""
        with self._lock:
            left, since = self._left.pop(who, (float(rate.at_once), now))
            left = min(rate.at_once, left + max(now - since, 0.0) * rate.a_second)
            taken = left >= 1
            self._left[who] = (left - 1 if taken else left, now)
            if len(self._left) > MOST:
                self._left.popitem(last=False)
        return 0 if taken else math.ceil((1 - left) / rate.a_second)
