"""What tests share: databases of both engines, and the whole product as real processes beside LINE's stand-in."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from bot import migrate
from bot.config import normalised_database_url
from bot.db import Database
from bot.service import load_services
from tests.product import Product

POSTGRES = os.environ.get("MADOGUCHI_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")

load_services("handlers")


def absent(what: str) -> None:
    """Skip a test whose real part is not here; where everything must be here, fail."""
    if os.environ.get("CI") == "true":
        pytest.fail(f"{what}: with CI=true this may not be skipped")
    pytest.skip(what)


@pytest.fixture(scope="session")
def postgres_template() -> Iterator[str]:
    """A migrated PostgreSQL database of this run, from which each test gets a copy; returns its name."""
    name = f"madoguchi_test_{uuid.uuid4().hex[:12]}"
    try:
        admin = psycopg.connect(POSTGRES, autocommit=True, connect_timeout=3)
    except psycopg.OperationalError:
        absent("no PostgreSQL answers at MADOGUCHI_TEST_POSTGRES")
        raise
    with admin:
        admin.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            database = Database(_address(name))
            migrate.upgrade(database)
            database.close()
            yield name
        finally:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))


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
    """Open a maker of fresh, migrated databases for a fixture of any scope, and drop what it made."""
    made: list[str] = []

    def make(engine: str) -> str:
        if engine == "sqlite":
            path = folder / f"{uuid.uuid4().hex}.db"
            path.write_bytes(request.getfixturevalue("sqlite_template").read_bytes())
            return f"sqlite:///{path}"
        template = request.getfixturevalue("postgres_template")
        name = f"{template}_{uuid.uuid4().hex[:8]}"
        _administer("CREATE DATABASE {} TEMPLATE {}", name, template)
        made.append(name)
        return _address(name)

    try:
        yield make
    finally:
        for name in made:
            _administer("DROP DATABASE IF EXISTS {} WITH (FORCE)", name)


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


def _administer(statement: str, *names: str) -> None:
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(sql.SQL(statement).format(*(sql.Identifier(name) for name in names)))


def _address(name: str) -> str:
    return normalised_database_url(POSTGRES.rsplit("/", 1)[0] + "/" + name)
