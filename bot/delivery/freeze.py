"""Freezing: the recipients of a broadcast, fixed as sorted batches of one language at the moment it begins.

From then on nobody is added and each batch is the same request at every try, whoever changes language or blocks the account.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.crash import CrashPoint, no_crash
from bot.db import Database
from bot.delivery.members import pack
from bot.delivery.outbox import Priority
from bot.delivery.outcome import Status
from bot.delivery.recipients import Recipients
from bot.models import Batch, Broadcast, Delivery
from bot.now import Now

BATCH = 500
"""LINE: at most so many recipients of one multicast."""

BATCHES_A_COMMIT = 100
DEFAULT_CAP = 3

_deliveries: Any = Delivery.__table__


class Freezer:
    """`cap` is how many broadcasts a resident gets in seven days at most; urgent ones are neither held back nor counted."""

    def __init__(self, database: Database, now: Now, cap: int = DEFAULT_CAP, crash: CrashPoint = no_crash) -> None:
        self._database = database
        self._now = now
        self._cap = cap
        self._crash = crash

    def freeze(self, broadcast: Any, go_on: Callable[[], bool] = lambda: True) -> None:
        """Write the batches of a broadcast while `go_on`. What was interrupted begins again: nothing leaves before all stand."""
        self._sweep_up(broadcast.id)
        rows: list[tuple[dict[str, Any], dict[str, Any]]] = []
        with self._database.read() as connection:
            recipients = Recipients(connection, broadcast, self._cap, self._now())
            for language, members in _lots(recipients, rests=self._database.on_sqlite):
                rows.append(self._batch(broadcast, language, members))
                if len(rows) == BATCHES_A_COMMIT:
                    self._store(rows)
                    rows = []
                    if not go_on():
                        return
        self._store(rows)
        self._crash("during_freeze")
        with self._database.write() as connection:
            stands = update(Broadcast).where(Broadcast.id == broadcast.id)
            changes = {"planned": recipients.planned, "left_out": recipients.left_out, "frozen_at": self._now()}
            connection.execute(stands.values(changes))

    def _batch(self, broadcast: Any, language: str, members: list[int]) -> tuple[dict[str, Any], dict[str, Any]]:
        now = self._now()
        delivery = {
            "channel_id": broadcast.channel_id,
            "kind": "multicast",
            "purpose": "broadcast",
            "priority": int(Priority.EMERGENCY if broadcast.urgent else Priority.BROADCAST),
            "status": Status.WAITING.value,
            "retry_key": str(uuid.uuid4()),
            "due_at": now,
            "attempts": 0,
            "uncertain": False,
            "doubled": False,
            "created_at": now,
        }
        batch = {
            "broadcast_id": broadcast.id,
            "language": language,
            "first_id": members[0],
            "last_id": members[-1],
            "recipients": len(members),
            "members": pack(members),
        }
        return delivery, batch

    def _store(self, rows: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> None:
        if not rows:
            return
        with self._database.write() as connection:
            written = insert(_deliveries).returning(_deliveries.c.id, sort_by_parameter_order=True)
            ids = connection.execute(written, [delivery for delivery, _ in rows]).scalars().all()
            batches = [batch | {"delivery_id": id_} for id_, (_, batch) in zip(ids, rows, strict=True)]
            connection.execute(insert(Batch), batches)

    def _sweep_up(self, broadcast_id: int) -> None:
        """Remove what a freeze that did not come to its end has left."""
        some = select(Batch.delivery_id).where(Batch.broadcast_id == broadcast_id).limit(BATCHES_A_COMMIT)
        while True:
            with self._database.write() as connection:
                if not connection.execute(delete(_deliveries).where(_deliveries.c.id.in_(some))).rowcount:
                    return


def _lots(recipients: Recipients, *, rests: bool) -> Iterator[tuple[str, list[int]]]:
    """Yield the recipients in lots of one language, each as large as a batch may be.

    One that `rests` does so after each window as long as that took, so that answers, which take several turns, get theirs between.
    """
    waiting: dict[str, list[int]] = {}
    begun = time.perf_counter()
    for window in recipients.windows():
        for language, ids in window.items():
            lot = waiting.pop(language, []) + ids
            whole = len(lot) // BATCH * BATCH
            for start in range(0, whole, BATCH):
                yield language, lot[start : start + BATCH]
            waiting[language] = lot[whole:]
        time.sleep(time.perf_counter() - begun if rests else 0)
        begun = time.perf_counter()
    for language, lot in sorted(waiting.items()):
        if lot:
            yield language, lot
