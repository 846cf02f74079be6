"""Residents to whom tests send broadcasts, and what arrived where."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Callable
from typing import Any

from sqlalchemy import insert, select

from bot.delivery import broadcast, freeze
from bot.delivery.broadcast import Draft, Report
from bot.delivery.broadcaster import Broadcaster
from bot.models import Batch, Delivery, Resident
from bot.simulator.client import Simulator
from tests.delivery.postoffice import PostOffice

PATIENCE = 120.0
TEXTS = {"ja": "断水のお知らせ", "ja-easy": "みずが とまります", "en": "No water tomorrow"}
MESSAGES = {language: [{"type": "text", "text": text}] for language, text in TEXTS.items()}
DAY = dt.timedelta(days=1)


class Town:
    """Residents, a broadcaster, and what arrived where."""

    def __init__(self, office: PostOffice, line: Simulator, size: int = 40) -> None:
        self.office, self.line = office, line
        line.configure(quota_limit=None)
        people = [line.resident(f"住民{number}") for number in range(size)]
        languages = (None, "ja-easy", "en", "pt")
        self.languages = {person.id: languages[number % 4] for number, person in enumerate(people)}
        common = {"channel_id": office.channel_id, "friend": True, "friend_at": 0, "created_at": office.now()}
        rows = [
            common | {"line_user_id": person.id, "reference": person.id[:12], "language": self.languages[person.id]}
            for person in people
        ]
        with office.database.write() as connection:
            connection.execute(insert(Resident), rows)

    def broadcaster(self, owner: str = "this process", cap: int = freeze.DEFAULT_CAP) -> Broadcaster:
        office = self.office
        return Broadcaster(office.database, office.courier, office.quota, office.record, office.now, owner, cap)

    def write(self, **more: Any) -> int:
        draft = Draft(**{"channel_id": self.office.channel_id, "title": "断水", "messages": MESSAGES, **more})
        with self.office.database.write() as connection:
            id_ = broadcast.write(connection, draft, "山田", self.office.now())
            broadcast.approve(connection, id_, "鈴木", self.office.now())
            return id_

    def act(self, act: Callable[..., object], id_: int, *more: Any) -> None:
        with self.office.database.write() as connection:
            act(connection, id_, *more)

    def row(self, id_: int) -> Any:
        with self.office.database.read() as connection:
            return broadcast.find(connection, id_)

    def report(self, id_: int) -> Report:
        with self.office.database.read() as connection:
            return broadcast.report(connection, id_)

    def batches(self) -> list[Any]:
        with self.office.database.read() as connection:
            joined = select(Batch, Delivery.status, Delivery.retry_key).join(Delivery, Delivery.id == Batch.delivery_id)
            return list(connection.execute(joined.order_by(Delivery.id)).all())

    def arrived(self) -> Counter[tuple[str, str]]:
        return Counter((user, send["messages"][0]["text"]) for send in self.line.sends() for user in send["delivered"])
