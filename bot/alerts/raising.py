"""Raising, settling and acknowledging an alert: rows in the caller's transaction; who is told of them comes after the commit."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, update

from bot.models import Alert
from bot.upsert import insert_into

_alerts: Any = Alert.__table__


def raise_alert(
    connection: Connection,
    now: dt.datetime,
    *,
    kind: str,
    service: str,
    key: str,
    about: str | None = None,
    urgent: bool = False,
    department_id: int | None = None,
) -> int | None:
    """Have the roster told that there is something to see at `service`'s desk; return the alert's id, None if it is known already.

    `key` names the thing. While its alert is open or acknowledged another one changes nothing, unless it is urgent and that was
    not; after `settle` the same key may be raised anew. `kind` and `about` (an id) are for the console and never leave it.
    """
    row = {
        "key": key, "kind": kind, "service": service, "department_id": department_id, "about": about, "urgent": urgent,
        "level": 1, "told": 0, "unheard": False, "raised_at": now, "next_at": now,
        "acknowledged_at": None, "acknowledged_contact_id": None, "acknowledged_staff_id": None, "settled_at": None,
    }  # fmt: skip
    statement = insert_into(connection, _alerts)
    anew = or_(_alerts.c.settled_at.is_not(None), statement.excluded.urgent & ~_alerts.c.urgent)
    statement = statement.on_conflict_do_update(
        index_elements=["key"], set_={name: statement.excluded[name] for name in row if name != "key"}, where=anew
    )
    found: int | None = connection.execute(statement.returning(_alerts.c.id), row).scalar_one_or_none()
    return found


def settle(connection: Connection, now: dt.datetime, key: str) -> bool:
    """End the alert of that key because its cause is gone (somebody has answered); tell whether there was one to end."""
    mine = (_alerts.c.key == key) & _alerts.c.settled_at.is_(None)
    return _end(connection, mine, {"settled_at": now})


def acknowledge(
    connection: Connection,
    now: dt.datetime,
    alert_id: int,
    *,
    staff_id: int | None = None,
    contact_id: int | None = None,
) -> bool:
    """Note that somebody takes care of an alert: nobody is told any more. Tell whether they were the first."""
    mine = (_alerts.c.id == alert_id) & _alerts.c.acknowledged_at.is_(None)
    by = {"acknowledged_staff_id": staff_id, "acknowledged_contact_id": contact_id}
    return _end(connection, mine, {"acknowledged_at": now, **by})


def _end(connection: Connection, which: ColumnElement[bool], values: dict[str, Any]) -> bool:
    statement = update(_alerts).where(which).values(next_at=None, **values).returning(_alerts.c.id)
    return connection.execute(statement).first() is not None
