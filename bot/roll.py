"""The roll of residents: found by channel and LINE user id, locked for one transaction, entered when new.

Rows are always locked in the same order, so that two processes never wait for each other.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select
from sqlalchemy.dialects import postgresql, sqlite

from bot.models import Conversation, Resident

_residents: Any = Resident.__table__
_conversations: Any = Conversation.__table__
_REFERENCE_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

Who = tuple[int, str]
"""A channel's id and a LINE user id on it."""


@dataclass(slots=True)
class Present:
    """A resident whose row is locked by this transaction, with the talk they are in (`state` still sealed)."""

    id: int
    channel_id: int
    line_user_id: str
    reference: str
    language: str | None
    friend: bool | None
    friend_at: int
    state: bytes | None
    last_event_at: int
    talked: bool


def call(connection: Connection, whos: Iterable[Who], now: dt.datetime) -> dict[Who, Present]:
    """Lock and return the residents, entering those never seen before."""
    wanted = sorted(set(whos))
    found = _find(connection, wanted)
    missing = [who for who in wanted if who not in found]
    if missing:
        _enter(connection, missing, now)
        found |= _find(connection, missing)
    return found


def _find(connection: Connection, wanted: Sequence[Who]) -> dict[Who, Present]:
    by_channel: dict[int, list[str]] = {}
    for channel_id, line_user_id in wanted:
        by_channel.setdefault(channel_id, []).append(line_user_id)
    found: dict[Who, Present] = {}
    for channel_id, users in by_channel.items():
        for row in connection.execute(_SELECT, {"channel": channel_id, "users": users}):
            present = Present(
                row.id, row.channel_id, row.line_user_id, row.reference, row.language, row.friend, row.friend_at,
                row.state, row.last_event_at or 0, row.resident_id is not None,
            )  # fmt: skip
            found[(channel_id, present.line_user_id)] = present
    return found


def _enter(connection: Connection, missing: Sequence[Who], now: dt.datetime) -> None:
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(_residents).on_conflict_do_nothing(index_elements=["channel_id", "line_user_id"])
    rows = [
        {
            "channel_id": channel_id,
            "line_user_id": line_user_id,
            "reference": "".join(secrets.choice(_REFERENCE_LETTERS) for _ in range(10)),
            "friend_at": 0,
            "created_at": now,
        }
        for channel_id, line_user_id in missing
    ]
    connection.execute(statement, rows)


_SELECT = (
    select(
        _residents,
        _conversations.c.resident_id,
        _conversations.c.state,
        _conversations.c.last_event_at,
    )
    .outerjoin(_conversations, _conversations.c.resident_id == _residents.c.id)
    .where(
        _residents.c.channel_id == bindparam("channel"),
        _residents.c.line_user_id.in_(bindparam("users", expanding=True)),
    )
    .order_by(_residents.c.id)
    .with_for_update(of=_residents)
)
