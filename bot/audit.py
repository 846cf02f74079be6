"""The audit log: who did or looked at what, written in the same transaction, chained by seals a few seconds later.

Nothing that is hot waits for the chain: the sealer of one process at a time links what has been committed since. A seal covers
the entry, the seal before it and its position, under a key made for this purpose only, so that who can write to the database
cannot change, remove or insert an entry without being found out.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from sqlalchemy import Connection, func, insert, select

from bot import lease
from bot.crypto import key_id
from bot.db import Database
from bot.models import AuditEntry, AuditSeal
from bot.models.base import micros
from bot.now import Now

BATCH = 500
"""Entries sealed in one transaction."""

LOOK_BACK = 10_000
"""How many numbers before the newest sealed entry one may still appear whose transaction took longer."""

LEASE = "audit seals"
LEASE_SECONDS = 15.0
_START = b"\0" * 32

Detail = str | int | bool | None


class Actor(Protocol):
    """Somebody whose acts are recorded."""

    @property
    def id(self) -> int | None:
        """Return the number in `staff`; None for a command or the clock."""

    @property
    def sign_in(self) -> str:
        """Return the name under which the act is recorded."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command on the server, or the clock, as an actor: `sign_in` names it ("madoguchi staff add")."""

    sign_in: str
    id: int | None = None


def record(
    connection: Connection,
    actor: Actor,
    action: str,
    at: dt.datetime,
    subject: str | None = None,
    service: str | None = None,
    **detail: Detail,
) -> None:
    """Write down that `actor` did `action` ("submission.view") to `subject` ("submission:12").

    `detail` holds ids, counts and states, never anything a resident said or a name.
    """
    row = {
        "at": at, "staff_id": actor.id, "actor": actor.sign_in[:160], "action": action, "subject": subject,
        "service": service, "detail": detail,
    }  # fmt: skip
    connection.execute(insert(AuditEntry), row)


def keys_of(lookup_keys: Sequence[bytes]) -> tuple[bytes, ...]:
    """Return the sealer's own keys, newest first, made from those of the installation."""
    return tuple(hmac.digest(key, b"madoguchi audit chain", "sha256") for key in lookup_keys)


class Sealer:
    """Links new entries to the chain. Harmless in several processes: a lease lets one at a time do it."""

    def __init__(self, database: Database, keys: Sequence[bytes], owner: str, now: Now) -> None:
        self._database = database
        self._key = keys[0]
        self._owner = owner
        self._now = now

    def __call__(self) -> int:
        """Seal what has been committed since; return how many entries it was."""
        with self._database.read() as connection:
            if connection.execute(_unsealed(1)).first() is None:
                return 0
        sealed = BATCH
        total = 0
        while sealed == BATCH:
            sealed = self._batch()
            total += sealed
        return total

    def _batch(self) -> int:
        with self._database.write() as connection:
            if not lease.hold(connection, LEASE, self._owner, self._now(), LEASE_SECONDS):
                return 0
            position, before = head(connection)
            rows = []
            for entry in connection.execute(_unsealed(BATCH)).all():
                position += 1
                before = seal(self._key, before, position, entry)
                rows.append({"position": position, "entry_id": entry.id, "key": key_id(self._key), "seal": before})
            if rows:
                connection.execute(insert(AuditSeal), rows)
            return len(rows)


def head(connection: Connection) -> tuple[int, bytes]:
    """Return the position and the seal at the end of the chain; (0, 32 zero bytes) of an empty one."""
    last = select(AuditSeal.position, AuditSeal.seal).order_by(AuditSeal.position.desc()).limit(1)
    row = connection.execute(last).one_or_none()
    return (row.position, row.seal) if row else (0, _START)


def seal(key: bytes, before: bytes, position: int, entry: Any) -> bytes:
    """Return the link of `entry` at `position` after the link `before`."""
    said = orjson.dumps(
        [
            entry.id, micros(entry.at), entry.staff_id, entry.actor, entry.action, entry.subject, entry.service,
            entry.detail,
        ],
        option=orjson.OPT_SORT_KEYS,
    )  # fmt: skip
    return hmac.digest(key, before + position.to_bytes(8) + hashlib.sha256(said).digest(), "sha256")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What looking through the chain found. `broken` says where it first does not hold, None when it holds."""

    sealed: int
    unsealed: int
    broken: str | None
    head: str


def verify(connection: Connection, keys: Sequence[bytes]) -> Verdict:
    """Recompute the chain from its first seal that is still kept to its end."""
    known = {key_id(key): key for key in keys}
    before: bytes | None = None
    expected: int | None = None
    checked = 0
    broken = None
    for row in _chain(connection):
        broken = _fault(row, known, before, expected)
        if broken is not None:
            break
        before, expected, checked = row.seal, row.position + 1, checked + 1
    unsealed = len(connection.execute(_unsealed(10_000)).all())
    return Verdict(checked, unsealed, broken, head(connection)[1].hex())


def contains(connection: Connection, seal_in_hex: str) -> bool:
    """Tell whether a seal that was noted earlier is still in the chain."""
    try:
        wanted = bytes.fromhex(seal_in_hex)
    except ValueError:
        return False
    return connection.execute(select(AuditSeal.position).where(AuditSeal.seal == wanted)).first() is not None


def entries(connection: Connection, since: dt.datetime | None = None) -> Iterator[Any]:
    """Yield all entries with their seals, oldest first, a batch at a time."""
    statement = (
        select(*AuditEntry.__table__.columns, AuditSeal.position, AuditSeal.seal)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .order_by(AuditEntry.id)
        .limit(BATCH)
    )
    if since is not None:
        statement = statement.where(AuditEntry.at >= since)
    after = 0
    while rows := connection.execute(statement.where(AuditEntry.id > after)).all():
        yield from rows
        after = rows[-1].id


def _fault(row: Any, known: dict[bytes, bytes], before: bytes | None, expected: int | None) -> str | None:
    if expected is not None and row.position != expected:
        return f"seal {expected} is missing"
    if row.id is None:
        return f"entry {row.entry_id} is missing"
    key = known.get(bytes(row.key))
    if key is None:
        return f"the key of seal {row.position} is not among LOOKUP_KEYS"
    if before is None:
        if row.position != 1:
            return None  # older entries were deleted when their time was over; this one is the anchor
        before = _START
    return (
        None if hmac.compare_digest(seal(key, before, row.position, row), row.seal) else f"entry {row.id} was changed"
    )


def _chain(connection: Connection) -> Iterator[Any]:
    statement = (
        select(AuditSeal.position, AuditSeal.entry_id, AuditSeal.key, AuditSeal.seal, *AuditEntry.__table__.columns)
        .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.entry_id)
        .order_by(AuditSeal.position)
        .limit(BATCH)
    )
    after = -1
    while rows := connection.execute(statement.where(AuditSeal.position > after)).all():
        yield from rows
        after = rows[-1].position


def _unsealed(limit: int) -> Any:
    # Ids are given before a commit, so an entry can appear behind one that is sealed already: look a while back.
    return (
        select(*AuditEntry.__table__.columns)
        .outerjoin(AuditSeal, AuditSeal.entry_id == AuditEntry.id)
        .where(AuditSeal.position.is_(None), AuditEntry.id > _recent())
        .order_by(AuditEntry.id)
        .limit(limit)
    )


def _recent() -> Any:
    return func.coalesce(select(func.max(AuditSeal.entry_id)).scalar_subquery(), 0) - LOOK_BACK
