"""Several processes may start at the same moment on a fresh database, as a first deployment does."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest
from sqlalchemy import func, select, text

from bot.config import Settings, read_settings
from bot.db import Database
from bot.delivery.rates import BURST_SECONDS, PER_SECOND
from bot.editions import Editions, read_folder
from bot.line.channels import Channels
from bot.models import Activation, Channel, Publication
from bot.now import Now
from bot.runtime import Runtime
from bot.service import load_services
from tests.product import ROOT, wait_until
from tests.test_config import complete

SECONDS = 60.0
STARTING = 2
_WAITING = text(
    "SELECT count(*) FROM pg_locks JOIN pg_database ON pg_database.oid = pg_locks.database"
    " WHERE NOT granted AND datname = current_database()"
)


@pytest.fixture
def settings(database_url: str) -> Settings:
    return read_settings(complete(DATABASE_URL=database_url, MADOGUCHI_FLOWS=str(ROOT / "flows")))


def start_together(database: Database, table: str, start: Callable[[], object]) -> list[Exception]:
    """Let several processes find `table` empty and then write it; return what went wrong."""
    failures: list[Exception] = []

    def run() -> None:
        try:
            start()
        except Exception as error:  # noqa: BLE001 - the test shows whatever it is
            failures.append(error)

    threads = [threading.Thread(target=run) for _ in range(STARTING)]
    with database.write() as holder:
        if not database.on_sqlite:
            holder.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
        for thread in threads:
            thread.start()
        if not database.on_sqlite:
            wait_until(lambda: holder.execute(_WAITING).scalar_one() == STARTING, SECONDS, "all to be about to write")
    for thread in threads:
        thread.join(SECONDS)
    return failures


def count(database: Database, model: type[Channel | Publication | Activation]) -> int:
    with database.read() as connection:
        return connection.execute(select(func.count()).select_from(model)).scalar_one()


def test_a_channel_is_entered_once(database: Database, settings: Settings) -> None:
    assert start_together(database, "channels", lambda: Channels(database, settings.channels, Now())) == []
    assert count(database, Channel) == 1


def test_the_flows_are_published_once(database: Database, settings: Settings) -> None:
    services = load_services(settings.services)
    texts = read_folder(settings.flows)

    def publish() -> None:
        Editions(database, services, settings.flows, Now()).publish(texts, "first start")

    assert start_together(database, "publications", publish) == []
    assert (count(database, Publication), count(database, Activation)) == (1, 1)


@pytest.mark.parametrize("engine", ["postgres"])
def test_processes_that_start_together_share_lines_rates_from_the_first_call_on(settings: Settings) -> None:
    first, second = Runtime(settings), Runtime(settings)
    try:
        for runtime in (first, second):
            runtime.start(clock=False, process="worker")
        half = PER_SECOND["push"] * BURST_SECONDS / 2
        assert half * 0.9 <= allowed_at_once(second) <= half * 1.1
        wait_until(lambda: allowed_at_once(first) <= half * 1.1, SECONDS, "the first to know of the second")
    finally:
        for runtime in (first, second):
            runtime.stop()


def allowed_at_once(runtime: Runtime) -> int:
    """Return how many pushes a process may make now, after a while of making none."""
    time.sleep(BURST_SECONDS)
    return sum(1 for _ in iter(lambda: runtime.rates.take("main", "push", 0.0), None))
