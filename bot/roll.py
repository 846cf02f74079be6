"""The roll of residents: found by channel and LINE user id, locked for one transaction, entered when new.

Nobody waits for a resident whom another transaction holds, so two processes never wait for each other.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Text, and_, bindparam, column, func, select, true
from sqlalchemy.dialects import postgresql

from bot.models import Conversation, Resident
from bot.upsert import insert_new

_residents: Any = Resident.__table__
_conversations: Any = Conversation.__table__
_REFERENCE_LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ"
_REFERENCE_SIGNS = _REFERENCE_LETTERS + "23456789"

Who = tuple[int, str]
"""A channel's id and a LINE user id on it."""

_KEYS = ("channel_id", "line_user_id")


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
    """Lock and return the residents, entering those never seen before; those another transaction holds are left out.

    Leaving them out instead of waiting keeps one held resident from holding up all others.
    """
    wanted = sorted(set(whos))
    ours = wanted if connection.dialect.name == "sqlite" else _lock(connection, wanted)
    found = _read(connection, ours)
    unseen = [who for who in wanted if who not in found]
    if unseen:
        found |= _read(connection, _enter(connection, unseen, now))
    return found


def recall(connection: Connection, resident_id: int) -> Present | None:
    """Return a resident by id, whom the caller has locked."""
    row = connection.execute(_SELECT_ONE, {"resident": resident_id}).one_or_none()
    return None if row is None else _present(row)


def new_reference() -> str:
    """Return a name by which staff may know somebody: a letter, so that it looks like no number, and nine more signs."""
    return secrets.choice(_REFERENCE_LETTERS) + "".join(secrets.choice(_REFERENCE_SIGNS) for _ in range(9))


def _lock(connection: Connection, wanted: Sequence[Who]) -> list[Who]:
    # A statement of its own: joined to the lock, talks would be read as they were before the lock was free.
    return [
        (channel_id, line_user_id)
        for channel_id, users in _by_channel(wanted)
        for line_user_id in connection.execute(_LOCK, {"channel": channel_id, "users": users}).scalars()
    ]


def _read(connection: Connection, ours: Sequence[Who]) -> dict[Who, Present]:
    found: dict[Who, Present] = {}
    for channel_id, users in _by_channel(ours):
        for row in connection.execute(_SELECT[connection.dialect.name], {"channel": channel_id, "users": users}):
            present = _present(row)
            found[(channel_id, present.line_user_id)] = present
    return found


def _present(row: Any) -> Present:
    return Present(
        row.id, row.channel_id, row.line_user_id, row.reference, row.language, row.friend, row.friend_at,
        row.state, row.last_event_at or 0, row.resident_id is not None,
    )  # fmt: skip


def _by_channel(whos: Sequence[Who]) -> Iterable[tuple[int, list[str]]]:
    users: dict[int, list[str]] = {}
    for channel_id, line_user_id in whos:
        users.setdefault(channel_id, []).append(line_user_id)
    return users.items()


def _enter(connection: Connection, unseen: Sequence[Who], now: dt.datetime) -> list[Who]:
    """Enter residents and return those who were new, which nobody else can hold."""
    statement = insert_new(connection, _residents, _KEYS, returning=_KEYS)
    rows = [
        {
            "channel_id": channel_id,
            "line_user_id": line_user_id,
            "reference": new_reference(),
            "friend_at": 0,
            "created_at": now,
        }
        for channel_id, line_user_id in unseen
    ]
    return [(row.channel_id, row.line_user_id) for row in connection.execute(statement, rows)]


_AMONG = _residents.c.line_user_id.in_(bindparam("users", expanding=True))
# PostgreSQL takes the users as one array (a list of parameters would be another statement for each number of them) and looks
# each of them up for itself: a plan made while there were few residents would read all of them for "= ANY", and is kept.
_USERS = bindparam("users", type_=postgresql.ARRAY(Text))
_WANTED = func.unnest(_USERS).table_valued(column("user", Text), name="wanted").render_derived()
_IN_CHANNEL = _residents.c.channel_id == bindparam("channel")
_ONE_WANTED = and_(_IN_CHANNEL, _residents.c.line_user_id == _WANTED.c.user)
_LOCKED = select(_residents.c.line_user_id).where(_ONE_WANTED).with_for_update(skip_locked=True).lateral("locked")
_LOCK = select(_LOCKED.c.line_user_id).select_from(_WANTED).join(_LOCKED, true())
_TALKING = select(
    _residents,
    _conversations.c.resident_id,
    _conversations.c.state,
    _conversations.c.last_event_at,
).outerjoin(_conversations, _conversations.c.resident_id == _residents.c.id)
_ONE_TALKING = _TALKING.where(_ONE_WANTED).limit(1).lateral("talking")
_SELECT = {
    "sqlite": _TALKING.where(_IN_CHANNEL, _AMONG),
    "postgresql": select(_ONE_TALKING).select_from(_WANTED).join(_ONE_TALKING, true()),
}
_SELECT_ONE = _TALKING.where(_residents.c.id == bindparam("resident"))
