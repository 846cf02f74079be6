"""What is due: which rows of the outbox a sender may take now, the most urgent first, each resident's in sequence.

Asked in small steps, each of which an index answers: joined in one statement, a database that has not yet counted a sudden flood of
rows finds plans that take seconds.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Connection, and_, bindparam, literal_column, or_, select, tuple_

from bot.delivery.hours import quiet
from bot.delivery.members import among
from bot.delivery.outcome import OPEN
from bot.models import Channel, Delivery, Resident

EXEMPT = 1
"""The least urgent priority of somebody in a conversation: it waits for no quota, and for nothing less urgent than itself."""

URGENT = 2
"""The least urgent priority that leaves in quiet hours too."""

NO_LEASE = dt.timedelta(minutes=5)
"""A lease that ends later than this, or a row younger than now by it, was written while the machine's clock was wrong."""

LONGEST_REST = dt.timedelta(hours=2)
"""Longer than any pause between two tries of a row."""

MOST_STEPS = 40
"""How many rows that must wait behind others are passed over, in multiples of what is asked for."""

_deliveries: Any = Delivery.__table__


def open_rows(table: Any = _deliveries) -> Any:
    """Return the condition for rows that are not over; the partial index serves it."""
    # Written out, not bound: only then can the partial index serve it.
    return table.c.status.in_([literal_column(f"'{status}'") for status in sorted(OPEN, reverse=True)])


def is_due(table: Any = _deliveries) -> Any:
    """Return the condition for rows whose time has come, also by a clock that was ahead and is right again (see `times`)."""
    written_ahead = table.c.created_at > bindparam("never", type_=table.c.created_at.type)
    put_off_ahead = and_(table.c.attempts > 0, table.c.due_at > bindparam("far", type_=table.c.due_at.type))
    return or_(table.c.due_at <= bindparam("now", type_=table.c.due_at.type), written_ahead, put_off_ahead)


def times(now: dt.datetime) -> dict[str, dt.datetime]:
    """Return what the conditions of this module are asked with."""
    return {"now": now, "never": now + NO_LEASE, "far": now + LONGEST_REST}


def any_due(connection: Connection, now: dt.datetime, full: Collection[int]) -> bool:
    """Tell whether there may be something for `find_due`, without locking anything."""
    return connection.execute(_CANDIDATES, _question(now, 1, full, (-1, 0))).first() is not None


def find_due(connection: Connection, now: dt.datetime, limit: int, full: Collection[int]) -> list[dict[str, Any]]:
    """Lock and return due rows with `line_user_id` and `channel` (its name), never past an earlier one to the same resident.

    In quiet hours, and on channels that are `full`, only what is urgent enough.
    """
    found: list[dict[str, Any]] = []
    after = (-1, 0)
    for _ in range(MOST_STEPS):
        rows = connection.execute(_LOCK, _question(now, limit - len(found), full, after)).mappings().all()
        if not rows:
            break
        waiting = _waiting(connection, now, {row["resident_id"] for row in rows})
        found += [dict(row) for row in rows if not _is_behind(row, waiting.get(row["resident_id"], ()))]
        after = rows[-1]["priority"], rows[-1]["id"]
        if len(found) >= limit:
            break
    return _addressed(connection, found)


def _waiting(connection: Connection, now: dt.datetime, residents: Collection[int]) -> dict[int, list[tuple[int, int]]]:
    """Return what stands in the way of each resident's later rows, as id and priority: not due yet, or in somebody's hands."""
    held = or_(_deliveries.c.due_at > now, _deliveries.c.lease_until.between(now, now + NO_LEASE))
    question = select(_deliveries.c.resident_id, _deliveries.c.id, _deliveries.c.priority)
    rows = connection.execute(
        question.where(open_rows(), held, among(connection, _deliveries.c.resident_id, sorted(residents)))
    )
    waiting: dict[int, list[tuple[int, int]]] = {}
    for resident_id, id_, priority in rows:
        waiting.setdefault(resident_id, []).append((id_, priority))
    return waiting


def _is_behind(row: Any, waiting: Sequence[tuple[int, int]]) -> bool:
    return any(id_ < row["id"] and (priority <= EXEMPT or priority <= row["priority"]) for id_, priority in waiting)


def _addressed(connection: Connection, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    if not rows:
        return rows
    channels = dict(connection.execute(select(Channel.id, Channel.name)).all())
    ids = sorted({row["resident_id"] for row in rows})
    users = dict(
        connection.execute(select(Resident.id, Resident.line_user_id).where(among(connection, Resident.id, ids))).all()
    )
    for row in rows:
        row["channel"], row["line_user_id"] = channels[row["channel_id"]], users[row["resident_id"]]
    return rows


def _question(now: dt.datetime, limit: int, full: Collection[int], after: tuple[int, int]) -> dict[str, Any]:
    return {
        **times(now),
        "limit": limit,
        "full": list(full),
        "least_urgent": URGENT if quiet(now) else 99,
        "after_priority": after[0],
        "after_id": after[1],
    }


_now = bindparam("now", type_=_deliveries.c.due_at.type)
_CANDIDATES = (
    select(_deliveries)
    .where(
        open_rows(),
        _deliveries.c.resident_id.is_not(None),
        tuple_(_deliveries.c.priority, _deliveries.c.id) > tuple_(bindparam("after_priority"), bindparam("after_id")),
        _deliveries.c.priority <= bindparam("least_urgent"),
        is_due(),
        or_(
            _deliveries.c.lease_until.is_(None),
            _deliveries.c.lease_until < _now,
            _deliveries.c.lease_until > bindparam("never", type_=_deliveries.c.due_at.type),
        ),
        or_(_deliveries.c.priority <= EXEMPT, _deliveries.c.channel_id.not_in(bindparam("full", expanding=True))),
    )
    .order_by(_deliveries.c.priority, _deliveries.c.id)
    .limit(bindparam("limit"))
)
_LOCK = _CANDIDATES.with_for_update(skip_locked=True)
