"""Scheduled work that keeps failing: counted by the clock, and told to staff before a day's reminders are missing."""

from __future__ import annotations

import datetime as dt

from bot.alerts import raise_alert, settle
from bot.db import Database
from bot.now import Now

KIND = "platform.clock"
SERVICE = "platform"

PATIENCE = dt.timedelta(minutes=3)
"""What fails for less than this (a deadlock, a deployment) is nobody's concern."""


class ClockFaults:
    """One clock's memory of which jobs fail, and since when."""

    def __init__(self, database: Database, now: Now) -> None:
        self._database = database
        self._now = now
        self._since: dict[str, dt.datetime] = {}
        self._told: set[str] = set()

    def note(self, job: str) -> None:
        """Note that a job failed; once that has gone on for a while, raise an alert."""
        since = self._since.setdefault(job, self._now())
        if job in self._told or self._now() - since < PATIENCE:
            return
        with self._database.write() as connection:
            raise_alert(connection, self._now(), kind=KIND, service=SERVICE, key=_key(job), about=job)
        self._told.add(job)

    def clear(self, job: str) -> None:
        """Note that a job went well, or is not due any more, and settle what was raised about it."""
        if self._since.pop(job, None) is None or job not in self._told:
            return
        with self._database.write() as connection:
            settle(connection, self._now(), _key(job))
        self._told.discard(job)

    def noted(self) -> list[str]:
        """Return the jobs that failed and have not gone well since."""
        return list(self._since)


def _key(job: str) -> str:
    return f"{KIND}:{job}"
