"""Staff from a CSV file: the yearly rotation. Read and checked as a whole before anything is changed.

Columns: 氏名 (name), メールアドレス (e-mail), 部署 (department), 役割 (role), 有効期限 (last day, 2027-03-31), 引き継ぐ相手 (who
takes over).
One line per role; somebody with two roles has two lines. A line without a role closes the account; its open work goes to the
successor, who may be in the same file.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection, select, update

from bot import audit
from bot.audit import Actor
from bot.console import handover, people
from bot.console.access import Role
from bot.models import Department, Staff

COLUMNS = {
    "氏名": "name", "メールアドレス": "sign_in", "部署": "department", "役割": "role", "有効期限": "expires_on",
    "引き継ぐ相手": "successor",
}  # fmt: skip
ROLE_NAMES = {
    "管理者": Role.ADMINISTRATOR, "サービス責任者": Role.MANAGER, "担当者": Role.OFFICER, "相談員": Role.COUNSELLOR,
    "委託オペレーター": Role.OPERATOR, "承認者": Role.APPROVER, "監査担当者": Role.AUDITOR,
}  # fmt: skip
REQUIRED = ("name", "sign_in")


class Unreadable(Exception):
    """The file cannot be taken; every fault is named with its line. Nothing was changed."""

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass
class Entry:
    """What the file says about one person."""

    name: str
    sign_in: str
    roles: set[tuple[str, Role]] = field(default_factory=set)
    """Pairs of a department's name and a role."""

    expires_on: dt.date | None = None
    successor: str | None = None


@dataclass
class Outcome:
    """What was done: first passwords by sign-in of those who are new, and numbers."""

    passwords: dict[str, str] = field(default_factory=dict)
    changed: int = 0
    closed: int = 0
    handed_over: int = 0
    departments: list[str] = field(default_factory=list)
    """Names of departments that are new and look after no service yet."""

    left_open: dict[str, int] = field(default_factory=dict)
    """Open things of accounts that were closed without a successor, by sign-in."""


def read(data: bytes) -> list[Entry]:
    """Read UTF-8 or CP932 and return one entry per person. Raises Unreadable."""
    problems: list[str] = []
    rows = csv.DictReader(io.StringIO(_decoded(data)))
    names = {name: COLUMNS.get(name.strip(), name.strip()) for name in rows.fieldnames or ()}
    if lacking := [name for name in REQUIRED if name not in names.values()]:
        titles = [title for title, name in COLUMNS.items() if name in lacking]
        raise Unreadable([f"line 1: the column {' and '.join(titles)} is missing"])
    entries: dict[str, Entry] = {}
    for number, row in enumerate(rows, 2):
        said = {names[title]: (value or "").strip() for title, value in row.items() if title in names}
        problems += [f"line {number}: {problem}" for problem in _take(said, entries)]
    for entry in entries.values():
        if entry.successor == entry.sign_in:
            problems.append(f"{entry.sign_in}: nobody can take over from themselves")
    if problems:
        raise Unreadable(problems)
    return list(entries.values())


@dataclass(frozen=True, slots=True)
class First:
    """A first password and its hash."""

    password: str
    hash: str


def first_passwords(connection: Connection, entries: list[Entry], hashed: Callable[[str], str]) -> dict[str, First]:
    """Return a first password for everybody who is new, by sign-in. Raises Unreadable for who is to leave and is not there.

    Hashing takes long, so it is done before anything is written: no resident waits for it.
    """
    new = [entry for entry in entries if _number(connection, entry.sign_in) is None]
    if unknown := [entry.sign_in for entry in new if not entry.roles]:
        raise Unreadable([f"{one}: has no role here, and there is no such account to close" for one in unknown])
    passwords = {entry.sign_in: people.first_password() for entry in new}
    return {sign_in: First(password, hashed(password)) for sign_in, password in passwords.items()}


def apply(
    connection: Connection, entries: list[Entry], actor: Actor, now: dt.datetime, first: Mapping[str, First]
) -> Outcome:
    """Enter, change and close the accounts of `entries` in one transaction. Raises Unreadable for a successor who is not there."""
    outcome = Outcome()
    outcome.departments = _enter_departments(connection, entries)
    numbers: dict[str, int] = {}
    for entry in entries:
        numbers[entry.sign_in] = _apply_one(connection, entry, actor, now, first, outcome)
    for entry in entries:
        if entry.successor is None:
            if not entry.roles and (left := handover.open_work(connection, numbers[entry.sign_in])):
                outcome.left_open[entry.sign_in] = left
            continue
        successor = numbers.get(entry.successor) or _number(connection, entry.successor)
        if successor is None:
            raise Unreadable([f"{entry.sign_in}: there is nobody called {entry.successor} to take over"])
        moved = handover.hand_over(connection, numbers[entry.sign_in], successor, now)
        outcome.handed_over += moved
        audit.record(
            connection,
            actor,
            "staff.hand_over",
            now,
            f"staff:{numbers[entry.sign_in]}",
            None,
            to=successor,
            number=moved,
        )
    return outcome


def _enter_departments(connection: Connection, entries: list[Entry]) -> list[str]:
    """Enter the departments that are new and return their names."""
    named = {department for entry in entries for department, _role in entry.roles}
    known = set(connection.execute(select(Department.name).where(Department.name.in_(named))).scalars())
    for name in sorted(named - known):
        people.department(connection, name)
    return sorted(named - known)


def _apply_one(
    connection: Connection, entry: Entry, actor: Actor, now: dt.datetime, first: Mapping[str, First], outcome: Outcome
) -> int:
    roles = {(people.department(connection, department), role) for department, role in entry.roles}
    number = _number(connection, entry.sign_in)
    if number is None:
        made = first[entry.sign_in]
        account = people.Account(entry.name, entry.sign_in, "ja", entry.expires_on, frozenset(roles))
        number = people.add(connection, account, made.hash, now)
        outcome.passwords[entry.sign_in] = made.password
        audit.record(connection, actor, "staff.add", now, f"staff:{number}")
    elif not roles:
        people.close(connection, number, now)
        outcome.closed += 1
        audit.record(connection, actor, "staff.close", now, f"staff:{number}")
    else:
        changed: Mapping[str, object] = {"name": entry.name, "expires_on": entry.expires_on, "active": True}
        connection.execute(update(Staff).where(Staff.id == number).values(changed))
        people.set_roles(connection, number, roles)
        outcome.changed += 1
        audit.record(connection, actor, "staff.change", now, f"staff:{number}")
    return number


def _number(connection: Connection, sign_in: str) -> int | None:
    found = people.find(connection, sign_in)
    return found.id if found is not None else None


def _take(said: Mapping[str, str], entries: dict[str, Entry]) -> list[str]:
    sign_in = people.normal(said.get("sign_in", ""))
    if "@" not in sign_in or not said.get("name"):
        return ["needs a name and an e-mail address"]
    entry = entries.setdefault(sign_in, Entry(said["name"], sign_in))
    problems = []
    if said.get("role"):
        role = ROLE_NAMES.get(said["role"]) or next((one for one in Role if one.value == said["role"]), None)
        if role is None:
            problems.append(f"there is no role {said['role']}; the roles are {', '.join(ROLE_NAMES)}")
        elif not said.get("department"):
            problems.append("a role needs a department")
        else:
            entry.roles.add((said["department"], role))
    if said.get("expires_on"):
        try:
            entry.expires_on = dt.date.fromisoformat(said["expires_on"].replace("/", "-"))
        except ValueError:
            problems.append(f"{said['expires_on']} is no date like 2027-03-31")
    if said.get("successor"):
        entry.successor = people.normal(said["successor"])
    return problems


def _decoded(data: bytes) -> str:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise Unreadable(["the file is neither UTF-8 nor CP932 (Shift_JIS)"])
