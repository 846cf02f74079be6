"""A town whose office has chosen its way of talking, with two counsellors and a supervisor; one running product per engine."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from bot.config import read_settings
from bot.db import Database
from bot.desk import Desk, offices, queue, talk
from bot.models import Department, Resident, Staff
from bot.now import Now
from bot.runtime import Runtime
from bot.simulator.client import Person
from tests.conftest import databases
from tests.product import PATIENCE, ROOT, Product, wait_until
from tests.webhook.signed import Signer

ALWAYS_OPEN = """
offices:
  family:
    name: {ja: こども家庭相談, ja-easy: そうだん, en: Family desk}
    queue: child_welfare
    serves: [here, unknown, ""]
    hours: [{days: everyday, from: "00:00", to: "24:00"}]
    holidays: open
    year_end: open
"""
"""Tests must not depend on the hour."""


@dataclass(frozen=True)
class DeskTown:
    """The running product, a second pair of hands on its database, and who works there."""

    product: Product
    runtime: Runtime
    kana: int
    mio: int
    office_id: int

    @contextmanager
    def desk(self, later: dt.timedelta = dt.timedelta()) -> Iterator[Desk]:
        """Open the desk in one transaction, as a page of the console does."""
        with self.runtime.database.write() as connection:
            yield self.runtime.desk(connection, self.runtime.now() + later)

    def resident(self, name: str = "花子") -> Person:
        """Return somebody new."""
        person: Person = self.product.line.resident(name)
        return person

    def row_of(self, person: Person) -> Any:
        """Return somebody's row."""
        with self.runtime.database.read() as connection:
            return connection.execute(select(Resident).where(Resident.line_user_id == person.id)).one()

    def arrive(self, *answers: str, name: str = "花子") -> tuple[Person, int]:
        """Let somebody go through the intake and return them with the number of their consultation."""
        person = self.resident(name)
        person.say("相談")
        person.wait_for("はじめる前に")
        person.press_button("同意する")
        person.wait_for("どなたですか")
        for answer in answers or ("親・保護者", "いいえ", "まどぐち町", "5", "夜ねむれません"):
            said = len(person.answers())
            person.say(answer)
            wait_until(lambda said=said: len(person.answers()) > said, PATIENCE, f"an answer to {answer}")  # type: ignore[misc]  # mypy knows no default of a lambda
        person.wait_for("受付番号")
        return person, self.consultation_of(person)

    def consultation_of(self, person: Person) -> int:
        """Return the number of somebody's only open consultation."""
        reference = self.row_of(person).reference
        with self.desk() as desk:
            return next(one.id for one in queue.queue(desk, [self.office_id]) if one.reference == reference)

    def entry(self, number: int) -> queue.Entry:
        """Return a consultation's line in the queue."""
        with self.desk() as desk:
            found = queue.entry(desk, number)
        assert found is not None
        return found

    def said(self, number: int) -> list[talk.Message]:
        """Return what was said in a consultation."""
        with self.desk() as desk:
            return talk.messages_since(desk, number)

    def wait_said(self, number: int, text: str) -> talk.Message:
        """Wait until a text has come to the desk."""
        wait_until(lambda: any(one.text == text for one in self.said(number)), PATIENCE, f"{text!r} at the desk")
        return next(one for one in self.said(number) if one.text == text)

    def choose(self, **settings: Any) -> None:
        """Change what the office chose."""
        with self.desk() as desk:
            offices.choose(desk, self.office_id, **settings)


def hire(database: Database, name: str, now: dt.datetime) -> int:
    """Enter somebody in the list of staff; they only work at the desk here."""
    row = {
        "name": name, "sign_in": f"{name}@town.example", "handle": name, "must_change": False, "language": "ja",
        "active": True, "created_at": now,
    }  # fmt: skip
    with database.write() as connection:
        return int(connection.execute(insert(Staff).returning(Staff.id), row).scalar_one())


def open_town(product: Product) -> DeskTown:
    """Return a town on a started product: its office talks on LINE, two counsellors work there."""
    runtime = Runtime(read_settings({**product.environment, "PUBLIC_URL": "https://town.example"}), Now())
    now = runtime.now()
    with runtime.database.write() as connection:
        offices.enter(connection, runtime.editions.book(), now)
        department = connection.execute(
            insert(Department).returning(Department.id), {"name": "こども家庭課"}
        ).scalar_one()
        office = offices.by_key(connection, "family")
        desk = runtime.desk(connection, now)
        offices.choose(desk, office.id, mode="chat", department_id=department)
    return DeskTown(
        product, runtime, hire(runtime.database, "佐藤かな", now), hire(runtime.database, "鈴木みお", now), office.id
    )


def flows_open_always(folder: Path) -> Path:
    """Return a copy of the shipped flows whose office never closes."""
    flows = folder / "flows"
    shutil.copytree(ROOT / "flows", flows)
    (flows / "child_welfare" / "offices.yaml").write_text(ALWAYS_OPEN, encoding="utf-8")
    return flows


@pytest.fixture(scope="package", params=["sqlite", "postgres"])
def town(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DeskTown]:
    """The product of a town whose desk is open at any hour, shared by the tests of one process."""
    folder = tmp_path_factory.mktemp("desk")
    flows = flows_open_always(folder)
    with databases(request, folder) as make, Product(make(request.param), folder, flows) as product:
        settings = {"PUBLIC_URL": "https://town.example"}
        product.start(settings)
        product.start_worker(settings)
        opened = open_town(product)
        yield opened
        opened.runtime.database.close()


@pytest.fixture
def channel(town: DeskTown) -> Signer:
    """What signs webhooks for the town's channel."""
    [channel] = town.product.line.call("GET", "state")["channels"]
    return Signer(town.product.port, town.product.secret, channel["bot_user_id"])


@pytest.fixture
def paged(town: DeskTown) -> DeskTown:
    """The town whose office talks on its secure page."""
    town.choose(mode="page")
    return town


@pytest.fixture(autouse=True)
def _plain_office(request: pytest.FixtureRequest) -> Callable[[], None] | None:
    """Let each test find the office as the first one did."""
    if "town" in request.fixturenames:
        town: DeskTown = request.getfixturevalue("town")
        town.choose(mode="chat", four_eyes=False, personal_limit=40, closed_until=None, retention="record")
    return None
