"""The recipients of a broadcast: read in windows of sorted ids, parted by language, without those who are not to get it.

The database hands over whole lists of ids: a million rows one by one take five times as long.
"""

from __future__ import annotations

import datetime as dt
import operator
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

import orjson
from sqlalchemy import Connection, and_, func, literal_column, select

from bot import segment
from bot.delivery.members import among, unpack
from bot.delivery.outcome import OPEN, Status
from bot.delivery.variants import Variants
from bot.models import Batch, Broadcast, Delivery, Resident

WINDOW = 10_000
WINDOW_ON_SQLITE = 2_500
"""What takes SQLite a few milliseconds, in which nobody else of this process gets a turn."""

WEEK = dt.timedelta(days=7)

_deliveries: Any = Delivery.__table__

Group = tuple[str | None, bool | None, list[int]]
"""Language, friendship and ids of some residents."""


class Recipients:
    """Counts as it goes: `planned` recipients, and those left out because they `blocked` the account or are `capped` this week.

    The cap counts broadcasts only. What residents asked for themselves (a reminder, a notice they linked) must not be lost to it.
    """

    def __init__(self, connection: Connection, broadcast: Any, cap: int, now: dt.datetime) -> None:
        self._connection = connection
        self._broadcast = broadcast
        self._cap = cap
        # A correction goes to all who got what it corrects, however much they got this week.
        free = broadcast.urgent or broadcast.corrects_id is not None
        self._had = bytearray() if free else _had_this_week(connection, broadcast, now)
        self._variants = Variants.read(broadcast.variants)
        self.planned = self.blocked = self.capped = 0

    def windows(self) -> Iterator[dict[str, list[int]]]:
        """Yield the ids of each window by the language they are written to in, sorted."""
        for groups in self._read():
            parted: dict[str, list[int]] = {}
            for language, friend, ids in groups:
                if friend is False:
                    self.blocked += len(ids)
                    continue
                spoken = language if language in self._broadcast.messages else segment.DEFAULT_LANGUAGE
                parted.setdefault(spoken or segment.DEFAULT_LANGUAGE, []).extend(self._below_the_cap(ids))
            if self._variants is not None:
                parted = self._variants.part(self._connection, parted)
            self.planned += sum(map(len, parted.values()))
            yield {language: sorted(ids) for language, ids in parted.items()}

    @property
    def left_out(self) -> dict[str, int]:
        """Return how many are left out, by reason."""
        counts = {"blocked": self.blocked, "capped": self.capped}
        return {reason: number for reason, number in counts.items() if number}

    def _below_the_cap(self, ids: list[int]) -> list[int]:
        if not self._had:
            return ids
        had, most = self._had, len(self._had)
        kept = [id_ for id_ in ids if id_ >= most or had[id_] < self._cap]
        self.capped += len(ids) - len(kept)
        return kept

    def _read(self) -> Iterator[list[Group]]:
        if self._broadcast.corrects_id is not None:
            members = sorted(_reached(self._connection, self._broadcast.corrects_id))
            for start in range(0, len(members), WINDOW):
                wanted = among(self._connection, Resident.id, members[start : start + WINDOW])
                yield _grouped(self._connection, select(*_FACTS).where(wanted))
            return
        meant = segment.condition(segment.read(self._broadcast.segment))
        # Not by the channel's own index: the rows are wanted in the order of their ids.
        meant = and_(Resident.channel_id + 0 == self._broadcast.channel_id, meant)
        read = _window_by_window if self._connection.dialect.name == "sqlite" else _all_at_once
        yield from read(self._connection, meant)


_FACTS = (Resident.id, Resident.language, Resident.friend)


def _window_by_window(connection: Connection, meant: Any) -> Iterator[list[Group]]:
    """Ask for one window after the other: SQLite works inside this process, where others wait for their turn."""
    last = 0
    some = select(*_FACTS).where(meant).order_by(Resident.id).limit(WINDOW_ON_SQLITE)
    while groups := _grouped(connection, some.where(Resident.id > last)):
        last = max(max(ids) for _, _, ids in groups)
        yield groups


def _all_at_once(connection: Connection, meant: Any) -> Iterator[list[Group]]:
    """Let the server part the windows: asked one by one it might join each anew."""
    window = func.div(Resident.id, WINDOW).label("window")
    every = func.array_agg(Resident.id)
    question = select(window, Resident.language, Resident.friend, every).where(meant)
    question = question.group_by(literal_column("1"), Resident.language, Resident.friend).order_by(literal_column("1"))
    rows = connection.execute(question.execution_options(yield_per=20))
    for _, groups in groupby(rows, key=operator.itemgetter(0)):
        yield [(language, friend, ids) for _, language, friend, ids in groups]


def _grouped(connection: Connection, wanted: Any) -> list[Group]:
    rows = wanted.subquery()
    sqlite = connection.dialect.name == "sqlite"
    every = func.json_group_array(rows.c.id) if sqlite else func.array_agg(rows.c.id)
    found = connection.execute(select(rows.c.language, rows.c.friend, every).group_by(rows.c.language, rows.c.friend))
    return [(language, friend, orjson.loads(ids) if sqlite else ids) for language, friend, ids in found]


def _reached(connection: Connection, broadcast_id: int) -> Iterable[int]:
    reached = (
        select(Batch.members)
        .join(_deliveries, _deliveries.c.id == Batch.delivery_id)
        .where(Batch.broadcast_id == broadcast_id, _deliveries.c.status == Status.SENT.value)
    )
    for packed in connection.execute(reached.execution_options(yield_per=500)).scalars():
        yield from unpack(packed)


def _had_this_week(connection: Connection, broadcast: Any, now: dt.datetime) -> bytearray:
    """Return for each resident id how many broadcasts they got, or will get, within the week; empty when nobody did."""
    counts = [Status.SENT.value, Status.UNKNOWN.value, *(status.value for status in OPEN)]
    lately = (
        select(Batch.members, Batch.last_id)
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
    had = bytearray()
    for packed, last_id in connection.execute(lately.execution_options(yield_per=500)):
        if last_id >= len(had):
            had.extend(bytes(last_id + 1 - len(had)))
        for id_ in unpack(packed):
            had[id_] = min(255, had[id_] + 1)
    return had
