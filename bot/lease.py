"""Leases: what one process at a time may do, for a few seconds more whenever it renews."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, delete

from bot.models import Lease
from bot.upsert import insert_into

_SKEW = 60.0
"""Seconds by which the clocks of two machines may differ."""


def hold(connection: Connection, name: str, owner: str, now: dt.datetime, seconds: float) -> bool:
    """Take or renew the lease `name` for `owner`; tell whether it is theirs now."""
    statement = insert_into(connection, Lease)
    statement = statement.on_conflict_do_update(
        index_elements=["name"],
        set_={"owner": statement.excluded.owner, "until": statement.excluded.until},
        # One that ends later than one taken now was taken while a machine's clock was wrong.
        where=(Lease.until < now)
        | (Lease.owner == owner)
        | (Lease.until > now + dt.timedelta(seconds=seconds + _SKEW)),
    ).returning(Lease.owner)
    row = {"name": name, "owner": owner, "until": now + dt.timedelta(seconds=seconds)}
    return connection.execute(statement, row).first() is not None


def give_back(connection: Connection, name: str, owner: str) -> None:
    """End the lease if it is `owner`'s."""
    connection.execute(delete(Lease).where(Lease.name == name, Lease.owner == owner))
