"""A sender as one process of the product has it, between a real database and LINE's stand-in, with a clock that can be moved."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert, select

from bot import roll
from bot.config import ChannelSettings
from bot.crypto import Vault
from bot.db import Database
from bot.delivery.courier import Courier
from bot.delivery.outbox import Dispatch, Letter, Outbox, Priority, Recipient, Result
from bot.delivery.quota import Quota
from bot.delivery.rates import Rates
from bot.delivery.sender import Sender
from bot.groupcommit import GroupCommit
from bot.line.client import LineClient
from bot.models import Channel, Delivery
from bot.now import TOKYO, Now
from bot.pending import Pending
from bot.simulator.client import Person, Simulator
from tests.product import wait_until

SECRET, TOKEN = "5" * 32, "t" * 32
PATIENCE = 60.0
LONGER_THAN_ANY_PAUSE = dt.timedelta(hours=2)


def next_noon(now: dt.datetime) -> dt.datetime:
    """Return the next noon of Tokyo."""
    noon = now.astimezone(TOKYO).replace(hour=12, minute=0, second=0, microsecond=0)
    return noon if noon > now else noon + dt.timedelta(days=1)


class Forward:
    """A monotonic clock in step with the office's, except that it stands still while that one goes back."""

    def __init__(self, now: Now) -> None:
        self._now = now
        self._latest = 0.0

    def __call__(self) -> float:
        self._latest = max(self._latest, self._now.timestamp())
        return self._latest


class PostOffice:
    """`line` is the stand-in; `now` starts at the next noon of Tokyo, when everything may be sent."""

    def __init__(self, database: Database, line: Simulator, *channels: ChannelSettings) -> None:
        self.database, self.line, self.now = database, line, Now()
        self.now.offset = next_noon(self.now()) - self.now()
        self.vault = Vault([os.urandom(32)])
        self.outbox = Outbox(self.vault, "this process")
        self.commits = GroupCommit(database, patience=5)
        self.client = LineClient(channels or [ChannelSettings("main", (SECRET,), TOKEN)], line.url)
        self.rates = Rates(monotonic=Forward(self.now))
        self.quota = Quota(self.client, database, self.now)
        self.courier = Courier(self.client, self.now, self.rates, self.quota.reached)
        self.sender = Sender(self.courier, self.record, self.now, workers=8)
        with database.write() as connection:
            made = insert(Channel).values(name="main", created_at=self.now())
            self.channel_id: int = connection.execute(made.returning(Channel.id)).scalar_one()

    def record(self, result: Result) -> Pending:
        """Have an outcome stored by the next group commit."""
        return self.commits.submit(self.outbox.record, result)

    def close(self) -> None:
        self.sender.close()
        self.commits.close()
        self.client.close()

    def letter(self, person: Person, *texts: str, **more: Any) -> Letter:
        """Return a letter to somebody, who is entered in the roll."""
        who = (self.channel_id, person.id)
        with self.database.write() as connection:
            resident = roll.call(connection, [who], self.now())[who]
        messages = [{"type": "text", "text": text} for text in texts]
        return Letter(**{"channel_id": self.channel_id, "resident_id": resident.id, "purpose": "test", "messages": messages,
                         "priority": Priority.TALK, **more})  # fmt: skip

    def post(self, person: Person, *letters: Letter) -> list[Dispatch]:
        """Write letters to one person, leased to this process, as a turn does."""
        recipient = Recipient("main", person.id)
        with self.database.write() as connection:
            return self.outbox.post(connection, [(letter, recipient) for letter in letters], self.now())

    def reply(self, person: Person, text: str, token: str, age: float = 0.0) -> int:
        """Send a reply with a token that came `age` seconds ago; return its row's id."""
        token_at = self.now() - dt.timedelta(seconds=age)
        return self.send(person, self.letter(person, text, reply_token=token, token_at=token_at))

    def push(self, person: Person, text: str) -> int:
        """Send a push; return its row's id."""
        return self.send(person, self.letter(person, text))

    def send(self, person: Person, letter: Letter) -> int:
        [dispatch] = self.post(person, letter)
        self.sender.hand_over([dispatch])
        return dispatch.id

    def take(self, limit: int = 100, owner: str = "this process") -> list[Dispatch]:
        """Take what is due now, as a sweep does."""
        with self.database.write() as connection:
            return Outbox(self.vault, owner).take(connection, self.now(), limit, self.quota.full())

    def later(self, by: dt.timedelta = LONGER_THAN_ANY_PAUSE) -> None:
        """Let time pass and sweep."""
        self.now.offset += by
        self.sender.hand_over(self.take())

    def row(self, id_: int) -> Any:
        """Return a row as it is stored."""
        with self.database.read() as connection:
            return connection.execute(select(Delivery).where(Delivery.id == id_)).one()

    def rows(self) -> Sequence[Any]:
        """Return all rows, oldest first."""
        with self.database.read() as connection:
            return connection.execute(select(Delivery).order_by(Delivery.id)).all()

    def recorded(self, id_: int) -> Any:
        """Wait until the attempts of now are over and stored; return the row."""
        wait_until(lambda: self.row(id_).lease_until is None, PATIENCE, "an attempt to be stored")
        return self.row(id_)

    def finished(self, id_: int) -> Any:
        """Let time pass until the row is final; return it."""
        for _ in range(5):
            row = self.recorded(id_)
            if row.finished_at is not None:
                return row
            self.later()
        raise TimeoutError(f"delivery {id_} is still {row.status}: {row.last_result}")
