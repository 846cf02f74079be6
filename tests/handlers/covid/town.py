"""A small town for the tests of the service: a database with residents and staff, the shipped flows, and a clock to set."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from sqlalchemy import Connection, insert, select

from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.flow.book import Book
from bot.flow.load import load
from bot.flow.talk import ActionResult
from bot.jobs import TaskContext, jobs_for
from bot.line.client import LineClient
from bot.models import Channel, Delivery, Resident, Staff
from bot.notice import notice
from bot.now import TOKYO, Now
from bot.service import ActionContext, Caller, JobContext, load_services
from handlers.covid import exposures
from tests.product import ROOT

VAULT, LOOKUP = Vault([bytes(32)]), Lookup([b"l" * 32])
MONDAY = dt.datetime(2027, 4, 5, 12, 0, tzinfo=TOKYO)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """Return a moment of April 2027, one second past so that what is due then is due."""
    return dt.datetime(2027, 4, day, hour, minute, 1, tzinfo=TOKYO)


@cache
def shipped() -> Book:
    """Return the flows and tables that are shipped."""
    return load(ROOT / "flows", load_services("handlers").registry).book


class Town:
    """Residents and two officers before one database; `now` is the moment everything happens at."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.book = shipped()
        self.now = MONDAY
        self.outbox = Outbox(VAULT, "test")
        self.jobs = jobs_for(database, VAULT, exposures.TASKS, Now())
        with database.write() as connection:
            self.channel: int = connection.execute(
                insert(Channel).values(name="main", created_at=MONDAY).returning(Channel.id)
            ).scalar_one()
            self.officer, self.approver = (self._employ(connection, name) for name in ("職員 一", "職員 二"))

    def _employ(self, connection: Connection, name: str) -> int:
        values = {
            "name": name,
            "sign_in": f"{name}@example.invalid",
            "handle": name,
            "must_change": False,
            "language": "ja",
            "active": True,
            "created_at": MONDAY,
        }
        id_: int = connection.execute(insert(Staff).values(values).returning(Staff.__table__.c.id)).scalar_one()
        return id_

    def settle(self, number: int, language: str | None = None, friend: bool | None = True) -> list[Caller]:
        """Let residents move in."""
        with self.database.write() as connection:
            count = connection.execute(select(Resident.id)).all()
            rows = [
                {
                    "channel_id": self.channel,
                    "line_user_id": f"U{place:032}",
                    "reference": f"R{place:09}",
                    "language": language,
                    "friend": friend,
                    "friend_at": 0,
                    "created_at": MONDAY,
                }
                for place in range(len(count), len(count) + number)
            ]
            made = connection.execute(insert(Resident).returning(Resident), rows).all()
        return [Caller(row.id, self.channel, row.reference, language) for row in sorted(made, key=lambda row: row.id)]

    def act(
        self, who: Caller, action: Callable[[ActionContext, Mapping[str, Any]], ActionResult], **arguments: Any
    ) -> ActionResult:
        """Run an action on behalf of a resident."""
        with self.database.write() as connection:
            context = ActionContext(connection, who, self.now, self.book.town.town, VAULT, LOOKUP, self.book)
            return action(context, arguments)

    def tick(self, job: Callable[[JobContext], bool], now: dt.datetime | None = None) -> None:
        """Let the clock visit a job, as often as it has more to do."""
        self.now = now or self.now
        more = True
        while more:
            with self.database.write() as connection:
                more = job(self.context(connection))

    def context(self, connection: Connection) -> JobContext:
        """Return what a job is given."""
        return JobContext(connection, self.now, self.now, self.outbox, self.book.town.town, self._compose, self.book)

    def _compose(self, flow: str, language: str | None, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return notice(self.book, flow, language, values, self.now)

    def task(self, run: Callable[[TaskContext, Mapping[str, Any]], None], **arguments: Any) -> None:
        """Run a deferred task now."""
        stopped = Now()
        stopped.offset = self.now - stopped()
        client = LineClient((), "http://127.0.0.1:9")
        run(TaskContext(self.database, stopped, VAULT, self.outbox, client), arguments)
        client.close()

    def sent(self, purpose: str) -> list[Any]:
        """Return the letters for a purpose, oldest first."""
        statement = select(Delivery).where(Delivery.purpose == purpose).order_by(Delivery.id)
        with self.database.read() as connection:
            return list(connection.execute(statement))

    def text_of(self, row: Any) -> str:
        """Open what a letter says."""
        return VAULT.open("deliveries.payload", row.retry_key, row.payload).decode()
