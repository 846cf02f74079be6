"""Sessions of signed-in staff: rows with the hash of a token, ended by their owner, by idleness, by age or with the account."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from sqlalchemy import Connection, bindparam, insert, select, update

from bot.console.access import Grant, Person, Role
from bot.models import Department, DepartmentService, Membership, Staff, StaffSession

IDLE = dt.timedelta(minutes=30)
LONGEST = dt.timedelta(hours=12)
TOUCH = dt.timedelta(minutes=1)
"""How old the note of the last request may become before it is renewed: not every click writes."""


def begin(connection: Connection, staff_id: int, now: dt.datetime, address: str, agent: str) -> str:
    """Enter a session and return its token, which only the browser keeps."""
    token = secrets.token_urlsafe(32)
    row = {
        "staff_id": staff_id, "digest": digest(token), "created_at": now, "seen_at": now,
        "address": address[:45], "agent": agent[:120],
    }  # fmt: skip
    connection.execute(insert(StaffSession), row)
    return token


def digest(token: str) -> bytes:
    """Return what is stored of a token."""
    return hashlib.sha256(token.encode()).digest()


def find(connection: Connection, token: str, now: dt.datetime, today: dt.date) -> tuple[Person, bool] | None:
    """Return who is signed in with `token` and whether the session wants a `touch`; None when it is over."""
    row = connection.execute(_FIND, {"digest": digest(token)}).one_or_none()
    if row is None or not is_open(row, now) or not row.active or (row.expires_on and row.expires_on < today):
        return None
    person = Person(
        row.id, row.name, row.sign_in, row.language, grants_of(connection, row.id), row.session_id, row.must_change
    )
    return person, now - row.seen_at > TOUCH


def is_open(row: StaffSession | object, now: dt.datetime) -> bool:
    """Tell whether a session is neither ended nor idle nor too old."""
    session: StaffSession = row  # type: ignore[assignment]  # a row with its columns
    return session.ended_at is None and now - session.seen_at <= IDLE and now - session.created_at <= LONGEST


def touch(connection: Connection, session_id: int, now: dt.datetime) -> None:
    """Note that a session is in use."""
    connection.execute(update(StaffSession).where(StaffSession.id == session_id).values(seen_at=now))


def end(
    connection: Connection, staff_id: int, now: dt.datetime, session_id: int | None = None, besides: int = 0
) -> None:
    """End one session of somebody, or all of them but `besides`."""
    statement = update(StaffSession).where(
        StaffSession.staff_id == staff_id, StaffSession.ended_at.is_(None), StaffSession.id != besides
    )
    if session_id is not None:
        statement = statement.where(StaffSession.id == session_id)
    connection.execute(statement.values(ended_at=now))


def grants_of(connection: Connection, staff_id: int) -> tuple[Grant, ...]:
    """Return the roles somebody holds, with the services of each department."""
    found: dict[tuple[str, int], set[str]] = {}
    for row in connection.execute(_GRANTS, {"staff": staff_id}):
        services = found.setdefault((row.role, row.department_id), set())
        if row.service is not None:
            services.add(row.service)
    return tuple(
        Grant(Role(role), department, frozenset(services)) for (role, department), services in sorted(found.items())
    )


_FIND = (
    select(
        Staff.id, Staff.name, Staff.sign_in, Staff.language, Staff.active, Staff.expires_on, Staff.must_change,
        StaffSession.id.label("session_id"), StaffSession.created_at, StaffSession.seen_at, StaffSession.ended_at,
    )
    .join(StaffSession, StaffSession.staff_id == Staff.id)
    .where(StaffSession.digest == bindparam("digest"))
)  # fmt: skip
_GRANTS = (
    select(Membership.role, Membership.department_id, DepartmentService.service)
    .join(Department, Department.id == Membership.department_id)
    .outerjoin(DepartmentService, DepartmentService.department_id == Membership.department_id)
    .where(Membership.staff_id == bindparam("staff"), Department.closed_at.is_(None))
)
