"""The console for tests: in this process (`hall`), and under gunicorn in real Chromium (`studio`)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.conftest import databases
from tests.console import counter as desks
from tests.console.client import Hall
from tests.console.epidemic import Epidemic
from tests.console.studio import Studio

HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The console of a small town with one flow and no services; one for all tests of a module."""
    with databases(request, tmp_path_factory.mktemp("hall")) as make:
        hall = Hall(make("sqlite"), flows=HERE / "flows", services="tests.console.services")
        yield hall
        hall.close()


@pytest.fixture(scope="module")
def town_hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The console with the shipped flows and all services, and their pages."""
    with databases(request, tmp_path_factory.mktemp("town_hall")) as make:
        hall = Hall(make("sqlite"))
        yield hall
        hall.close()


@pytest.fixture
def epidemic(town_hall: Hall) -> Epidemic:
    """An epidemic in the town hall's database."""
    return Epidemic(town_hall)


@pytest.fixture(scope="module")
def studio(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """The small town's console under gunicorn, looked at in Chromium; one for all tests of a module."""
    folder = tmp_path_factory.mktemp("studio")
    made = databases(request, folder)
    with made as make, Studio(make("sqlite"), folder, browser, HERE / "flows", "tests.console.services") as studio:
        yield studio


@pytest.fixture(scope="module")
def town_studio(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """The console with the shipped flows and all services under gunicorn, looked at in Chromium."""
    folder = tmp_path_factory.mktemp("town_studio")
    with databases(request, folder) as make, Studio(make("sqlite"), folder, browser) as studio:
        yield studio


@pytest.fixture(scope="module")
def counter(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[desks.Counter]:
    """A desk with its console, residents on the other side of it; one for all tests of a module."""
    folder = tmp_path_factory.mktemp("desk")
    with databases(request, folder) as make, desks.opened(make("sqlite"), folder, browser) as opened:
        yield opened
