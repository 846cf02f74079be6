"""Named points at which a test lets the process die, to prove that nothing is lost there.

The setting that names a point is refused unless LINE's address is a stand-in on loopback.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable

SENDING = (
    "after_commit",  # the turn is stored, its reply not yet on the way
    "during_reply",  # the request is with LINE, its answer not yet read
    "after_answer",  # LINE has answered, the outcome is not yet stored
)
"""What every message passes on its way."""

POINTS = (
    *SENDING,
    "during_freeze",  # batches of a broadcast are stored, the broadcast is not yet frozen
    "between_rounds",  # a part of a scheduled job's work is stored, more is left
)

ARRIVAL_SECONDS = 0.2
"""What was sent just before has time to arrive."""

CrashPoint = Callable[[str], None]


def no_crash(_point: str) -> None:
    """Go on: what every point does outside the tests."""


def crash_at(chosen: str | None) -> CrashPoint:
    """Return the hook the code calls at each point; at the chosen one it kills this process and its group, as a power cut would."""
    if chosen is None:
        return no_crash

    def hook(point: str) -> None:
        if point == chosen:
            time.sleep(ARRIVAL_SECONDS)
            os.killpg(0, signal.SIGKILL)

    return hook
