"""One running product per engine for all tests of the webhook that leave it as they found it."""

from __future__ import annotations

import json
import secrets
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.db import Database
from bot.models import AppliedEvent, Channel, Delivery, FailedEvent, Resident
from bot.simulator.client import Person
from tests.conftest import databases
from tests.product import PATIENCE, ROOT, Product, wait_until
from tests.webhook.signed import Signer

SAMPLE_SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
"""The channel secret of the official example of a signature (documentation, "Verify webhook signature")."""


@dataclass(frozen=True)
class Office:
    """A running product with its database, and what signs webhooks for it."""

    product: Product
    database: Database
    main: Signer
    outgoing_secret: Signer
    sample: Signer

    @property
    def line(self) -> Any:
        """The stand-in for LINE."""
        return self.product.line

    def resident(self, name: str = "花子", *, friend: bool = True) -> Person:
        """Return somebody new."""
        person: Person = self.line.resident(name, friend=friend)
        return person

    def sends_to(self, person: Person) -> list[dict[str, Any]]:
        """Return what LINE accepted for somebody, oldest first."""
        return [send for send in self.line.sends() if person.id in send["to"]]

    def row_of(self, user_id: str) -> Any:
        """Return somebody's row, None for a stranger."""
        with self.database.read() as connection:
            return connection.execute(select(Resident).where(Resident.line_user_id == user_id)).one_or_none()

    def counts(self) -> tuple[int, ...]:
        """Return how much is stored, to see that something stored nothing."""
        with self.database.read() as connection:
            return tuple(
                connection.execute(select(func.count()).select_from(model)).scalar_one()
                for model in (Resident, AppliedEvent, FailedEvent, Delivery)
            )

    def claims_of(self, event_id: str) -> int:
        """Return how often an event was applied."""
        with self.database.read() as connection:
            statement = select(func.count()).where(AppliedEvent.event_id == event_id)
            return connection.execute(statement).scalar_one()

    def failed_of(self, person: Person) -> list[Any]:
        """Return somebody's events that were set aside."""
        statement = select(FailedEvent).join(Resident, Resident.id == FailedEvent.resident_id)
        with self.database.read() as connection:
            return list(connection.execute(statement.where(Resident.line_user_id == person.id)).all())

    def settle(self, person: Person) -> None:
        """Wait until nothing is on its way to somebody any more."""
        still = select(func.count()).select_from(Delivery).join(Resident, Resident.id == Delivery.resident_id)
        still = still.where(Delivery.finished_at.is_(None), Resident.line_user_id == person.id)

        def settled() -> bool:
            with self.database.read() as connection:
                return connection.execute(still).scalar_one() == 0

        wait_until(settled, PATIENCE, "all deliveries to somebody to be over")


@pytest.fixture(scope="package", params=["sqlite", "postgres"])
def office(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """The product with two channels, two secrets on the first, and a faulty service; shared by the tests of one process."""
    folder = tmp_path_factory.mktemp("office")
    flows = folder / "flows"
    shutil.copytree(ROOT / "flows", flows)
    shutil.copytree(Path(__file__).parent / "flows", flows, dirs_exist_ok=True)
    with databases(request, folder) as make, Product(make(request.param), folder, flows) as product:
        outgoing = secrets.token_hex(16)
        settings = {
            "LINE_CHANNEL_SECRET": f"{product.secret}, {outgoing}",
            "LINE_CHANNEL_SAMPLE_SECRET": SAMPLE_SECRET,
            "LINE_CHANNEL_SAMPLE_ACCESS_TOKEN": "unused",
            "MADOGUCHI_SERVICES": "tests.webhook.services",
            "PUBLIC_URL": "https://town.example",
        }
        product.start(settings)
        product.start_worker(settings)
        [channel] = product.line.call("GET", "state")["channels"]
        destination = channel["bot_user_id"]
        database = Database(product.database_url, pool_size=2)
        yield Office(
            product,
            database,
            Signer(product.port, product.secret, destination),
            Signer(product.port, outgoing, destination),
            Signer(product.port, SAMPLE_SECRET, None),
        )
        database.close()


@pytest.fixture
def channel_ids(office: Office) -> dict[str, int]:
    """The channels' rows by name."""
    with office.database.read() as connection:
        return dict(connection.execute(select(Channel.name, Channel.id)).all())


@pytest.fixture
def log_lines(office: Office) -> Callable[[], list[dict[str, Any]]]:
    """Return a function that reads what the product logged since the test began, each line an object."""
    begin = office.product.log.stat().st_size

    def read() -> list[dict[str, Any]]:
        written = office.product.log.read_bytes()[begin:].decode()
        return [json.loads(line) for line in written.splitlines() if line.startswith("{")]

    return read
