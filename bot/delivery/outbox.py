"""The outbox's rows: written in the caller's transaction, taken by one sender at a time, closed with their outcome."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

import orjson
import structlog
from sqlalchemy import Connection, and_, bindparam, func, insert, select, text, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.crypto import CannotOpen, Vault
from bot.delivery import due
from bot.delivery.outcome import Status, Verdict
from bot.line.acceptance import check
from bot.models import Attempt, Delivery, SealedBytes
from bot.upsert import insert_into

log = structlog.get_logger(__name__)

LEASE = dt.timedelta(seconds=12)
"""How long a sender may work on a row undisturbed: longer than one request with all its timeouts, and short enough that a reply
whose sender died is taken up while its token still lives."""

TAKEN_AT_ONCE = f"{Verdict.ACCEPTED.value} 200"
"""The last result of a row that LINE took; with one attempt that was the first try."""

_PAYLOAD = "deliveries.payload"
_deliveries: Any = Delivery.__table__


class Priority(IntEnum):
    """What goes first when not everything can. A reply or a talk waits for nothing less urgent, nor for quiet hours or quota."""

    REPLY = 0
    TALK = 1
    EMERGENCY = 2
    REMINDER = 3
    BROADCAST = 4

    @property
    def exempt(self) -> bool:
        """Tell whether somebody is in a conversation and waits for this."""
        return self <= due.EXEMPT


@dataclass(frozen=True, slots=True)
class Letter:
    """What to send to one resident: LINE message objects, at most five, which LINE would take (the outbox raises NotAcceptable).

    A reply has its `reply_token` and when that came.
    `key` keeps a second letter for the same purpose out ("tax.reminder/12/2027"). After `stale_at` staff see it, residents do not.
    """

    channel_id: int
    resident_id: int
    purpose: str
    messages: Sequence[dict[str, Any]]
    priority: Priority
    reply_token: str | None = None
    token_at: dt.datetime | None = None
    key: str | None = None
    stale_at: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Dispatch:
    """A row on its way to LINE, in the hands of one sender until `lease_until`.

    `uncertain` tells that an earlier attempt may have been accepted without our knowing; `tried_at` is when the first one was made.
    A multicast goes to many `recipients` and to no resident (0); its `messages` are the whole body.
    """

    id: int
    channel_id: int
    channel: str
    resident_id: int
    line_user_id: str
    kind: str
    retry_key: str
    messages: bytes
    reply_token: str | None
    token_at: dt.datetime | None
    lease_until: dt.datetime
    priority: Priority = Priority.REPLY
    attempts: int = 0
    uncertain: bool = False
    doubled: bool = False
    tried_at: dt.datetime | None = None
    recipients: int = 1


@dataclass(frozen=True, slots=True)
class Tried:
    """One line of the attempt log."""

    number: int
    at: dt.datetime
    verdict: Verdict
    http_status: int | None
    line_request_id: str | None


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a row for now, as it will say it. `again_at` is set while it goes on, `kind` when a reply became a push.

    `tried` holds the attempts made since the row was taken.
    """

    id: int
    status: Status
    attempts: int
    doubled: bool
    uncertain: bool
    kind: str
    last_result: str
    line_request_id: str | None
    at: dt.datetime
    again_at: dt.datetime | None = None
    tried_at: dt.datetime | None = None
    tried: tuple[Tried, ...] = ()


@dataclass(frozen=True, slots=True)
class Outbox:
    """The table's writer for one process, named `owner` in its leases."""

    vault: Vault
    owner: str

    def post(
        self, connection: Connection, letters: Sequence[tuple[Letter, Recipient]], now: dt.datetime
    ) -> list[Dispatch]:
        """Write rows already leased to this process and return them, to be sent after the commit. Letters come without `key`."""
        if not letters:
            return []
        lease = {"lease_until": now + LEASE, "lease_by": self.owner, "tried_at": now}
        numbers = _draw(connection, len(letters))
        rows = [
            self._row(letter, now) | lease | {"id": number}
            for (letter, _), number in zip(letters, numbers, strict=True)
        ]
        connection.execute(_INSERT, rows)
        return [
            Dispatch(
                id=row["id"],
                channel_id=letter.channel_id,
                channel=recipient.channel,
                resident_id=letter.resident_id,
                line_user_id=recipient.line_user_id,
                kind=row["kind"],
                retry_key=row["retry_key"],
                messages=orjson.dumps(letter.messages),
                reply_token=letter.reply_token,
                token_at=letter.token_at,
                lease_until=now + LEASE,
                priority=letter.priority,
            )
            for (letter, recipient), row in zip(letters, rows, strict=True)
        ]

    def put(
        self, connection: Connection, letters: Sequence[Letter], now: dt.datetime, due_at: dt.datetime | None = None
    ) -> int:
        """Write rows for any sender to find; return how many were new. A `key` already there keeps its letter out."""
        if not letters:
            return 0
        statement = (
            insert_into(connection, _deliveries)
            .on_conflict_do_nothing(index_elements=["key"])
            .returning(_deliveries.c.id)
        )
        rows = [self._row(letter, now) | {"due_at": due_at or now} for letter in letters]
        return len(connection.execute(statement, rows).all())

    def take(self, connection: Connection, now: dt.datetime, limit: int, full: Collection[int] = ()) -> list[Dispatch]:
        """Lease due rows that nobody works on, first things first, never past an earlier message to the same resident.

        In quiet hours, and on channels that are `full` (their quota is down to the reserve), only what is urgent is taken. What is
        too old by its own rule is laid aside for staff.
        """
        rows = due.find_due(connection, now, limit, full)
        stale = [row["id"] for row in rows if row["stale_at"] is not None and row["stale_at"] < now]
        if stale:
            connection.execute(_numbered(stale).values(status=Status.STALE.value, lease_until=None, lease_by=None))
            rows = [row for row in rows if row["id"] not in stale]
        if not rows:
            return []
        # A sender that dies now may have made a request, so this counts as the first try until it is known better.
        tried_at = func.coalesce(_deliveries.c.tried_at, bindparam("tried", now, type_=_deliveries.c.tried_at.type))
        lease = {"lease_until": now + LEASE, "lease_by": self.owner, "tried_at": tried_at}
        connection.execute(_numbered([row["id"] for row in rows]).values(lease))
        return [dispatch for row in _in_sequence(rows) if (dispatch := self._dispatch(row, now)) is not None]

    def any_due(self, connection: Connection, now: dt.datetime, full: Collection[int] = ()) -> bool:
        """Tell whether `take` may find something, without locking anything."""
        return due.any_due(connection, now, full)

    def release_all(self, connection: Connection) -> None:
        """End the leases of processes that are gone; only where this process is the only one there can be."""
        statement = update(_deliveries).where(due.open_rows(), _deliveries.c.lease_until.is_not(None))
        connection.execute(statement.values(lease_until=_LONG_AGO))

    def record(self, connection: Connection, results: Sequence[Result]) -> list[None]:
        """Store outcomes and the attempts behind them; a row that is final already stays as it is.

        One that LINE took at the first try, as nearly all are, has no line of its own: the row tells all of it.
        A row that failed keeps its content for a while: staff may send it again.
        """
        over = [_closing(result) for result in results if result.again_at is None]
        going_on = [_postponing(result) for result in results if result.again_at is not None]
        arrived = [row for row in over if row["new_status"] in _ARRIVED]
        lost = [row for row in over if row["new_status"] not in _ARRIVED]
        for statement, rows in ((_CLOSE, arrived), (_GIVE_UP, lost), (_POSTPONE, going_on)):
            if rows:
                connection.execute(statement, rows)
        told = (result for result in results if not _taken_at_once(result))
        if log_lines := [_log_line(result.id, tried) for result in told for tried in result.tried]:
            connection.execute(_LOG_ON[connection.dialect.name], log_lines)
        return [None] * len(results)

    def _row(self, letter: Letter, now: dt.datetime) -> dict[str, Any]:
        check(letter.messages)
        retry_key = str(uuid.uuid4())
        content = orjson.dumps({"token": letter.reply_token, "messages": letter.messages})
        return {
            "channel_id": letter.channel_id,
            "resident_id": letter.resident_id,
            "kind": "push" if letter.reply_token is None else "reply",
            "purpose": letter.purpose,
            "key": letter.key,
            "priority": int(letter.priority),
            "status": Status.WAITING.value,
            "retry_key": retry_key,
            "payload": SealedBytes.seal(self.vault, _PAYLOAD, retry_key, content),
            "token_at": letter.token_at,
            "due_at": now,
            "stale_at": letter.stale_at,
            "attempts": 0,
            "uncertain": False,
            "doubled": False,
            "created_at": now,
        }

    def _dispatch(self, row: Any, now: dt.datetime) -> Dispatch | None:
        try:
            content = orjson.loads(self.vault.open(_PAYLOAD, row["retry_key"], row["payload"]))
        except CannotOpen:
            # Leased like the others, so that it comes back after them, when its key may be there again.
            log.error("delivery.sealed", delivery=row["id"])
            return None
        return Dispatch(
            id=row["id"],
            channel_id=row["channel_id"],
            channel=row["channel"],
            resident_id=row["resident_id"],
            line_user_id=row["line_user_id"],
            kind=row["kind"],
            retry_key=row["retry_key"],
            messages=orjson.dumps(content["messages"]),
            reply_token=content["token"],
            token_at=row["token_at"],
            lease_until=now + LEASE,
            priority=Priority(row["priority"]),
            attempts=row["attempts"],
            # A lease that ran out belonged to a sender that died: nobody knows how far it came.
            uncertain=row["uncertain"] or row["lease_until"] is not None,
            doubled=row["doubled"],
            tried_at=row["tried_at"],
        )


def _in_sequence(rows: Sequence[Any]) -> list[Any]:
    """Order rows by their resident's most urgent one, and each resident's by age."""
    places: dict[int, int] = {}
    for row in rows:
        places.setdefault(row["resident_id"], len(places))
    return sorted(rows, key=lambda row: (places[row["resident_id"]], row["id"]))


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where a letter goes: the channel's name and the resident's LINE user id there."""

    channel: str
    line_user_id: str


_LONG_AGO = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
_INSERT = insert(_deliveries)
_NUMBERS = select(func.nextval("deliveries_id_seq")).select_from(func.generate_series(1, bindparam("count")))
_LAST_NUMBER = text("SELECT seq FROM sqlite_sequence WHERE name = 'deliveries'")


def _draw(connection: Connection, count: int) -> Sequence[int]:
    """Draw the numbers of new rows, which then go in as one prepared statement; asking for them after it costs twice as much."""
    if connection.dialect.name == "sqlite":
        last = connection.execute(_LAST_NUMBER).scalar_one_or_none() or 0
        return range(last + 1, last + 1 + count)
    return connection.execute(_NUMBERS, {"count": count}).scalars().all()


def _numbered(ids: Sequence[int]) -> Any:
    return update(_deliveries).where(_deliveries.c.id.in_(ids))


_OPEN_ROW = and_(_deliveries.c.id == bindparam("row"), due.open_rows())


def _update(*names: str, **constants: None) -> Any:
    changes = {name: bindparam("new_" + name, type_=_deliveries.c[name].type) for name in names}
    return update(_deliveries).where(_OPEN_ROW).values({**changes, **constants, "lease_until": None, "lease_by": None})


_RESULT = ("status", "attempts", "doubled", "kind", "last_result", "line_request_id")
_ARRIVED = {Status.SENT.value, Status.PRESUMED.value}
_CLOSE = _update(*_RESULT, "finished_at", payload=None)
_GIVE_UP = _update(*_RESULT, "finished_at")
_POSTPONE = _update(*_RESULT, "uncertain", "due_at", "tried_at")
# A sender whose lease ran out may count an attempt that its successor has logged under the same number.
_LOG_ON = {
    "sqlite": sqlite.insert(Attempt).on_conflict_do_nothing(),
    "postgresql": postgresql.insert(Attempt).on_conflict_do_nothing(),
}


def _closing(result: Result) -> dict[str, Any]:
    return _common(result) | {"new_finished_at": result.at}


def _postponing(result: Result) -> dict[str, Any]:
    return _common(result) | {
        "new_uncertain": result.uncertain,
        "new_due_at": result.again_at,
        "new_tried_at": result.tried_at,
    }


def _taken_at_once(result: Result) -> bool:
    return result.attempts == 1 and result.last_result == TAKEN_AT_ONCE


def _log_line(delivery_id: int, tried: Tried) -> dict[str, Any]:
    return {
        "delivery_id": delivery_id,
        "number": tried.number,
        "at": tried.at,
        "verdict": tried.verdict.value,
        "http_status": tried.http_status,
        "line_request_id": tried.line_request_id,
    }


def _common(result: Result) -> dict[str, Any]:
    return {
        "row": result.id,
        "new_status": result.status.value,
        "new_attempts": result.attempts,
        "new_doubled": result.doubled,
        "new_kind": result.kind,
        "new_last_result": result.last_result,
        "new_line_request_id": result.line_request_id,
    }


def backlog(connection: Connection) -> dict[str, int]:
    """Return how many rows stand in each status that is not final."""
    counts = connection.execute(select(_deliveries.c.status, func.count()).where(due.open_rows()).group_by("status"))
    return {row[0]: row[1] for row in counts}
