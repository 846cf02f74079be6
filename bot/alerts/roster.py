"""The roster: who is told of what, at which hours, and in which order when nobody answers."""

from __future__ import annotations

import datetime as dt
import re
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from email.headerregistry import Address
from typing import Any
from urllib.parse import urlsplit

import orjson
from sqlalchemy import Connection, delete, insert, or_, select

from bot.crypto import Vault
from bot.models import AlertContact, SealedBytes
from bot.now import TOKYO

LEVELS = (1, 2, 3)
DAY = 24 * 60
WEEK = "1234567"

_HOURS = re.compile(r"([0-2]\d):([0-5]\d)-([0-2]\d):([0-5]\d)")
_contacts: Any = AlertContact.__table__


class NotAContact(Exception):
    """A line of the roster cannot be used as it is: its words say what to change."""


@dataclass(frozen=True, slots=True)
class Hook:
    """Where a webhook goes, and the secret that signs it."""

    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Contact:
    """One line of the roster as people write it; the fields are those of AlertContact."""

    name: str
    email: str | None = None
    hook: Hook | None = None
    service: str | None = None
    department_id: int | None = None
    level: int = 1
    urgent_only: bool = False
    weekdays: str = WEEK
    from_minute: int = 0
    till_minute: int = DAY
    starts_at: dt.datetime | None = None
    ends_at: dt.datetime | None = None
    id: int = 0
    uid: str = ""


def check(contact: Contact, *, loopback: bool = False) -> None:
    """Raise NotAContact for a line nobody could be told by; `loopback` lets webhooks go to this machine, in tests and the demo."""
    if not contact.name.strip():
        raise NotAContact("a contact needs a name")
    if contact.email is None and contact.hook is None:
        raise NotAContact("a contact needs an e-mail address or a webhook")
    if contact.email is not None:
        _check_email(contact.email)
    if contact.hook is not None:
        _check_hook(contact.hook, loopback)
    if contact.level not in LEVELS:
        raise NotAContact("the level is 1 (told first), 2 or 3")
    if not contact.weekdays or set(contact.weekdays) - set(WEEK):
        raise NotAContact("the weekdays are numbers from 1 (Monday) to 7 (Sunday), such as 12345")
    if not (0 <= contact.from_minute < DAY and 0 <= contact.till_minute <= DAY):
        raise NotAContact("the hours lie between 00:00 and 24:00")


def _check_email(email: str) -> None:
    try:
        sound = bool(Address(addr_spec=email).domain) and not any(char.isspace() for char in email)
    except (ValueError, IndexError):
        sound = False
    if not sound:
        raise NotAContact(f"{email} is no e-mail address")


def _check_hook(hook: Hook, loopback: bool) -> None:
    parts = urlsplit(hook.url)
    own = loopback and parts.scheme == "http" and parts.hostname in {"127.0.0.1", "localhost"}
    if not parts.hostname or not (parts.scheme == "https" or own) or parts.username:
        raise NotAContact("a webhook's address begins with https:// and holds no password")
    if len(hook.secret) < 16:
        raise NotAContact(
            "a webhook needs a secret of at least 16 characters, by which the receiver knows our signature"
        )


def add(connection: Connection, vault: Vault, contact: Contact, now: dt.datetime) -> int:
    """Enter a contact that `check` accepts; return its id."""
    uid = uuid.uuid4().hex
    row = {
        "uid": uid, "name": _sealed(vault, "name", uid, contact.name),
        "email": None if contact.email is None else _sealed(vault, "email", uid, contact.email),
        "webhook": None if contact.hook is None else _sealed(vault, "webhook", uid, _packed(contact.hook)),
        "service": contact.service, "department_id": contact.department_id, "level": contact.level,
        "urgent_only": contact.urgent_only, "weekdays": contact.weekdays, "from_minute": contact.from_minute,
        "till_minute": contact.till_minute, "starts_at": contact.starts_at, "ends_at": contact.ends_at, "created_at": now,
    }  # fmt: skip
    made: int = connection.execute(insert(_contacts).returning(_contacts.c.id), row).scalar_one()
    return made


def remove(connection: Connection, id_: int) -> bool:
    """Take a contact off the roster with what is on the way to them; tell whether there was one."""
    gone = delete(_contacts).where(_contacts.c.id == id_).returning(_contacts.c.id)
    return connection.execute(gone).first() is not None


def everybody(connection: Connection, vault: Vault) -> list[Contact]:
    """Return the whole roster in the order in which it is told."""
    rows = connection.execute(select(_contacts).order_by(_contacts.c.service, _contacts.c.level, _contacts.c.id))
    return [opened(vault, row) for row in rows]


def opened(vault: Vault, row: Any) -> Contact:
    """Return a row of the table as a contact."""

    def text(column: str) -> str | None:
        sealed = getattr(row, column)
        return None if sealed is None else vault.open(f"alert_contacts.{column}", row.uid, sealed).decode()

    hook = text("webhook")
    return Contact(
        name=text("name") or "", email=text("email"), hook=None if hook is None else Hook(**orjson.loads(hook)),
        service=row.service, department_id=row.department_id, level=row.level, urgent_only=row.urgent_only,
        weekdays=row.weekdays, from_minute=row.from_minute, till_minute=row.till_minute, starts_at=row.starts_at,
        ends_at=row.ends_at, id=row.id, uid=row.uid,
    )  # fmt: skip


def on_call(connection: Connection, alert: Any, now: dt.datetime) -> Sequence[Any]:
    """Return the rows of those who are on call now for an alert, of every level."""
    mine = select(_contacts).where(
        or_(_contacts.c.service.is_(None), _contacts.c.service == alert.service),
        or_(_contacts.c.department_id.is_(None), _contacts.c.department_id == alert.department_id),
        or_(_contacts.c.starts_at.is_(None), _contacts.c.starts_at <= now),
        or_(_contacts.c.ends_at.is_(None), _contacts.c.ends_at > now),
    )
    rows = connection.execute(mine.order_by(_contacts.c.id)).all()
    return [row for row in rows if (alert.urgent or not row.urgent_only) and in_hours(row, now)]


def in_hours(row: Contact | Any, now: dt.datetime) -> bool:
    """Tell whether `now` lies in a contact's hours; those over midnight belong to the day on which they began."""
    wall = now.astimezone(TOKYO)
    minute, today = wall.hour * 60 + wall.minute, wall.isoweekday()
    if row.from_minute < row.till_minute:
        return str(today) in row.weekdays and row.from_minute <= minute < row.till_minute
    if minute >= row.from_minute:
        return str(today) in row.weekdays
    yesterday = (today + 5) % 7 + 1
    return minute < row.till_minute and str(yesterday) in row.weekdays


def minutes(written: str) -> tuple[int, int]:
    """Return the minutes after midnight of hours such as "21:00-07:00". Raises NotAContact."""
    found = _HOURS.fullmatch(written)
    if found is None:
        raise NotAContact("the hours are written as 08:30-17:15")
    since, until = (int(found[n]) * 60 + int(found[n + 1]) for n in (1, 3))
    return since, until


def clock_hours(contact: Contact) -> str:
    """Return the hours as they are written."""
    since, until = (f"{minute // 60:02}:{minute % 60:02}" for minute in (contact.from_minute, contact.till_minute))
    return f"{since}-{until}"


def hours(contact: Contact) -> str:
    """Return weekdays and hours as operators read them."""
    return f"{contact.weekdays} {clock_hours(contact)}"


def _sealed(vault: Vault, column: str, uid: str, text: str) -> SealedBytes:
    return SealedBytes.seal(vault, f"alert_contacts.{column}", uid, text.encode())


def _packed(hook: Hook) -> str:
    return orjson.dumps({"url": hook.url, "secret": hook.secret}).decode()
