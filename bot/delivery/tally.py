"""The totals of this process, added to those of all every few seconds: no transaction of a delivery waits for a counter."""

from __future__ import annotations

import threading
from collections import Counter

from bot.db import Database
from bot.models import Tally as TallyRow
from bot.upsert import insert_into


class Tally:
    """Counts recipients by channel, kind of request and outcome."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._counts: Counter[tuple[int, str, str]] = Counter()

    def note(self, channel_id: int, kind: str, outcome: str, recipients: int = 1) -> None:
        """Count one delivery that is over, or held."""
        with self._lock:
            self._counts[(channel_id, kind, outcome)] += recipients

    def flush(self) -> None:
        """Add what was counted to the table."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        rows = [
            {"channel_id": channel_id, "kind": kind, "outcome": outcome, "recipients": number}
            for (channel_id, kind, outcome), number in sorted(counts.items())
        ]
        with self._database.write() as connection:
            statement = insert_into(connection, TallyRow)
            statement = statement.on_conflict_do_update(
                index_elements=["channel_id", "kind", "outcome"],
                set_={"recipients": TallyRow.recipients + statement.excluded.recipients},
            )
            connection.execute(statement, rows)
