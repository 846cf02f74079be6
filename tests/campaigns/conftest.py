"""A town with two members of staff who send to it, on each engine, in front of LINE's stand-in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Connection, insert, select

from bot.campaigns import campaign, starting
from bot.campaigns.campaign import Opened
from bot.campaigns.composition import Composition, Means
from bot.campaigns.content import Content, Words
from bot.db import Database
from bot.models import Broadcast, CampaignRun, Resident, Staff
from bot.simulator.client import Simulator
from tests.delivery.postoffice import SECRET, TOKEN, PostOffice

WATER = Content({"ja": Words(text="あすは断水します。"), "en": Words(text="No water tomorrow.")})


@pytest.fixture(scope="package")
def simulator() -> Iterator[Simulator]:
    """LINE's stand-in, which sends no webhooks here."""
    with Simulator.start(secret=SECRET, token=TOKEN) as simulator:
        yield simulator


@pytest.fixture
def office(database: Database, simulator: Simulator) -> Iterator[PostOffice]:
    """Where messages leave, at noon."""
    simulator.clear_faults()
    simulator.reset()
    simulator.configure(quota_limit=None)
    office = PostOffice(database, simulator)
    yield office
    office.close()


class TownHall:
    """An officer, an approver and a third person, who compose and approve; `means` is what a clock starts campaigns with."""

    def __init__(self, office: PostOffice) -> None:
        self.office, self.database, self.vault, self.now = office, office.database, office.vault, office.now
        self.means = Means(self.vault, lambda _language: {"name": "まどぐち町"}, "https://town.example")
        with self.database.write() as connection:
            self.officer, self.approver, self.third = (
                self._enter(connection, name) for name in ("職員", "係長", "課長")
            )

    def _enter(self, connection: Connection, name: str) -> int:
        row = {
            "name": name,
            "sign_in": f"{name}@town.example",
            "handle": name,
            "must_change": False,
            "language": "ja",
            "active": True,
            "created_at": self.now(),
        }
        return connection.execute(insert(Staff).values(row).returning(Staff.id)).scalar_one()

    def compose(self, **more: Any) -> int:
        composition = Composition(**{"title": "断水", "content": WATER, **more})
        with self.database.write() as connection:
            return campaign.compose(
                connection, self.vault, self.office.channel_id, composition, self.officer, self.now()
            )

    def submit(self, id_: int, *, knowingly: bool = False, by: int | None = None) -> None:
        with self.database.write() as connection:
            campaign.submit(connection, self.means, id_, by or self.officer, self.now(), knowingly=knowingly)

    def approve(self, id_: int, by: int | None = None) -> None:
        with self.database.write() as connection:
            shown = campaign.opened(connection, self.vault, id_).digest
            campaign.approve(connection, self.vault, id_, shown, by or self.approver, self.now())

    def approved(self, **more: Any) -> int:
        """Return a campaign that a second person has allowed."""
        id_ = self.compose(**more)
        self.submit(id_)
        self.approve(id_)
        return id_

    def tick(self) -> int:
        """Let one clock look."""
        with self.database.write() as connection:
            return starting.begin_due(connection, self.means, self.now())

    def opened(self, id_: int) -> Opened:
        with self.database.read() as connection:
            return campaign.opened(connection, self.vault, id_)

    def opened_in(self, connection: Connection, id_: int) -> Opened:
        return campaign.opened(connection, self.vault, id_)

    def broadcasts(self) -> list[Any]:
        with self.database.read() as connection:
            return list(connection.execute(select(Broadcast).order_by(Broadcast.id)).all())

    def runs(self, id_: int) -> list[Any]:
        with self.database.read() as connection:
            found = select(CampaignRun).where(CampaignRun.campaign_id == id_).order_by(CampaignRun.scheduled_for)
            return list(connection.execute(found).all())

    def friends(self, number: int) -> list[str]:
        """Let people become friends of the account; return their user ids."""
        people = [self.office.line.resident(f"住民{each}") for each in range(number)]
        common = {"channel_id": self.office.channel_id, "friend": True, "friend_at": 0, "created_at": self.now()}
        with self.database.write() as connection:
            rows = [common | {"line_user_id": one.id, "reference": one.id[:12]} for one in people]
            connection.execute(insert(Resident), rows)
        return [one.id for one in people]

    def later(self, **by: float) -> None:
        self.now.offset += dt.timedelta(**by)


@pytest.fixture
def hall(office: PostOffice) -> TownHall:
    """The town hall at noon."""
    return TownHall(office)
