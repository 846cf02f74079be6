"""Finding deliveries among millions: by resident, by status, by time, each answered by an index."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, and_, func, literal_column, not_, or_, select, text

from bot.delivery.due import open_rows
from bot.delivery.members import among
from bot.delivery.outcome import Status
from bot.models import Batch, Channel, Delivery, Resident
from bot.models.delivery import TROUBLED

LOOSE = dt.timedelta(minutes=5)
"""Rows are numbered about in the order of their times, never more than this apart."""

MOST_COUNTED = 1000
MOST_SORTED = 5000

_deliveries: Any = Delivery.__table__

TROUBLES = (Status.FAILED, Status.UNKNOWN, Status.STALE, Status.HELD, Status.PRESUMED, Status.STOPPED)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for. `hidden` names services whose messages are not shown."""

    resident_id: int | None = None
    status: Status | None = None
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    hidden: tuple[str, ...] = ()


def question(connection: Connection, wanted: Wanted) -> Select[Any]:
    """Return the question for deliveries, without any content; it is to be put in the order of their ids."""
    names = (
        "id",
        "kind",
        "purpose",
        "priority",
        "status",
        "attempts",
        "doubled",
        "last_result",
        "created_at",
        "due_at",
    )
    found = (
        select(*(_deliveries.c[name] for name in names), Resident.reference, Channel.name.label("channel"))
        .add_columns(Batch.recipients, Batch.broadcast_id)
        .join(Channel, Channel.id == _deliveries.c.channel_id)
        .outerjoin(Resident, Resident.id == _deliveries.c.resident_id)
        .outerjoin(Batch, Batch.delivery_id == _deliveries.c.id)
        .where(*shown(wanted.hidden))
    )
    if wanted.resident_id is not None:
        found = found.where(_deliveries.c.resident_id == wanted.resident_id)
    if wanted.status is not None:
        found = found.where(standing(wanted.status))
    if wanted.status is Status.WAITING and (few := _few_open(connection)) is not None:
        found = found.where(among(connection, _deliveries.c.id, few))
    if wanted.since is not None:
        found = found.where(_deliveries.c.created_at >= wanted.since)
        found = found.where(_deliveries.c.id >= first_since(connection, wanted.since - LOOSE))
    if wanted.until is not None:
        found = found.where(_deliveries.c.created_at < wanted.until)
        found = found.where(_deliveries.c.id < first_since(connection, wanted.until + LOOSE))
    return found


def standing(status: Status) -> Any:
    """Return the condition for a status, in words by which its index is found."""
    if status in TROUBLES:
        return and_(text(f"deliveries.{TROUBLED}"), _deliveries.c.status == literal_column(f"'{status.value}'"))
    return _deliveries.c.status == status.value


def _few_open(connection: Connection) -> list[int] | None:
    """Return what is open by the index that knows it; None when so much is that its latest rows are found at once by number."""
    some = connection.execute(select(_deliveries.c.id).where(open_rows()).limit(MOST_SORTED)).scalars().all()
    return None if len(some) == MOST_SORTED else sorted(some)


def shown(hidden: tuple[str, ...]) -> tuple[Any, ...]:
    """Return the condition that keeps the messages of some services out."""
    if not hidden:
        return ()
    theirs = [
        or_(_deliveries.c.purpose == name, _deliveries.c.purpose.startswith(f"{name}.", autoescape=True))
        for name in hidden
    ]
    return (not_(or_(*theirs)),)


def first_since(connection: Connection, moment: dt.datetime) -> int:
    """Return the smallest id of the rows written since `moment`, by halving: some twenty looks, however many rows there are."""
    # Asked one by one: for both at once SQLite reads every row.
    low = connection.execute(select(func.min(_deliveries.c.id))).scalar_one()
    if low is None:
        return 0
    high = connection.execute(select(func.max(_deliveries.c.id))).scalar_one() + 1
    while low < high:
        middle = (low + high) // 2
        # The next row that is there: some are deleted in between.
        after = select(_deliveries.c.id, _deliveries.c.created_at).where(_deliveries.c.id >= middle)
        row = connection.execute(after.order_by(_deliveries.c.id).limit(1)).one_or_none()
        if row is None or row.created_at >= moment:
            high = middle
        else:
            low = row.id + 1
    return int(low)


def count(
    connection: Connection, status: Status, hidden: tuple[str, ...] = (), since: dt.datetime | None = None
) -> int:
    """Return how many deliveries stand so; more than MOST_COUNTED are not counted."""
    some = select(_deliveries.c.id).where(standing(status), *shown(hidden))
    if since is not None:
        some = some.where(_deliveries.c.finished_at >= since).order_by(_deliveries.c.finished_at.desc())
    else:
        some = some.order_by(_deliveries.c.id.desc())
    some = some.limit(MOST_COUNTED)
    return connection.execute(select(func.count()).select_from(some.subquery())).scalar_one()
