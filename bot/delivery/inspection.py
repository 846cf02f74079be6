"""The outbox as operators see it: what stands still and why, sent again or let go by their hand. Never any content."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, insert, select, update

from bot.crypto import CannotOpen, Vault
from bot.delivery.outbox import TAKEN_AT_ONCE
from bot.delivery.outcome import Status, Verdict
from bot.models import Attempt, Channel, Delivery, Resident, SealedBytes

PAYLOAD = "deliveries.payload"
LOST = frozenset({Status.FAILED, Status.UNKNOWN})

_deliveries: Any = Delivery.__table__


class CannotSend(Exception):
    """This delivery cannot be sent again; the message says why."""


def recent(connection: Connection, statuses: Collection[Status], limit: int) -> Sequence[Any]:
    """Return the latest deliveries that stand in one of `statuses` (in any, when none is named), newest first."""
    found = _seen().order_by(_deliveries.c.id.desc()).limit(limit)
    if statuses:
        found = found.where(_deliveries.c.status.in_([status.value for status in statuses]))
    return connection.execute(found).all()


def one(connection: Connection, id_: int) -> tuple[Any, Sequence[Any]]:
    """Return a delivery and its attempts. Raises LookupError."""
    row = connection.execute(_seen().where(_deliveries.c.id == id_)).one_or_none()
    if row is None:
        raise LookupError(f"there is no delivery {id_}")
    attempts = select(Attempt).where(Attempt.delivery_id == id_).order_by(Attempt.number)
    return row, connection.execute(attempts).all() or _only_try(row)


def _only_try(row: Any) -> list[Attempt]:
    """Return the attempt of a delivery that LINE took at once, which is not logged apart from it."""
    if (row.attempts, row.last_result) != (1, TAKEN_AT_ONCE):
        return []
    return [
        Attempt(
            delivery_id=row.id, number=1, at=row.finished_at, verdict=Verdict.ACCEPTED.value, http_status=200,
            line_request_id=row.line_request_id,
        )
    ]  # fmt: skip


def send_again(connection: Connection, vault: Vault, id_: int, now: dt.datetime) -> int:
    """Write a new delivery with the content of one that failed, as a push of its own; return its id. Raises CannotSend.

    One that LINE never judged may have arrived: the new one is marked as possibly a second copy.
    """
    row = connection.execute(select(_deliveries).where(_deliveries.c.id == id_)).mappings().one_or_none()
    if row is None or Status(row["status"]) not in LOST:
        state = "not there" if row is None else row["status"]
        raise CannotSend(f"delivery {id_} is {state}: only failed and unknown ones can be sent again")
    if row["resident_id"] is None:
        raise CannotSend(f"delivery {id_} is a batch of a broadcast: write a broadcast to those it did not reach")
    if row["payload"] is None:
        raise CannotSend(f"the content of delivery {id_} was deleted: it is kept for a fortnight")
    try:
        content = orjson.loads(vault.open(PAYLOAD, row["retry_key"], row["payload"]))
    except CannotOpen as error:
        raise CannotSend(str(error)) from error
    retry_key = str(uuid.uuid4())
    sealed = SealedBytes.seal(vault, PAYLOAD, retry_key, orjson.dumps(content | {"token": None}))
    kept = {name: row[name] for name in ("channel_id", "resident_id", "purpose", "priority")}
    copy = {
        "kind": "push",
        "status": Status.WAITING.value,
        "retry_key": retry_key,
        "payload": sealed,
        "due_at": now,
        "attempts": 0,
        "uncertain": False,
        "doubled": row["doubled"] or row["status"] == Status.UNKNOWN.value,
        "created_at": now,
    }
    written: int = connection.execute(insert(_deliveries).values(kept | copy).returning(_deliveries.c.id)).scalar_one()
    # Its content now lives in the new row: the old one can be sent again no more.
    connection.execute(update(_deliveries).where(_deliveries.c.id == id_).values(payload=None))
    return written


def release(connection: Connection, ids: Collection[int], now: dt.datetime) -> int:
    """Let go what is held or stale, now: these, or all that are held when none is named. Return how many.

    What is stale, or became so while it was held, goes only by number: somebody has looked at each.
    """
    held, stale = _deliveries.c.status == Status.HELD.value, _deliveries.c.status == Status.STALE.value
    which = _deliveries.c.id.in_(ids) & (held | stale) if ids else held
    changes: dict[str, Any] = {"status": Status.WAITING.value, "due_at": now}
    if ids:
        changes["stale_at"] = None
    return connection.execute(update(_deliveries).where(which).values(changes)).rowcount


def _seen() -> Any:
    names = (
        "id", "kind", "purpose", "priority", "status", "attempts", "doubled", "last_result", "line_request_id",
        "created_at", "due_at", "finished_at",
    )  # fmt: skip
    columns = [_deliveries.c[name] for name in names]
    return (
        select(*columns, Resident.reference, Channel.name.label("channel"))
        .join(Channel, Channel.id == _deliveries.c.channel_id)
        .outerjoin(Resident, Resident.id == _deliveries.c.resident_id)
    )
