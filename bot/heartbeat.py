"""Signs of life: which processes of this installation are at work, so that they can share what only so many may do."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, delete, func, select, update

from bot.models import Heartbeat
from bot.upsert import insert_into

ALIVE = dt.timedelta(seconds=65)
"""A process not seen for so long counts as gone: three signs missed."""

_KEPT = dt.timedelta(days=7)


def beat(connection: Connection, process: str, instance: str, now: dt.datetime) -> None:
    """Note that `instance` is at work as a `process` ("web", "worker", "clock")."""
    statement = insert_into(connection, Heartbeat)
    statement = statement.on_conflict_do_update(
        index_elements=["process", "instance"], set_={"seen_at": statement.excluded.seen_at}
    )
    connection.execute(statement, {"process": process, "instance": instance, "seen_at": now})
    connection.execute(delete(Heartbeat).where(Heartbeat.process == process, Heartbeat.seen_at < now - _KEPT))


def leave(connection: Connection, instance: str, now: dt.datetime) -> None:
    """Note that `instance` has stopped: the others need not wait to take over its share."""
    gone = update(Heartbeat).where(Heartbeat.instance == instance, Heartbeat.seen_at > now - ALIVE)
    connection.execute(gone.values(seen_at=now - ALIVE))


def alive(connection: Connection, now: dt.datetime) -> int:
    """Return how many processes are at work, at least one: whoever asks."""
    seen = select(func.count(func.distinct(Heartbeat.instance))).where(
        Heartbeat.seen_at > now - ALIVE, Heartbeat.seen_at <= now + ALIVE
    )
    return max(1, connection.execute(seen).scalar_one())


def at_work(connection: Connection, now: dt.datetime) -> dict[str, int]:
    """Return how many processes of each kind are at work."""
    seen = (
        select(Heartbeat.process, func.count())
        .where(Heartbeat.seen_at > now - ALIVE, Heartbeat.seen_at <= now + ALIVE)
        .group_by(Heartbeat.process)
    )
    return dict(connection.execute(seen).all())


def last_seen(connection: Connection) -> dict[str, dt.datetime]:
    """Return for each kind of process when one was last seen."""
    seen = select(Heartbeat.process, func.max(Heartbeat.seen_at)).group_by(Heartbeat.process)
    return dict(connection.execute(seen).all())
