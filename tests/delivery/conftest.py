"""A post office for each test, in front of one stand-in for LINE."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bot.db import Database
from bot.delivery import freeze
from bot.simulator.client import Person, Simulator
from tests.delivery.postoffice import SECRET, TOKEN, PostOffice
from tests.delivery.town import Town


@pytest.fixture(scope="package")
def simulator() -> Iterator[Simulator]:
    """LINE's stand-in, which sends no webhooks here."""
    with Simulator.start(secret=SECRET, token=TOKEN, options=("--channel-id", "1234567890")) as simulator:
        yield simulator


@pytest.fixture
def line(simulator: Simulator) -> Simulator:
    """The stand-in, without the faults and people of the test before."""
    simulator.clear_faults()
    simulator.reset()
    simulator.configure(quota_limit=None)
    return simulator


@pytest.fixture
def office(database: Database, line: Simulator) -> Iterator[PostOffice]:
    """A sender of its own on each engine."""
    office = PostOffice(database, line)
    yield office
    office.close()


@pytest.fixture
def hanako(line: Simulator) -> Person:
    """A friend of the bot."""
    return line.resident("花子")


@pytest.fixture
def town(office: PostOffice, line: Simulator, monkeypatch: pytest.MonkeyPatch) -> Town:
    """Forty residents with four languages, of which the broadcasts speak three; batches of four."""
    monkeypatch.setattr(freeze, "BATCH", 4)
    return Town(office, line)


@pytest.fixture
def many(office: PostOffice, line: Simulator, monkeypatch: pytest.MonkeyPatch) -> Town:
    """So many batches that a broadcast can be interrupted."""
    monkeypatch.setattr(freeze, "BATCH", 1)
    return Town(office, line, size=80)
