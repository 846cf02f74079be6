"""The only reader of the time: everyone else is handed it, so that tests and the demo can move it."""

from __future__ import annotations

import datetime as dt
import time
from zoneinfo import ZoneInfo

TOKYO = ZoneInfo("Asia/Tokyo")


class Now:
    """The service's clock: real time plus an offset that only the demo and tests move.

    What must stay on real time (sign-in, cookies, HTTP timeouts, lateness of a reply token in flight) uses
    `time.monotonic` and never this.
    """

    def __init__(self, offset: dt.timedelta = dt.timedelta()) -> None:
        self.offset = offset

    def __call__(self) -> dt.datetime:
        """Return the present moment, aware, in UTC."""
        return dt.datetime.now(dt.UTC) + self.offset

    def tokyo(self) -> dt.datetime:
        """Return the present moment as the town hall's wall clock shows it."""
        return self().astimezone(TOKYO)

    def timestamp(self) -> float:
        """Return seconds since the epoch."""
        return time.time() + self.offset.total_seconds()
