"""The table of reminders and of residents' wishes, changed in the transaction of the turn that wants it."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, select, update

from bot.audience import hear_again
from bot.crypto import Vault
from bot.flow.talk import Reminded
from bot.flow.timing import TOKYO, Plan, next_due
from bot.models import Preference, Reminder, SealedBytes
from bot.upsert import insert_into

VALUES = "reminders.values"
_reminders: Any = Reminder.__table__


def remember(connection: Connection, vault: Vault, resident_id: int, wanted: Reminded, now: dt.datetime) -> None:
    """Keep a reminder; one of the same service and name is replaced. Whoever stopped its topic hears of it again."""
    if wanted.topic is not None:
        hear_again(connection, resident_id, wanted.topic)
    forget(connection, resident_id, wanted.service, wanted.name)
    uid = uuid.uuid4().hex
    row = {
        "uid": uid,
        "resident_id": resident_id,
        "service": wanted.service,
        "name": wanted.name,
        "flow": wanted.flow,
        "step": wanted.step,
        "topic": wanted.topic,
        "rule": dict(wanted.rule),
        "values": SealedBytes.seal(vault, VALUES, uid, orjson.dumps(wanted.values)),
        "due_at": wanted.due.astimezone(dt.UTC),
        "created_at": now,
        "updated_at": now,
    }
    connection.execute(_reminders.insert(), row)


def forget(connection: Connection, resident_id: int, service: str, name: str) -> bool:
    """Stop one reminder for good; tell whether there was one."""
    gone = delete(_reminders).where(
        _reminders.c.resident_id == resident_id, _reminders.c.service == service, _reminders.c.name == name
    )
    return connection.execute(gone.returning(_reminders.c.id)).first() is not None


def pending(connection: Connection, resident_id: int) -> Sequence[Any]:
    """Return the rows of a resident's reminders, the next one first."""
    mine = select(_reminders).where(_reminders.c.resident_id == resident_id)
    return connection.execute(mine.order_by(_reminders.c.due_at, _reminders.c.id)).all()


def time_of_day(connection: Connection, resident_id: int) -> str | None:
    """Return when a resident wants to be reminded ("18:00"), None when they never said."""
    found = select(Preference.time_of_day).where(Preference.resident_id == resident_id)
    return connection.execute(found).scalar_one_or_none()


def set_time_of_day(connection: Connection, resident_id: int, time: str, now: dt.datetime) -> None:
    """Remind a resident at this time of day from now on, of all that has no hour of its own."""
    statement = insert_into(connection, Preference)
    changed = {name: statement.excluded[name] for name in ("time_of_day", "updated_at")}
    row = {"resident_id": resident_id, "time_of_day": time, "updated_at": now}
    connection.execute(statement.on_conflict_do_update(index_elements=["resident_id"], set_=changed), row)
    moved = [
        {"row": row.id, "new_due_at": due, "at": now}
        for row in pending(connection, resident_id)
        if (due := _at_another_time(row, time, now)) is not None
    ]
    if moved:
        connection.execute(_MOVE, moved)


def _at_another_time(row: Any, time: str, now: dt.datetime) -> dt.datetime | None:
    """Return when a reminder comes now that its resident wants another time of day, None when it stays as it is."""
    plan = Plan.of(row.rule)
    if plan.timed:
        return None
    today = dt.datetime.combine(row.due_at.astimezone(TOKYO).date(), dt.time(), TOKYO)
    due = next_due(plan, max(now, today - dt.timedelta(microseconds=1)), dt.time.fromisoformat(time))
    # What was to come later today at an hour that has passed comes as it was going to.
    return None if due is None else due.astimezone(dt.UTC)


_MOVE = (
    update(_reminders)
    .where(_reminders.c.id == bindparam("row"))
    .values(
        due_at=bindparam("new_due_at", type_=_reminders.c.due_at.type),
        updated_at=bindparam("at", type_=_reminders.c.updated_at.type),
    )
)
