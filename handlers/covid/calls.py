"""The call list: who is to be called, whoever is most at risk first; each call leaves its outcome, and nobody is called by two."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, func, insert, or_, select, text, update

from bot.alerts import raise_alert, settle
from bot.crypto import Vault
from bot.models import Resident, SealedBytes, Staff
from bot.now import TOKYO
from bot.upsert import insert_into
from handlers.covid.models import Call, CallEntry

OPEN, DONE = "open", "done"
WORSE, SILENT = "worse", "silent"
GRAVE = 0
"""Before all others: somebody who became worse."""

IN_HAND = dt.timedelta(minutes=15)
"""For so long nobody else is offered somebody whom an officer is about to call."""

LATER, SOON = dt.timedelta(hours=2), dt.timedelta(minutes=30)
"""After a call that nobody answered; soon for somebody who became worse."""

MORNING = dt.time(9)
"""When the calls of a day begin."""

ALERT = "covid.calls"
_NOTE = "covid_calls.note"

_entries: Any = CallEntry.__table__


class Outcome(StrEnum):
    """What a call came to."""

    WELL = "well"
    WORSE = "worse"
    HOSPITAL = "hospital"
    RECOVERED = "recovered"
    ABSENT = "absent"
    WRONG = "wrong"

    @property
    def over(self) -> bool:
        """Tell whether nobody has to call again."""
        return self is not Outcome.ABSENT

    @property
    def ends_follow_up(self) -> bool:
        """Tell whether the follow-up is over too."""
        return self in {Outcome.HOSPITAL, Outcome.RECOVERED}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which part of the list somebody works on; None means all."""

    risk: int | None = None
    area: str | None = None
    reason: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        """Return the conditions on open entries."""
        chosen = ((CallEntry.risk, self.risk), (CallEntry.area, self.area), (CallEntry.reason, self.reason))
        return [CallEntry.state == OPEN, *(column == value for column, value in chosen if value is not None)]


def put_on_list(connection: Connection, follow_ups: Sequence[Any], reason: str, now: dt.datetime) -> None:
    """Put people onto the list unless they are on it; who became worse moves to its head. Staff are told that there is one."""
    if not follow_ups:
        return
    rows = [
        {
            "resident_id": each.resident_id,
            "follow_up_id": each.id,
            "reason": reason,
            "state": OPEN,
            "risk": GRAVE if reason == WORSE else each.risk,
            "area": each.area,
            "opened_at": now,
            "call_at": now,
            "calls": 0,
        }
        for each in follow_ups
    ]
    # The index's own words: a parameter in their place is no longer known as the index once the statement is prepared.
    statement = insert_into(connection, CallEntry).on_conflict_do_nothing(
        index_elements=["resident_id"], index_where=text("state = 'open'")
    )
    new = connection.execute(statement.returning(CallEntry.id), rows).all()
    if reason == WORSE:
        people = [each.resident_id for each in follow_ups]
        graver = update(_entries).where(_entries.c.resident_id.in_(people), _entries.c.state == OPEN)
        connection.execute(graver.values(risk=GRAVE, reason=WORSE, call_at=now))
    if new:
        raise_alert(connection, now, kind=ALERT, service="covid", key=ALERT, about="call list")


def close_for(
    connection: Connection, follow_up_id: int, outcome: str, now: dt.datetime, reason: str | None = None
) -> None:
    """Take somebody off the list because they answered or their follow-up ended."""
    statement = update(_entries).where(_entries.c.follow_up_id == follow_up_id, _entries.c.state == OPEN)
    if reason is not None:
        statement = statement.where(_entries.c.reason == reason)
    if connection.execute(statement.values(state=DONE, done_at=now, last_outcome=outcome)).rowcount:
        _settle_when_empty(connection, now)


def to_be_called(connection: Connection, follow_up_id: int) -> bool:
    """Tell whether somebody is on the list."""
    statement = select(CallEntry.id).where(CallEntry.follow_up_id == follow_up_id, CallEntry.state == OPEN)
    return connection.execute(statement.limit(1)).first() is not None


ORDER = (CallEntry.risk, CallEntry.call_at, CallEntry.id)
"""Whom to call first."""


def on_list(wanted: Wanted, now: dt.datetime) -> Any:
    """Return the statement for the open entries, not yet in the order in which they are to be called."""
    return (
        select(CallEntry, Resident.reference, Staff.name.label("taken_by_name"))
        .join(Resident, Resident.id == CallEntry.resident_id)
        .outerjoin(Staff, and_(Staff.id == CallEntry.taken_by, CallEntry.taken_until > now))
        .where(*wanted.conditions())
    )


def waiting(connection: Connection, wanted: Wanted, now: dt.datetime, limit: int) -> list[Any]:
    """Return the open entries in the order in which they are to be called."""
    return list(connection.execute(on_list(wanted, now).order_by(*ORDER).limit(limit)))


def put_off(connection: Connection, wanted: Wanted, now: dt.datetime) -> int:
    """Leave who fell silent for tomorrow morning, on a day with more of them than can be called; return how many.

    Who became worse is never put off, nor whom an officer has in hand.
    """
    free = or_(CallEntry.taken_until.is_(None), CallEntry.taken_until < now)
    until = tomorrow_morning(now)
    later = (*wanted.conditions(), CallEntry.reason == SILENT, CallEntry.call_at < until, free)
    return connection.execute(update(CallEntry).where(*later).values(call_at=until)).rowcount


def tomorrow_morning(now: dt.datetime) -> dt.datetime:
    """Return when the calls of the next day begin."""
    tomorrow = now.astimezone(TOKYO).date() + dt.timedelta(days=1)
    return dt.datetime.combine(tomorrow, MORNING, TOKYO).astimezone(dt.UTC)


def counts(connection: Connection, wanted: Wanted) -> dict[int, int]:
    """Return how many are open by risk."""
    statement = select(CallEntry.risk, func.count()).where(*wanted.conditions()).group_by(CallEntry.risk)
    return {row[0]: row[1] for row in connection.execute(statement)}


def open_areas(connection: Connection) -> list[str]:
    """Return the areas in which somebody is to be called."""
    return list(
        connection.execute(
            select(CallEntry.area).where(CallEntry.state == OPEN).distinct().order_by(CallEntry.area)
        ).scalars()
    )


def take_next(connection: Connection, wanted: Wanted, staff_id: int, now: dt.datetime) -> int | None:
    """Give an officer the next person to call, and keep others from calling them for a while; None when nobody is due."""
    free = or_(CallEntry.taken_until.is_(None), CallEntry.taken_until < now, CallEntry.taken_by == staff_id)
    statement = (
        select(CallEntry.id)
        .where(*wanted.conditions(), CallEntry.call_at <= now, free)
        .order_by(*ORDER)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    id_: int | None = connection.execute(statement).scalar_one_or_none()
    if id_ is not None:
        take(connection, id_, staff_id, now)
    return id_


def take(connection: Connection, id_: int, staff_id: int, now: dt.datetime) -> bool:
    """Take somebody in hand; False while another officer has them."""
    free = or_(_entries.c.taken_until.is_(None), _entries.c.taken_until < now, _entries.c.taken_by == staff_id)
    statement = update(_entries).where(_entries.c.id == id_, _entries.c.state == OPEN, free)
    return connection.execute(statement.values(taken_by=staff_id, taken_until=now + IN_HAND)).rowcount == 1


def held_by(row: Any, now: dt.datetime) -> int | None:
    """Return who has an open entry in hand now; None when it is free or over."""
    held = row.state == OPEN and row.taken_until is not None and row.taken_until >= now
    return row.taken_by if held else None


def entry(connection: Connection, id_: int) -> Any:
    """Return an entry with its resident's reference, None when there is none."""
    statement = select(CallEntry, Resident.reference).join(Resident, Resident.id == CallEntry.resident_id)
    return connection.execute(statement.where(CallEntry.id == id_)).one_or_none()


def record(
    connection: Connection, vault: Vault, row: Any, outcome: Outcome, note: str, staff_id: int, now: dt.datetime
) -> None:
    """Write down one call. Who was absent stays on the list for later, everybody else is done.

    The alert about somebody who became worse stays until they were reached.
    """
    uid = uuid.uuid4().hex
    connection.execute(
        insert(Call),
        {
            "uid": uid,
            "entry_id": row.id,
            "resident_id": row.resident_id,
            "outcome": outcome.value,
            "note": SealedBytes.seal(vault, _NOTE, uid, note.encode()) if note else None,
            "called_by": staff_id,
            "called_at": now,
        },
    )
    after = {"state": DONE, "done_at": now} if outcome.over else {"call_at": now + _pause(row)}
    common = {"calls": row.calls + 1, "last_outcome": outcome.value, "taken_by": None, "taken_until": None}
    connection.execute(update(_entries).where(_entries.c.id == row.id).values({**after, **common}))
    if outcome.over:
        settle(connection, now, f"covid.worse:{row.follow_up_id}")
    _settle_when_empty(connection, now)


def _pause(row: Any) -> dt.timedelta:
    return SOON if row.reason == WORSE else LATER


def calls_of(connection: Connection, vault: Vault, entry_id: int) -> list[dict[str, Any]]:
    """Return the calls of an entry with their notes, newest first."""
    statement = (
        select(Call, Staff.name.label("officer"))
        .join(Staff, Staff.id == Call.called_by)
        .where(Call.entry_id == entry_id)
        .order_by(Call.id.desc())
    )
    return [
        {
            "outcome": row.outcome,
            "officer": row.officer,
            "called_at": row.called_at,
            "note": "" if row.note is None else vault.open(_NOTE, row.uid, row.note).decode(),
        }
        for row in connection.execute(statement)
    ]


def _settle_when_empty(connection: Connection, now: dt.datetime) -> None:
    if connection.execute(select(CallEntry.id).where(CallEntry.state == OPEN).limit(1)).first() is None:
        settle(connection, now, ALERT)
