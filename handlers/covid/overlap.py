"""When a visit meets an exposure: times with padding, and how long somebody stayed who did not check out. Pure rules."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

LONGEST_STAY = dt.timedelta(hours=24)
"""Nobody is taken to have stayed longer; a check-out later than this is a forgotten one."""


@dataclass(frozen=True, slots=True)
class Window:
    """From `begin` to `end`, both included: who met the end of it was there."""

    begin: dt.datetime
    end: dt.datetime

    def padded(self, padding: dt.timedelta) -> Window:
        """Return the window with `padding` before and after."""
        return Window(self.begin - padding, self.end + padding)


def stay(entered_at: dt.datetime, left_at: dt.datetime | None, usual: dt.timedelta) -> Window:
    """Return when somebody was there; without a check-out as long as is usual in such a place."""
    usual_end = entered_at + min(usual, LONGEST_STAY)
    if left_at is None or left_at < entered_at or left_at > entered_at + LONGEST_STAY:
        return Window(entered_at, usual_end)
    return Window(entered_at, left_at)


def meets(visit: Window, exposure: Window) -> bool:
    """Tell whether the two have a moment in common."""
    return visit.begin <= exposure.end and exposure.begin <= visit.end


@dataclass(frozen=True, slots=True)
class Bounds:
    """The same rule as bounds on the columns of a visit, so that an index answers it.

    A visit matches when it was entered in [`earliest`, `latest`] and left from `left_from` on, or, without a check-out, was entered
    from `open_from` on.
    """

    earliest: dt.datetime
    latest: dt.datetime
    left_from: dt.datetime
    open_from: dt.datetime


def bounds(exposure: Window, usual: dt.timedelta) -> Bounds:
    """Return the bounds for visits to places where people stay for `usual`."""
    open_from = exposure.begin - min(usual, LONGEST_STAY)
    return Bounds(exposure.begin - LONGEST_STAY, exposure.end, exposure.begin, open_from)
