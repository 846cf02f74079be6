"""What tests share: databases of both engines, and the whole product as real processes beside LINE's stand-in."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from xdist.scheduler import LoadScopeScheduling

from bot import db, migrate
from bot.db import Database
from bot.service import load_services
from tests.chromium import browser, playwright
from tests.postgres import Databases
from tests.product import Product

__all__ = ["browser", "playwright"]

load_services("handlers")

# Tests look into databases all the time, and a server with much to do may let one of them wait.
db.CONNECT_SECONDS = 60

# How fast the machine is says nothing about a property, and what is found must be found again: `--hypothesis-profile=default`
# tries other examples every time.
settings.register_profile("madoguchi", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("madoguchi")


def pytest_xdist_auto_num_workers() -> int:
    """Run twice as many tests at once as there are processors: half of their time they wait for processes they have started."""
    return 2 * (os.cpu_count() or 1)


class FileByFile(LoadScopeScheduling):  # type: ignore[misc]  # xdist has no types
    """Gives a process whole files, one engine's tests at a time: they share a running town and the order in which they use it.

    What kills and starts processes takes long and shares nothing: it goes wherever there is time.
    """

    def _split_scope(self, nodeid: str) -> str:
        file, _, test = nodeid.partition("::")
        return nodeid if file.startswith("tests/faults/") else f"{file} {'postgres' if '[postgres' in test else ''}"


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> FileByFile:
    """Have the tests handed out file by file."""
    return FileByFile(config, log)


def absent(what: str) -> None:
    """Skip a test whose real part is not here; where everything must be here, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: with CI=true this may not be skipped")
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Databases]:
    """The PostgreSQL databases of this run."""
    try:
        databases = Databases()
    except psycopg.OperationalError:
        absent("no PostgreSQL answers at MADOGUCHI_TEST_POSTGRES")
        raise
    yield databases
    databases.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file of this run, from which each test gets a copy."""
    path = tmp_path_factory.mktemp("template") / "template.db"
    database = Database(f"sqlite:///{path}")
    migrate.upgrade(database)
    with database.engine.connect() as connection:
        connection.exec_driver_sql("ROLLBACK").close()
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").close()
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def engine(request: pytest.FixtureRequest) -> str:
    """Name the database engine: a test that asks for it runs on both."""
    name: str = request.param
    return name


MakeDatabase = Callable[[str], str]


@pytest.fixture
def make_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeDatabase]:
    """Return a function that makes a fresh, migrated database of an engine and returns its URL."""
    with databases(request, tmp_path) as make:
        yield make


@contextmanager
def databases(request: pytest.FixtureRequest, folder: Path) -> Iterator[MakeDatabase]:
    """Open a maker of fresh, migrated databases for a fixture of any scope, and put away what it made."""
    taken: list[tuple[Databases, str]] = []

    def make(engine: str) -> str:
        if engine == "sqlite":
            path = folder / f"{uuid.uuid4().hex}.db"
            path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
            return f"sqlite:///{path}"
        postgres: Databases = request.getfixturevalue("postgres")
        url = postgres.take()
        taken.append((postgres, url))
        return url

    try:
        yield make
    finally:
        for postgres, url in taken:
            postgres.give_back(url)


@pytest.fixture
def database_url(engine: str, make_database: MakeDatabase) -> str:
    """A fresh, migrated database."""
    return make_database(engine)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An open, fresh, migrated database."""
    database = Database(database_url)
    yield database
    database.close()


@pytest.fixture
def product(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """The product as an operator runs it: gunicorn on a fresh database, with LINE's stand-in as another process."""
    with Product(database_url, tmp_path) as product:
        product.start()
        yield product
