"""Handing over open work: columns that say who does something name, in their `info`, while it is open.

`mapped_column(ForeignKey("staff.id"), info=handed_over("status <> 'done'"))` makes a column's open rows move to a successor.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select, text, update

from bot.models import Base
from bot.models.datamap import HANDED_OVER


def hand_over(connection: Connection, leaver: int, successor: int, now: dt.datetime) -> int:
    """Give everything open that `leaver` does to `successor`; return how many things it was."""
    moved = 0
    for column, still_open in _columns():
        values: dict[str, object] = {column.name: successor}
        # What looks for changes since it last looked must see this one.
        if "changed_at" in column.table.columns:
            values["changed_at"] = now
        statement = update(column.table).where(column == leaver, text(still_open)).values(values)
        moved += len(connection.execute(statement.returning(column)).all())
    return moved


def open_work(connection: Connection, staff_id: int) -> int:
    """Return how many open things somebody does."""
    return sum(
        connection.execute(
            select(func.count()).select_from(column.table).where(column == staff_id, text(still_open))
        ).scalar_one()
        for column, still_open in _columns()
    )


def _columns() -> Iterator[tuple[Any, str]]:
    for table in Base.metadata.sorted_tables:
        for column in table.columns:
            if HANDED_OVER in column.info:
                yield column, column.info[HANDED_OVER]
