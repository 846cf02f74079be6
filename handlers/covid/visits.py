"""Visits: written when a code is scanned, closed at the door or by the next one, shown to whose they are, matched, deleted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, bindparam, delete, distinct, func, insert, or_, select, update

from handlers.covid.models import Facility, Place, Visit
from handlers.covid.overlap import LONGEST_STAY, Window, bounds, stay
from handlers.covid.rules import Kind

UNKNOWN_STAY = dt.timedelta(hours=2)
"""For a kind of facility the town's table no longer has."""
SHOWN = 10

_visits: Any = Visit.__table__


@dataclass(frozen=True, slots=True)
class Spot:
    """One place as a poster's code leads to it; `version` is the only one that is valid now."""

    id: int
    name: str
    version: int
    facility_id: int
    facility: str
    kind: str
    open: bool

    @property
    def title(self) -> str:
        """Return what residents read: the facility, and the room where it has several."""
        return f"{self.facility} {self.name}".strip()


def usual_stay(kinds: Mapping[str, Kind], kind: str) -> dt.timedelta:
    """Return how long people usually stay at a kind of facility."""
    found = kinds.get(kind)
    return UNKNOWN_STAY if found is None else found.stay


_SPOT = (
    select(
        Place.id,
        Place.name,
        Place.version,
        Place.facility_id,
        Facility.name.label("facility"),
        Facility.kind,
        Facility.state,
        Place.retired,
    )
    .join(Facility, Facility.id == Place.facility_id)
    .where(Place.id == bindparam("place"))
)


def spot(connection: Connection, place_id: int) -> Spot | None:
    """Return a place, None when there is none (any more)."""
    row = connection.execute(_SPOT, {"place": place_id}).one_or_none()
    if row is None:
        return None
    open_ = row.state != "retired" and not row.retired
    return Spot(row.id, row.name, row.version, row.facility_id, row.facility, row.kind, open_)


_LATEST = (
    select(Visit.id, Visit.place_id, Visit.entered_at, Visit.left_at, Facility.kind)
    .join(Place, Place.id == Visit.place_id)
    .join(Facility, Facility.id == Place.facility_id)
    .where(Visit.resident_id == bindparam("resident"))
    .order_by(Visit.entered_at.desc(), Visit.id.desc())
    .limit(1)
)
_LEAVE = (
    update(_visits)
    .where(_visits.c.id == bindparam("visit"))
    .values(left_at=bindparam("now", type_=_visits.c.left_at.type))
)
_ENTER = insert(_visits)


def check_in(
    connection: Connection, kinds: Mapping[str, Kind], resident_id: int, place_id: int, now: dt.datetime
) -> bool:
    """Note that a resident came to a place; return whether that was new (not while they are there already).

    Whoever scans a code elsewhere has left where they were before.
    """
    last = connection.execute(_LATEST, {"resident": resident_id}).one_or_none()
    if last is not None and _still_there(last, kinds, now):
        if last.place_id == place_id:
            return False
        connection.execute(_LEAVE, {"visit": last.id, "now": now})
    row = {"resident_id": resident_id, "place_id": place_id, "entered_at": now}
    connection.execute(_ENTER, row)
    return True


def check_out(connection: Connection, resident_id: int, now: dt.datetime) -> Spot | None:
    """Close the resident's latest visit unless it is closed or too long ago; return where that was."""
    last = connection.execute(_LATEST, {"resident": resident_id}).one_or_none()
    if last is None or last.left_at is not None or last.entered_at < now - LONGEST_STAY:
        return None
    connection.execute(_LEAVE, {"visit": last.id, "now": now})
    return spot(connection, last.place_id)


def _still_there(last: Any, kinds: Mapping[str, Kind], now: dt.datetime) -> bool:
    return last.left_at is None and now <= stay(last.entered_at, None, usual_stay(kinds, last.kind)).end


def visits_of(connection: Connection, resident_id: int, limit: int = SHOWN) -> list[Any]:
    """Return a resident's latest visits with the names of the places, newest first."""
    statement = (
        select(Visit.id, Visit.entered_at, Visit.left_at, Place.name, Facility.name.label("facility"))
        .join(Place, Place.id == Visit.place_id)
        .join(Facility, Facility.id == Place.facility_id)
        .where(Visit.resident_id == resident_id)
        .order_by(Visit.entered_at.desc(), Visit.id.desc())
        .limit(limit)
    )
    return list(connection.execute(statement))


def count_of(connection: Connection, resident_id: int) -> int:
    """Return how many visits of a resident are kept."""
    number: int = connection.execute(select(func.count()).where(Visit.resident_id == resident_id)).scalar_one()
    return number


def delete_visits(connection: Connection, resident_id: int, visit_id: int | None = None) -> int:
    """Delete one visit of a resident, or all of them; return how many there were."""
    statement = delete(_visits).where(_visits.c.resident_id == resident_id)
    if visit_id is not None:
        statement = statement.where(_visits.c.id == visit_id)
    return connection.execute(statement).rowcount


def at_place(facility_id: int, place_id: int | None, exposure: Window, usual: dt.timedelta) -> Any:
    """Return the condition on visits that meet `exposure` (padding included) at a facility, or at one place of it."""
    limits = bounds(exposure, usual)
    places = select(Place.id).where(Place.facility_id == facility_id)
    if place_id is not None:
        places = places.where(Place.id == place_id)
    return and_(
        Visit.place_id.in_(places),
        Visit.entered_at.between(limits.earliest, limits.latest),
        or_(
            Visit.left_at >= limits.left_from,
            and_(Visit.left_at.is_(None), Visit.entered_at >= limits.open_from),
        ),
    )


@dataclass(frozen=True, slots=True)
class Matched:
    """How many visits meet an exposure, of how many residents."""

    visits: int
    residents: int


def match(connection: Connection, condition: Any) -> Matched:
    """Count what meets an exposure."""
    row = connection.execute(
        select(func.count().label("visits"), func.count(distinct(Visit.resident_id)).label("residents")).where(
            condition
        )
    ).one()
    return Matched(row.visits, row.residents)
