"""The sweep: finds what is due and lies with nobody, and hands the sender as much as it gets done in time."""

from __future__ import annotations

from collections.abc import Callable, Collection

from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.delivery.sender import Sender
from bot.now import Now

ROWS_A_COMMIT = 250
LEAST, MOST = 200, 4000
"""Residents the sender is given at once: what it does not get done within its lease another one takes over, in doubt."""


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
        full, given = self._full(), 0
        with self._database.read() as connection:
            if not self._outbox.any_due(connection, self._now(), full):
                return 0
        self._adapt(self._sender.backlog())
        while (room := self._most - self._sender.backlog()) > 0:
            rows = min(ROWS_A_COMMIT, room)
            with self._database.write() as connection:
                taken = self._outbox.take(connection, self._now(), rows, full)
            self._sender.hand_over(taken)
            given += len(taken)
            if len(taken) < rows:
                break
        return given

    def _adapt(self, left: int) -> None:
        """Give more when nearly everything was done since the last sweep, less when most of it was not."""
        if left < self._most // 4:
            self._most = min(MOST, self._most * 2)
        elif left > self._most // 2:
            self._most = max(LEAST, self._most // 2)
