"""Erasure: all rows of a resident go but the bare one, so that a block is still known and no event is applied twice."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, Table, delete, exists, update

from bot import roll
from bot.desk import retention
from bot.models import Attachment, Base, Conversation, MenuLink, Resident, Submission

_residents: Any = Resident.__table__
_STAYS = {Conversation.__tablename__, MenuLink.__tablename__}
"""The running talk is emptied by the turn that erases; the time of the last event in it keeps older events from being answers.

The link to a menu goes as soon as LINE has been told (`bot.menus`)."""


def erase(connection: Connection, resident_id: int) -> None:
    """Delete what is stored about a resident, the services' rows included, and give the rest a reference nobody knows.

    What is under a legal hold stays until that is lifted.
    """
    retention.remove(connection, retention.erasable(connection, resident_id))
    for table, column in belongings():
        connection.execute(delete(table).where(column == resident_id, *_free(table)))
    bare = {"reference": roll.new_reference(), "language": None}
    connection.execute(update(_residents).where(_residents.c.id == resident_id).values(bare))


def _free(table: Table) -> list[Any]:
    """Return the condition that leaves out what staff keep under a legal hold, with the files that belong to it."""
    if table is Submission.__table__:
        return [~Submission.on_hold]
    if table is Attachment.__table__:
        held = exists().where(Submission.id == Attachment.submission_id, Submission.on_hold)
        return [~held]
    return []


def belongings() -> list[tuple[Table, Any]]:
    """Return every table whose rows fall with their resident, and the column that says whose they are; dependent ones first."""
    return [
        (table, key.parent)
        for table in reversed(Base.metadata.sorted_tables)
        if table.name not in _STAYS
        for key in table.foreign_keys
        if key.column.table is _residents and key.ondelete == "CASCADE"
    ]
