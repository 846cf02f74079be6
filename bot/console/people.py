"""Staff accounts as the console and `madoguchi staff` change them: entered, given roles, reset, closed."""

from __future__ import annotations

import datetime as dt
import secrets
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field

from sqlalchemy import Connection, Row, delete, insert, select, update

from bot.console import sessions
from bot.console.access import Role
from bot.models import Department, DepartmentService, Membership, Staff

_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class Taken(Exception):
    """Somebody signs in with this address already; choose another or change that account."""


@dataclass(frozen=True, slots=True)
class Account:
    """What is said about somebody when they are entered."""

    name: str
    sign_in: str
    language: str = "ja"
    expires_on: dt.date | None = None
    roles: frozenset[tuple[int, Role]] = field(default_factory=frozenset)
    """Pairs of department and role."""


def normal(sign_in: str) -> str:
    """Return an address as it is stored.

    >>> normal(" Hanako@Town.example ")
    'hanako@town.example'
    """
    return sign_in.strip().lower()


def first_password() -> str:
    """Return a password to be handed over and changed at the first sign-in: 20 letters and digits in groups."""
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(5)) for _ in range(4))


def add(connection: Connection, account: Account, password_hash: str, now: dt.datetime) -> int:
    """Enter somebody and return their number. Raises Taken."""
    if find(connection, account.sign_in) is not None:
        raise Taken(f"{account.sign_in} is in use already")
    row = {
        "name": account.name, "sign_in": normal(account.sign_in), "handle": uuid.uuid4().hex, "password": password_hash,
        "must_change": True, "language": account.language, "active": True, "expires_on": account.expires_on,
        "created_at": now,
    }  # fmt: skip
    staff_id: int = connection.execute(insert(Staff).returning(Staff.id), row).scalar_one()
    set_roles(connection, staff_id, account.roles)
    return staff_id


def find(connection: Connection, sign_in: str) -> Row[tuple[Staff]] | None:
    """Return the row of who signs in with this address."""
    return connection.execute(select(Staff.__table__).where(Staff.sign_in == normal(sign_in))).one_or_none()


def set_roles(connection: Connection, staff_id: int, roles: Iterable[tuple[int, Role]]) -> None:
    """Give somebody these roles and no others."""
    connection.execute(delete(Membership).where(Membership.staff_id == staff_id))
    rows = [
        {"staff_id": staff_id, "department_id": department, "role": role.value} for department, role in sorted(roles)
    ]
    if rows:
        connection.execute(insert(Membership), rows)


def set_password(connection: Connection, staff_id: int, password_hash: str, *, must_change: bool) -> None:
    """Store a new password's hash."""
    changed = {"password": password_hash, "must_change": must_change}
    connection.execute(update(Staff).where(Staff.id == staff_id).values(changed))


def reset(connection: Connection, staff_id: int, password_hash: str, now: dt.datetime) -> None:
    """Let somebody begin anew: a password to be changed, a new authenticator, every session ended."""
    set_password(connection, staff_id, password_hash, must_change=True)
    connection.execute(update(Staff).where(Staff.id == staff_id).values(totp=None, last_counter=None))
    sessions.end(connection, staff_id, now)


def close(connection: Connection, staff_id: int, now: dt.datetime) -> None:
    """Let somebody sign in no more; the account stays, so that the log can be read."""
    connection.execute(update(Staff).where(Staff.id == staff_id).values(active=False))
    sessions.end(connection, staff_id, now)


def department(connection: Connection, name: str, services: Iterable[str] = ()) -> int:
    """Return the number of a department, entering it with its services when it is new."""
    found: int | None = connection.execute(select(Department.id).where(Department.name == name)).scalar_one_or_none()
    if found is not None:
        return found
    number: int = connection.execute(insert(Department).returning(Department.id), {"name": name}).scalar_one()
    set_services(connection, number, services)
    return number


def set_services(connection: Connection, department_id: int, services: Iterable[str]) -> None:
    """Let a department look after these services and no others."""
    connection.execute(delete(DepartmentService).where(DepartmentService.department_id == department_id))
    rows = [{"department_id": department_id, "service": service} for service in sorted(set(services))]
    if rows:
        connection.execute(insert(DepartmentService), rows)
