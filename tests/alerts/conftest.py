"""An office with a roster, a mail server and a receiver of webhooks."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.alerts import raise_alert, roster
from bot.alerts.notifier import Addresses, Notifier
from bot.alerts.roster import Contact, Hook
from bot.alerts.ways import Post
from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.models import Alert, AlertSending
from bot.now import Now
from tests.alerts.receivers import SECRET, MailServer, Receiver
from tests.delivery.postoffice import next_noon

NAMES = {"child": "子ども相談"}


class Office:
    """`now` begins at noon in Tokyo and is moved by `later`."""

    def __init__(self, database: Database, mail: MailServer, receiver: Receiver) -> None:
        self.database, self.mail, self.receiver, self.now = database, mail, receiver, Now()
        self.now.offset = next_noon(self.now()) - self.now()
        self.vault, self.lookup = Vault([os.urandom(32)]), Lookup([os.urandom(32)])
        self.notifier = self.another_notifier()

    def another_notifier(self, post: Post | None = None) -> Notifier:
        """Return a second process's notifier."""
        post = post or Post(self.mail.url, "madoguchi@town.example")
        addresses = Addresses(post, "https://town.example")
        return Notifier(self.database, self.vault, self.lookup, addresses, NAMES.__getitem__, self.now)

    def contact(self, name: str, **more: Any) -> int:
        """Enter somebody with a mail address, unless told otherwise."""
        given = {"email": f"{name}@town.example"} | more
        if given.pop("hook", False):
            given |= {"hook": Hook(self.receiver.url, SECRET), "email": None}
        contact = Contact(name, **given)
        roster.check(contact, loopback=True)
        with self.database.write() as connection:
            return roster.add(connection, self.vault, contact, self.now())

    def raise_(self, key: str = "waiting:1", **more: Any) -> int | None:
        with self.database.write() as connection:
            given = {"kind": "desk.waiting", "service": "child", "key": key, "about": "consultation:77"}
            return raise_alert(connection, self.now(), **{**given, **more})

    def later(self, minutes: float = 0) -> int:
        """Let time pass and have the notifier go its round; return how many messages it tried."""
        self.now.offset += dt.timedelta(minutes=minutes)
        return self.notifier()

    def alert(self, id_: int | None) -> Any:
        with self.database.read() as connection:
            return connection.execute(select(Alert).where(Alert.id == id_)).one()

    def sendings(self) -> Any:
        with self.database.read() as connection:
            return connection.execute(select(AlertSending).order_by(AlertSending.id)).all()


@pytest.fixture
def office(database: Database) -> Iterator[Office]:
    mail, receiver = MailServer(), Receiver()
    yield Office(database, mail, receiver)
    mail.close()
    receiver.close()
