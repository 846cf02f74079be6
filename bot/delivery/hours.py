"""Quiet hours: when nothing is sent of the town's own accord unless it is urgent."""

from __future__ import annotations

import datetime as dt

from bot.now import TOKYO

QUIET_FROM, QUIET_UNTIL = dt.time(21), dt.time(8)


def quiet(now: dt.datetime) -> bool:
    """Tell whether the aware moment `now` lies in quiet hours, 21:00 to 8:00 on the town's wall clock."""
    clock = now.astimezone(TOKYO).time()
    return clock >= QUIET_FROM or clock < QUIET_UNTIL
