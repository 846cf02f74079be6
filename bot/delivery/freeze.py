"""Freezing: the recipients of a broadcast, fixed as sorted batches of one language at the moment it begins.

From then on nobody is added and each batch is the same request at every try, whoever changes language or blocks the account.
"""

from __future__ import annotations

import datetime as dt
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, Select, delete, func, insert, select, update

from bot import segment
from bot.db import Database
from bot.delivery.members import among, pack, unpack
from bot.delivery.outbox import Priority
from bot.delivery.outcome import OPEN, Status
from bot.models import Batch, Broadcast, Delivery, Resident
from bot.now import Now

BATCH = 500
"""LINE: at most so many recipients of one multicast."""

ROWS_A_READ = 4000
BATCHES_A_COMMIT = 100
WEEK = dt.timedelta(days=7)
DEFAULT_CAP = 3

_deliveries: Any = Delivery.__table__


@dataclass(slots=True)
class _Frozen:
    """What one freeze has found so far."""

    planned: int = 0
    blocked: int = 0
    capped: int = 0
    lots: dict[str, list[int]] = field(default_factory=dict)

    def left_out(self) -> dict[str, int]:
        counts = {"blocked": self.blocked, "capped": self.capped}
        return {reason: number for reason, number in counts.items() if number}


class Freezer:
    """`cap` is how many broadcasts a resident gets in seven days at most; urgent ones are neither held back nor counted."""

    def __init__(self, database: Database, now: Now, cap: int = DEFAULT_CAP) -> None:
        self._database = database
        self._now = now
        self._cap = cap

    def freeze(self, broadcast: Any, go_on: Callable[[], bool] = lambda: True) -> None:
        """Write the batches of a broadcast while `go_on`. What was interrupted begins again: nothing leaves before all stand."""
        self._sweep_up(broadcast.id)
        frozen = _Frozen()
        rows: list[tuple[dict[str, Any], dict[str, Any]]] = []
        for language, members in self._lots(broadcast, frozen):
            rows.append(self._batch(broadcast, language, members))
            if len(rows) == BATCHES_A_COMMIT:
                self._store(rows)
                rows = []
                if not go_on():
                    return
        self._store(rows)
        with self._database.write() as connection:
            stands = update(Broadcast).where(Broadcast.id == broadcast.id)
            changes = {"planned": frozen.planned, "left_out": frozen.left_out(), "frozen_at": self._now()}
            connection.execute(stands.values(changes))

    def _lots(self, broadcast: Any, frozen: _Frozen) -> Iterator[tuple[str, list[int]]]:
        languages = set(broadcast.messages)
        with self._database.read() as connection:
            had = bytearray() if broadcast.urgent else _had_this_week(connection, broadcast, self._now())
            statement = _meant(connection, broadcast).execution_options(yield_per=ROWS_A_READ)
            for rows in connection.execute(statement).partitions():
                yield from _sort(rows, languages, had, self._cap, frozen)
                time.sleep(0)  # webhooks of the same process come in between
        for language, members in sorted(frozen.lots.items()):
            if members:
                yield language, members

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


def _sort(
    rows: Iterable[Any], languages: set[str], had: bytearray, cap: int, frozen: _Frozen
) -> Iterator[tuple[str, list[int]]]:
    """Put residents into the lots of their languages; yield each lot when it is a batch."""
    lots, most = frozen.lots, len(had)
    for id_, language, friend in rows:
        if friend is False:
            frozen.blocked += 1
            continue
        if id_ < most and had[id_] >= cap:
            frozen.capped += 1
            continue
        spoken = language if language in languages else segment.DEFAULT_LANGUAGE
        lot = lots.get(spoken)
        if lot is None:
            lot = lots[spoken] = []
        lot.append(id_)
        frozen.planned += 1
        if len(lot) == BATCH:
            yield spoken, lot
            lots[spoken] = []


def _meant(connection: Connection, broadcast: Any) -> Select[int, str | None, bool | None]:
    wanted = select(Resident.id, Resident.language, Resident.friend).where(Resident.channel_id == broadcast.channel_id)
    if broadcast.corrects_id is None:
        return wanted.where(segment.condition(segment.read(broadcast.segment))).order_by(Resident.id)
    members = sorted(id_ for batch in _sent_batches(connection, broadcast.corrects_id) for id_ in batch)
    return wanted.where(among(connection, Resident.id, members)).order_by(Resident.id)


def _sent_batches(connection: Connection, broadcast_id: int) -> Iterator[list[int]]:
    reached = (
        select(Batch.members)
        .join(_deliveries, _deliveries.c.id == Batch.delivery_id)
        .where(Batch.broadcast_id == broadcast_id, _deliveries.c.status == Status.SENT.value)
    )
    for packed in connection.execute(reached.execution_options(yield_per=500)).scalars():
        yield unpack(packed)


def _had_this_week(connection: Connection, broadcast: Any, now: dt.datetime) -> bytearray:
    """Return for each resident id how many broadcasts they got, or will get, within the week."""
    counts = [Status.SENT.value, Status.UNKNOWN.value, *(status.value for status in OPEN)]
    lately = (
        select(Batch.members)
        .join(_deliveries, _deliveries.c.id == Batch.delivery_id)
        .join(Broadcast, Broadcast.id == Batch.broadcast_id)
        .where(
            Broadcast.channel_id == broadcast.channel_id,
            Broadcast.id != broadcast.id,
            Broadcast.urgent.is_(False),
            Broadcast.frozen_at > now - WEEK,
            _deliveries.c.status.in_(counts),
        )
    )
    highest = connection.execute(select(func.max(Resident.id))).scalar_one() or 0
    had = bytearray(highest + 1)
    for packed in connection.execute(lately.execution_options(yield_per=500)).scalars():
        for id_ in unpack(packed):
            if id_ <= highest and had[id_] < 255:
                had[id_] += 1
    return had
