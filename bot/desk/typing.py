"""The loading dots on a resident's phone while a counsellor writes: at most a minute, in one-to-one chats only (LINE's rule)."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import func, select

from bot.desk.desk import Desk
from bot.desk.states import Mode, State
from bot.jobs import Arguments, Task, TaskContext
from bot.models import Channel, DeskScratch, Resident

TYPING = "desk.typing"
_scratches: Any = DeskScratch.__table__
SECONDS = 20
"""LINE takes 5 to 60, in steps of five; the dots end with the next message anyway."""


def typing(desk: Desk, consultation_id: int) -> None:
    """Have the dots shown; call it again while somebody goes on writing, at most every quarter of a minute."""
    row = desk.find(consultation_id)
    if desk.jobs is not None and row.mode == Mode.CHAT and row.state == State.ACTIVE and row.left_at is None:
        desk.jobs.defer(
            desk.connection, TYPING, {"resident": row.resident_id}, key=f"{TYPING}/{row.resident_id}", priority=10
        )


def writes(desk: Desk, row: Any) -> bool:
    """Tell whether somebody writes to a resident who looks at the secure page: the same dots, where LINE has none to show."""
    if row.state != State.ACTIVE or row.left_at is not None:
        return False
    statement = select(func.max(_scratches.c.at)).where(
        _scratches.c.consultation_id == row.id, _scratches.c.staff_id.in_([row.taken_by, row.second_by])
    )
    at = desk.connection.execute(statement).scalar_one()
    return at is not None and desk.now - at < dt.timedelta(seconds=SECONDS)


def show(context: TaskContext, arguments: Arguments) -> None:
    """Ask LINE for the dots; when it does not listen nothing is lost."""
    with context.database.read() as connection:
        statement = select(Resident.line_user_id, Channel.name).join(Channel, Channel.id == Resident.channel_id)
        row = connection.execute(statement.where(Resident.id == arguments["resident"])).one_or_none()
    if row is not None and context.client.knows(row.name):
        context.client.loading(row.name, row.line_user_id, SECONDS)


TASKS = (Task(TYPING, show, tries=1),)
