"""Replies prepared for frequent use, of one office or of all."""

from __future__ import annotations

from typing import Any

from sqlalchemy import delete, func, insert, or_, select

from bot.desk.desk import Desk
from bot.desk.writing import NoText, TooLong
from bot.line.limits import TEXT_UTF16, utf16
from bot.models import CannedReply

TITLE = 60
_replies: Any = CannedReply.__table__


def replies(desk: Desk, office_id: int) -> list[Any]:
    """Return the replies an office may choose from, in its order."""
    mine = or_(_replies.c.office_id == office_id, _replies.c.office_id.is_(None))
    return list(desk.connection.execute(select(_replies).where(mine).order_by(_replies.c.position, _replies.c.id)))


def add(desk: Desk, office_id: int | None, title: str, text: str) -> int:
    """Add a reply at the end; office None is for all. Raises NoText, TooLong."""
    if not title.strip() or not text.strip():
        raise NoText
    if len(title) > TITLE or utf16(text) > TEXT_UTF16:
        raise TooLong
    last = desk.connection.execute(select(func.max(_replies.c.position))).scalar_one()
    row = {"office_id": office_id, "title": title.strip(), "text": text, "position": (last or 0) + 1}
    return int(desk.connection.execute(insert(_replies).returning(_replies.c.id), row).scalar_one())


def remove(desk: Desk, reply_id: int) -> None:
    """Take a reply out of the list."""
    desk.connection.execute(delete(_replies).where(_replies.c.id == reply_id))
