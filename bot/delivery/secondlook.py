"""A second look at batches frozen a while ago (over a night, a pause): who stopped the topic or blocked us since gets nothing.

Only at batches that were never tried: every try of a batch is the same request.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, true, update

from bot import segment
from bot.delivery.members import among, pack
from bot.models import Batch, Broadcast, Resident

FRESH = dt.timedelta(minutes=5)
"""What was frozen so lately needs no second look."""

WITHDRAWN = "withdrawn"
"""As which those are counted who were struck out."""

_batches: Any = Batch.__table__


def look_again(
    connection: Connection, broadcast: Any, members: Mapping[int, list[int]], now: dt.datetime
) -> dict[int, list[int]]:
    """Return whom untried batches (members by delivery) still mean, and strike the others out of them for good."""
    if not members or now - broadcast.frozen_at < FRESH:
        return dict(members)
    every = sorted(id_ for some in members.values() for id_ in some)
    # A correction goes to all who got what it corrects, whatever they chose since.
    meant = true() if broadcast.corrects_id else segment.condition(segment.read(broadcast.segment))
    asked = select(Resident.id).where(and_(among(connection, Resident.id, every), Resident.friend.is_not(False), meant))
    still = set(connection.execute(asked).scalars())
    kept = {delivery: [id_ for id_ in some if id_ in still] for delivery, some in members.items()}
    changed = [
        {"delivery": delivery, "left": len(some), "packed": pack(some)}
        for delivery, some in kept.items()
        if len(some) < len(members[delivery])
    ]
    if changed:
        connection.execute(_STRIKE, changed)
        _count(connection, broadcast.id, len(every) - len(still))
    return kept


def _count(connection: Connection, broadcast_id: int, struck: int) -> None:
    this = Broadcast.id == broadcast_id
    row = connection.execute(select(Broadcast.planned, Broadcast.left_out).where(this)).one()
    left_out = dict(row.left_out or {})
    left_out[WITHDRAWN] = left_out.get(WITHDRAWN, 0) + struck
    connection.execute(update(Broadcast).where(this).values(planned=(row.planned or 0) - struck, left_out=left_out))


_STRIKE = (
    update(_batches)
    .where(_batches.c.delivery_id == bindparam("delivery"))
    .values(recipients=bindparam("left"), members=bindparam("packed", type_=_batches.c.members.type))
)
