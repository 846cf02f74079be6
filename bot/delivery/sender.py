"""The sender: takes dispatches after their commit, has them carried to LINE, and has the outcome stored.

Those in a conversation have workers of their own, so that an answer never waits behind a broadcast.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterable

from bot.delivery.courier import Courier, put_back
from bot.delivery.lane import Lane
from bot.delivery.outbox import Dispatch, Result
from bot.now import Now

WORKERS = 128
"""For those in a conversation, and as many for the rest: enough for LINE's 2,000 calls a second at 60 milliseconds each."""


Ended = Callable[[Dispatch, Result], None]
"""Is told how each dispatch stands after its attempts."""


def unobserved(_dispatch: Dispatch, _result: Result) -> None:
    """Take no note."""


class Sender:
    """The workers (greenlets under gevent) of one process."""

    def __init__(
        self,
        courier: Courier,
        record: Callable[[Result], object],
        now: Now,
        workers: int = WORKERS,
        ended: Ended = unobserved,
    ) -> None:
        self._courier = courier
        self._record = record
        self._now = now
        self._ended = ended
        self._urgent = Lane("sender", workers, self._deliver, self._put_back, by_urgency=False)
        self._patient = Lane("patient", workers, self._deliver, self._put_back, by_urgency=True)

    def hand_over(self, dispatches: Iterable[Dispatch]) -> None:
        """Queue dispatches whose rows are committed and leased to this process."""
        for dispatch in dispatches:
            (self._urgent if dispatch.priority.exempt else self._patient).add(dispatch)

    def backlog(self) -> int:
        """Return for how many residents something is on its way."""
        return self._urgent.backlog() + self._patient.backlog()

    def unanswered(self) -> int:
        """Return how many residents in a conversation wait for what is committed already."""
        return self._urgent.backlog()

    def close(self, seconds: float = 10.0) -> None:
        """Send what was handed over, for at most `seconds`; what is left is found by a sweep."""
        deadline = time.monotonic() + seconds
        for lane in (self._urgent, self._patient):
            lane.finish(deadline)

    def _deliver(self, dispatch: Dispatch) -> Result | None:
        result = self._courier.deliver(dispatch)
        if result is not None:
            self._record(result)
            self._ended(dispatch, result)
        return result

    def _put_back(self, dispatch: Dispatch, due_at: dt.datetime) -> None:
        self._record(put_back(dispatch, due_at, self._now(), "behind an earlier message"))
