"""Carries alerts out of the house: finds in the database what is due, so that nothing raised before a crash is forgotten.

Two steps, each a short transaction of its own: an alert that is due becomes sendings to those on call; a sending that is due is
claimed, sent without a connection held, and its outcome recorded.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import structlog
from sqlalchemy import Connection, and_, bindparam, exists, insert, or_, select, update

from bot.alerts import link, roster
from bot.alerts.roster import LEVELS, opened
from bot.alerts.ways import MAIL, WEBHOOK, Call, NotDelivered, Post, send_webhook
from bot.crypto import CannotOpen, Lookup, Vault
from bot.db import Database
from bot.models import Alert, AlertContact, AlertSending
from bot.now import Now

log = structlog.get_logger(__name__)

ROUNDS_A_LEVEL = 2
"""How often one level is told before the next is told too."""

URGENT_SHARE = 3
"""An urgent alert waits for a third of the time."""

LAST_LEVEL_EVERY = dt.timedelta(hours=1)
GIVE_UP_AFTER = dt.timedelta(hours=48)
"""Then telling stops; the alert stays in the console and the doctor's findings until somebody acknowledges it."""

LEASE = dt.timedelta(minutes=2)
BACKOFF = tuple(dt.timedelta(seconds=seconds) for seconds in (10, 30, 120, 300, 900, 1800))
MOST_AT_ONCE = 8

_alerts: Any = Alert.__table__
_sendings: Any = AlertSending.__table__
_contacts: Any = AlertContact.__table__

WAITING, SENT, FAILED, DROPPED = "waiting", "sent", "failed", "dropped"


@dataclass(frozen=True, slots=True)
class Addresses:
    """What this installation needs to tell people: a mail server, its own address, the minutes until somebody is told again."""

    post: Post | None
    public_url: str | None
    minutes: int = 10


class Notifier:
    """`name_of` says how staff call a service."""

    def __init__(
        self,
        database: Database,
        vault: Vault,
        lookup: Lookup,
        addresses: Addresses,
        name_of: Callable[[str], str],
        now: Now,
    ) -> None:
        self._database = database
        self._vault = vault
        self._lookup = lookup
        self._addresses = addresses
        self._name_of = name_of
        self._now = now

    def __call__(self) -> int:
        """Do what is due; return how many messages were tried."""
        if not self._anything_due():
            return 0
        while self._plan():
            pass
        tried = 0
        while claimed := self._claim():
            # Side by side: a mail server that hangs holds up nobody else's call, and a claim outlives its slowest one.
            with ThreadPoolExecutor(MOST_AT_ONCE) as pool:
                list(pool.map(self._send, claimed))
            tried += len(claimed)
        return tried

    def _anything_due(self) -> bool:
        """Look before writing: on SQLite a write would hold up the conversations."""
        with self._database.read() as connection:
            found = connection.execute(_ANYTHING, {"now": self._now()}).scalar_one()
        return bool(found)

    def _plan(self) -> bool:
        """Turn one alert that is due into sendings; tell whether there was one."""
        with self._database.write() as connection:
            alert = connection.execute(_DUE_ALERT, {"now": self._now()}).one_or_none()
            if alert is None:
                return False
            self._tell(connection, alert)
            return True

    def _tell(self, connection: Connection, alert: Any) -> None:
        now = self._now()
        level = alert.level + (1 if alert.told >= ROUNDS_A_LEVEL and alert.level < LEVELS[-1] else 0)
        on_call = roster.on_call(connection, alert, now)
        # A level without anybody on call must not cost its minutes.
        level = min([row.level for row in on_call if row.level >= level], default=level)
        chosen = [row for row in on_call if row.level <= level]
        told = alert.told + 1 if level == alert.level else 1
        sendings = [self._sending(alert.id, row, way, level, now) for row in chosen for way in _ways(row)]
        if sendings:
            connection.execute(insert(_sendings), sendings)
        changes = {
            "level": level,
            "told": told,
            "unheard": not chosen,
            "next_at": self._again_at(alert, level, told, now),
        }
        connection.execute(update(_alerts).where(_alerts.c.id == alert.id).values(changes))
        if not chosen:
            log.warning("alert.unheard", kind=alert.kind, count=told)

    def _again_at(self, alert: Any, level: int, told: int, now: dt.datetime) -> dt.datetime | None:
        if now - alert.raised_at > GIVE_UP_AFTER:
            return None
        wait = dt.timedelta(minutes=self._addresses.minutes) / (URGENT_SHARE if alert.urgent else 1)
        return now + (LAST_LEVEL_EVERY if level == LEVELS[-1] and told >= ROUNDS_A_LEVEL else wait)

    @staticmethod
    def _sending(alert_id: int, row: Any, way: str, level: int, now: dt.datetime) -> dict[str, Any]:
        return {
            "uid": uuid.uuid4().hex, "alert_id": alert_id, "contact_id": row.id, "way": way, "level": level,
            "status": WAITING, "attempts": 0, "due_at": now, "created_at": now,
        }  # fmt: skip

    def _claim(self) -> Sequence[Any]:
        now = self._now()
        with self._database.write() as connection:
            connection.execute(_DROP_OVER, {"now": now})
            rows = connection.execute(_DUE_SENDINGS, {"now": now}).all()
            mine = _sendings.c.id.in_([row.id for row in rows])
            claim = {"lease_until": now + LEASE, "attempts": _sendings.c.attempts + 1}
            connection.execute(update(_sendings).where(mine).values(claim))
        return rows

    def _send(self, row: Any) -> None:
        try:
            self._out(row)
        except NotDelivered as error:
            self._record(row, str(error))
        except CannotOpen:
            self._record(row, "no key in ENCRYPTION_KEYS opens the address")
        else:
            self._record(row, None)

    def _out(self, row: Any) -> None:
        with self._database.read() as connection:
            found = connection.execute(select(_contacts).where(_contacts.c.id == row.contact_id)).one_or_none()
        if found is None:
            raise NotDelivered("no longer on the roster")
        contact, call = opened(self._vault, found), self._call(row)
        if row.way == WEBHOOK and contact.hook is not None:
            send_webhook(contact.hook, call, self._now())
        elif self._addresses.post is None:
            raise NotDelivered("SMTP_URL and ALERT_FROM are not set")
        elif contact.email is not None:
            self._addresses.post.send(contact.email, call)

    def _call(self, row: Any) -> Call:
        public = self._addresses.public_url
        return Call(
            uid=row.uid, service=row.service, service_name=self._name_of(row.service), urgent=row.urgent, level=row.level,
            raised_at=row.raised_at,
            acknowledge_url=None if public is None else link.address(self._lookup, public, row.uid),
            console_url=None if public is None else f"{public.rstrip('/')}/console/",
        )  # fmt: skip

    def _record(self, row: Any, trouble: str | None) -> None:
        now, tried = self._now(), row.attempts + 1
        changes: dict[str, Any] = {"lease_until": None, "last_result": trouble or "accepted"}
        if trouble is None:
            changes |= {"status": SENT, "finished_at": now}
        elif tried > len(BACKOFF):
            changes |= {"status": FAILED, "finished_at": now}
        else:
            changes |= {"due_at": now + BACKOFF[tried - 1]}
        with self._database.write() as connection:
            connection.execute(update(_sendings).where(_sendings.c.id == row.id).values(changes))
        if trouble is not None:
            log.warning("alert.not_delivered", kind=row.way, count=tried)


def _ways(row: Any) -> list[str]:
    return [way for way, address in ((MAIL, row.email), (WEBHOOK, row.webhook)) if address is not None]


_now_at = bindparam("now", type_=_alerts.c.next_at.type)
_waits = and_(
    _sendings.c.status == WAITING,
    _sendings.c.due_at <= _now_at,
    or_(_sendings.c.lease_until.is_(None), _sendings.c.lease_until < _now_at),
)
_ANYTHING = select(or_(exists().where(_alerts.c.next_at <= _now_at), exists().where(_waits)))
_DUE_ALERT = (
    select(_alerts)
    .where(_alerts.c.next_at <= _now_at)
    .order_by(_alerts.c.urgent.desc(), _alerts.c.next_at)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_DUE_SENDINGS = (
    select(_sendings, _alerts.c.service, _alerts.c.urgent, _alerts.c.raised_at)
    .join(_alerts, _alerts.c.id == _sendings.c.alert_id)
    .where(_waits)
    .order_by(_alerts.c.urgent.desc(), _sendings.c.due_at)
    .limit(MOST_AT_ONCE)
    .with_for_update(skip_locked=True, of=_sendings)
)
_over = exists().where(
    _alerts.c.id == _sendings.c.alert_id,
    or_(_alerts.c.acknowledged_at.is_not(None), _alerts.c.settled_at.is_not(None)),
)
_DROP_OVER = (
    update(_sendings)
    .where(_sendings.c.status == WAITING, _over)
    .values(status=DROPPED, finished_at=bindparam("now", type_=_sendings.c.finished_at.type))
)
