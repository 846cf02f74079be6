"""Erasure: all rows of a resident go but the bare one, so that a block is still known and no event is applied twice."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, delete, update

from bot import roll
from bot.models import Base, Conversation, Resident

_residents: Any = Resident.__table__
_STAYS = {Conversation.__tablename__}
"""The running talk is emptied by the turn that erases; the time of the last event in it keeps older events from being answers."""


def erase(connection: Connection, resident_id: int) -> None:
    """Delete what is stored about a resident, the services' rows included, and give the rest a reference nobody knows."""
    for table, column in belongings():
        connection.execute(delete(table).where(column == resident_id))
    bare = {"reference": roll.new_reference(), "language": None}
    connection.execute(update(_residents).where(_residents.c.id == resident_id).values(bare))


def belongings() -> list[tuple[Table, Any]]:
    """Return every table whose rows fall with their resident, and the column that says whose they are; dependent ones first."""
    return [
        (table, key.parent)
        for table in reversed(Base.metadata.sorted_tables)
        if table.name not in _STAYS
        for key in table.foreign_keys
        if key.column.table is _residents and key.ondelete == "CASCADE"
    ]
