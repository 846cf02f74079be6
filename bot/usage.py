"""How flows are used: contacts, talks begun and completed, and at which step residents stopped; added up without saying whose.

Counted in memory and added to the table every few seconds, as the totals of deliveries are: no conversation waits for a counter,
and what a crash loses are a few seconds of statistics.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections import Counter
from collections.abc import Iterable
from enum import StrEnum

from bot.db import Database
from bot.flow.talk import Counted
from bot.models import FlowCount
from bot.now import TOKYO
from bot.upsert import insert_into

CONTACT = "contact"
"""Something a resident sent or pressed; counted with the flow that stood open after it."""


class What(StrEnum):
    """What is counted beside contacts; the words are those of `bot.flow.talk.Counted`."""

    BEGUN = "begun"
    REACHED = "reached"
    COMPLETED = "completed"
    STOPPED = "stopped"
    EXPIRED = "expired"


class Usage:
    """The counts of this process."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._counts: Counter[tuple[dt.date, str, str, str]] = Counter()

    def note(self, now: dt.datetime, flow: str | None, counted: Iterable[Counted]) -> None:
        """Count one contact, and what happened in its turn."""
        day = now.astimezone(TOKYO).date()
        with self._lock:
            self._counts[(day, flow or "", "", CONTACT)] += 1
            for one in counted:
                self._counts[(day, one.flow, one.step or "", one.what)] += 1

    def flush(self) -> None:
        """Add what was counted to the table."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        rows = [
            {"day": day, "flow": flow, "step": step, "what": what, "number": number}
            for (day, flow, step, what), number in sorted(counts.items())
        ]
        with self._database.write() as connection:
            statement = insert_into(connection, FlowCount)
            statement = statement.on_conflict_do_update(
                index_elements=["day", "flow", "step", "what"],
                set_={"number": FlowCount.number + statement.excluded.number},
            )
            connection.execute(statement, rows)
