"""Who may do what at the desk: always in the departments whose offices they are, and only for the services these look after."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import abort, g
from sqlalchemy import Connection

from bot.console.access import Permission, Person, Role, person, service_of
from bot.console.console import console
from bot.desk import offices, queue
from bot.desk.desk import Desk
from bot.desk.offices import OfficeView
from bot.desk.queue import Entry

TALK = Permission("desk.talk", frozenset({Role.COUNSELLOR, Role.OFFICER, Role.OPERATOR, Role.MANAGER}))
"""See the queue, open a talk and answer."""

RECORD = Permission("desk.record", frozenset({Role.COUNSELLOR, Role.OFFICER, Role.MANAGER}))
"""Keep the record: fact sheet, referral, print, legal hold, asking for a deletion. An outsourced operator does none of it."""

SUPERVISE = Permission("desk.supervise", frozenset({Role.MANAGER}))
"""Move talks between offices, lift a legal hold, delete what somebody else asked to delete."""

SETTINGS = Permission("desk.settings", frozenset({Role.MANAGER, Role.ADMINISTRATOR}), scoped=False)
"""Choose how an office works. Nothing a resident wrote is shown there."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A consultation that may be opened, and what it is opened with."""

    desk: Desk
    entry: Entry
    office: OfficeView

    @property
    def service(self) -> str:
        """Return the service it belongs to."""
        return service_of(self.entry.flow)

    @property
    def subject(self) -> str:
        """Return how the audit log names it."""
        return named(self.entry.id)


def named(number: int) -> str:
    """Return how the audit log names a consultation."""
    return f"consultation:{number}"


def desk_in(connection: Connection) -> Desk:
    """Return the desk within a transaction."""
    there = console()
    return there.runtime.desk(connection, there.now())


def offices_of(desk: Desk, who: Person, permission: Permission) -> list[OfficeView]:
    """Return the offices of the departments in which `who` holds a role that `permission` names."""
    mine = who.departments_for(permission)
    return [one for one in offices.offices(desk, mine) if one.row.department_id in mine]


def my_offices(desk: Desk) -> list[OfficeView]:
    """Return the offices this request's permission reaches to."""
    return offices_of(desk, person(), g.permission)


def opened(desk: Desk, number: int, mine: list[OfficeView] | None = None) -> Opened:
    """Return a consultation; ends the request with 404 where it is not theirs. `mine` are `my_offices` where they are known."""
    entry = queue.entry(desk, number)
    if entry is None or not person().may(g.permission, service_of(entry.flow)):
        abort(404)
    office = next((one for one in mine or my_offices(desk) if one.row.id == entry.office_id), None)
    return Opened(desk, entry, office) if office is not None else abort(404)


def ids(views: list[OfficeView]) -> list[int]:
    """Return the numbers of offices."""
    return offices.keys_of(views)


def count_waiting(connection: Connection, who: Person) -> int:
    """Return how many people wait at the offices of `who`."""
    desk: Any = desk_in(connection)
    return queue.counts(desk, ids(offices_of(desk, who, TALK)))["waiting"]
