"""Facilities and their places: registered by themselves or by staff, their codes renewed, retired when they close."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson
from sqlalchemy import Connection, func, insert, or_, select, update

from bot.crypto import Vault
from bot.models import SealedBytes
from handlers.covid.models import Facility, Place
from handlers.covid.rules import Kind

NEW, ACTIVE, RETIRED = "new", "active", "retired"
"""A facility that registered itself is new until staff have looked at it; its poster works at once."""

CONTACT = "covid_facilities.contact"
PLACES_MOST = 50
_LENGTHS = {"name": 80, "address": 120, "person": 60, "phone": 20, "mail": 120}

_facilities: Any = Facility.__table__
_places: Any = Place.__table__


@dataclass(frozen=True, slots=True)
class Application:
    """What a facility says about itself. `places` are its floors and rooms; without any there is one poster for the whole."""

    name: str
    kind: str
    address: str
    person: str
    phone: str
    mail: str = ""
    places: Sequence[str] = ()
    checklist: Sequence[str] = ()
    may_be_named: bool = False


@dataclass(frozen=True, slots=True)
class Faults:
    """What is wrong with an application, by field: the code of a sentence."""

    by_field: Mapping[str, str] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return bool(self.by_field)


def check(application: Application, kinds: Mapping[str, Kind]) -> Faults:
    """Return what is wrong with an application; empty when it can be registered."""
    faults: dict[str, str] = {}
    for name, most in _LENGTHS.items():
        value = getattr(application, name)
        if len(value) > most:
            faults[name] = "too_long"
        elif not value and name != "mail":
            faults[name] = "required"
    if application.phone and not 3 <= sum(map(str.isdigit, application.phone)) <= 15:
        faults.setdefault("phone", "not_phone")
    if application.mail and ("@" not in application.mail or application.mail != application.mail.strip()):
        faults.setdefault("mail", "not_mail")
    if application.kind not in kinds:
        faults["kind"] = "required"
    elif not set(application.checklist) <= set(kinds[application.kind].checklist):
        faults["checklist"] = "unknown"
    if len(application.places) > PLACES_MOST or any(len(each) > 40 for each in application.places):
        faults["places"] = "too_long"
    elif len(set(application.places)) != len(application.places):
        faults["places"] = "twice"
    return Faults(faults)


def register(
    connection: Connection, vault: Vault, application: Application, now: dt.datetime, staff_id: int | None = None
) -> int:
    """Store a facility with its places and return its id; one that staff enter is active at once."""
    uid = uuid.uuid4().hex
    row = {
        "uid": uid,
        "state": NEW if staff_id is None else ACTIVE,
        "registered_by": staff_id,
        "registered_at": now,
        **_values(vault, uid, application),
    }
    id_: int = connection.execute(insert(Facility).values(row).returning(Facility.id)).scalar_one()
    for name in application.places or ("",):
        _add_place(connection, id_, name, now)
    return id_


def change(connection: Connection, vault: Vault, row: Any, application: Application, now: dt.datetime) -> None:
    """Store what has changed about a facility; places that are no longer named are retired, new ones get a code."""
    connection.execute(
        update(_facilities).where(_facilities.c.id == row.id).values(_values(vault, row.uid, application))
    )
    wanted = set(application.places or ("",))
    known = {each.name: each for each in places_of(connection, row.id, retired=True)}
    for name in sorted(wanted - known.keys()):
        _add_place(connection, row.id, name, now)
    for name, place in known.items():
        if place.retired == (name in wanted):
            back = {"retired": name not in wanted, "changed_at": now}
            connection.execute(update(_places).where(_places.c.id == place.id).values(back))


def _values(vault: Vault, uid: str, application: Application) -> dict[str, Any]:
    contact = {"person": application.person, "phone": application.phone, "mail": application.mail}
    return {
        "name": application.name,
        "kind": application.kind,
        "address": application.address,
        "checklist": list(application.checklist),
        "contact": SealedBytes.seal(vault, CONTACT, uid, orjson.dumps(contact)),
        "may_be_named": application.may_be_named,
    }


def _add_place(connection: Connection, facility_id: int, name: str, now: dt.datetime) -> None:
    row = {"facility_id": facility_id, "name": name, "version": 1, "changed_at": now, "retired": False}
    connection.execute(insert(Place), row)


def find(connection: Connection, id_: int) -> Any:
    """Return a facility, None when there is none."""
    return connection.execute(select(Facility).where(Facility.id == id_)).one_or_none()


def find_by_uid(connection: Connection, uid: str) -> Any:
    """Return the facility of that random name, None when there is none."""
    return connection.execute(select(Facility).where(Facility.uid == uid)).one_or_none()


def contact_of(vault: Vault, row: Any) -> Mapping[str, str]:
    """Open whom to reach at a facility."""
    found: Mapping[str, str] = orjson.loads(vault.open(CONTACT, row.uid, row.contact))
    return found


def places_of(connection: Connection, facility_id: int, *, retired: bool = False) -> list[Any]:
    """Return the places of a facility; with `retired` those too that have no poster any more."""
    statement = select(Place).where(Place.facility_id == facility_id).order_by(Place.id)
    if not retired:
        statement = statement.where(Place.retired.is_(False))
    return list(connection.execute(statement))


def place_of(connection: Connection, facility_id: int, place_id: int) -> Any:
    """Return one place of a facility, None when it is not its own."""
    statement = select(Place).where(Place.facility_id == facility_id, Place.id == place_id)
    return connection.execute(statement).one_or_none()


def count(connection: Connection, words: str = "", state: str | None = None) -> int:
    """Return how many facilities there are of these words and in this state."""
    number: int = connection.execute(sought(select(func.count()).select_from(Facility), words, state)).scalar_one()
    return number


def sought(statement: Any, words: str, state: str | None) -> Any:
    """Narrow a statement to facilities in `state` whose name or address holds all `words`."""
    if state is not None:
        statement = statement.where(Facility.state == state)
    for word in words.split():
        statement = statement.where(
            or_(Facility.name.contains(word, autoescape=True), Facility.address.contains(word, autoescape=True))
        )
    return statement


def look_at(connection: Connection, id_: int) -> None:
    """Note that staff have looked at a facility that registered itself."""
    connection.execute(
        update(_facilities).where(_facilities.c.id == id_, _facilities.c.state == NEW).values(state=ACTIVE)
    )


def retire(connection: Connection, id_: int, now: dt.datetime) -> None:
    """Close a facility: its codes are refused from now on."""
    connection.execute(update(_facilities).where(_facilities.c.id == id_).values(state=RETIRED, retired_at=now))


def renew_codes(connection: Connection, facility_id: int, now: dt.datetime, place_id: int | None = None) -> int:
    """Give a facility's places (or one) a new code; the posters that hang there are refused from now on. Return how many."""
    statement = update(_places).where(_places.c.facility_id == facility_id, _places.c.retired.is_(False))
    if place_id is not None:
        statement = statement.where(_places.c.id == place_id)
    return connection.execute(statement.values(version=_places.c.version + 1, changed_at=now)).rowcount
