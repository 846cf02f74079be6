"""The sweep: finds what is due and lies with nobody, and hands the sender as much as it gets done in time."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.delivery.sender import Sender
from bot.now import Now

ROWS_A_COMMIT = 250
LEAST, MOST = 250, 2000
"""Residents the sender has in hand at once: what it does not get done within its lease another one takes over, in doubt."""

LONGEST = 2.0
"""Seconds after which a sweep ends though more is due; the next one goes on."""

QUICK, SLOW = 0.3, 1.0
"""Seconds in which the sender has worked off half of what it had in hand: then it is given more, or less, at a time."""


class Sweep:
    """`full` names the channels on which only replies and talks go on."""

    def __init__(
        self, database: Database, outbox: Outbox, sender: Sender, full: Callable[[], Collection[int]], now: Now
    ) -> None:
        self._database = database
        self._outbox = outbox
        self._sender = sender
        self._full = full
        self._now = now
        self._most = LEAST

    def __call__(self) -> int:
        """Hand over due rows that nobody works on; return how many."""
        full, given, end = self._full(), 0, time.monotonic() + LONGEST
        with self._database.read() as connection:
            if not self._outbox.any_due(connection, self._now(), full):
                return 0
        while self._room() and time.monotonic() < end:
            with self._database.write() as connection:
                taken = self._outbox.take(connection, self._now(), ROWS_A_COMMIT, full)
            self._sender.hand_over(taken)
            given += len(taken)
            if len(taken) < ROWS_A_COMMIT:
                break
        return given

    def _room(self) -> bool:
        """Wait until the sender can do with more, and learn from how long that takes; False when it cannot soon."""
        begun = time.monotonic()
        while self._sender.backlog() + ROWS_A_COMMIT > self._most:
            if time.monotonic() - begun > SLOW:
                self._most = max(LEAST, self._most // 2)
                return False
            time.sleep(0.01)
        if time.monotonic() - begun < QUICK:
            self._most = min(MOST, self._most + ROWS_A_COMMIT)
        return True
