"""PostgreSQL is restarted, or crashes, under load: what LINE was told is stored is stored, the rest comes again, nothing twice."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot import migrate
from bot.config import normalised_database_url
from bot.db import Database
from tests.faults.cluster import Cluster, cluster
from tests.faults.ledger import Crowd, applied
from tests.product import Product


@pytest.fixture(scope="module")
def server() -> Iterator[Cluster]:
    with cluster() as server:
        yield server


@pytest.fixture
def url(server: Cluster) -> str:
    """A fresh, migrated database of the server: each town has its own, with its own account on LINE and its own keys."""
    url = normalised_database_url(server.create())
    database = Database(url)
    migrate.upgrade(database)
    database.close()
    return url


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_under_load_loses_nothing_and_doubles_nothing(
    server: Cluster, url: str, mode: str, tmp_path: Path
) -> None:
    with Product(url, tmp_path) as product:
        product.line.configure(redelivery=True, redelivery_after=[1, 2, 3, 5, *[8] * 10])
        product.start()
        product.start_worker()
        crowd = Crowd(product)
        crowd.start()
        time.sleep(1.5)
        server.restart(mode)
        time.sleep(1.5)
        crowd.stop()
        crowd.wait_applied(120)
        crowd.settle(120)
        events, failed = applied(product.database_url)
        assert {id_: events[id_] for id_ in crowd.events} == dict.fromkeys(crowd.events, 1)
        assert failed == 0, "a database that is away is nobody's fault: nothing is set aside for it"
        doubled = {who: times for who, times in crowd.asked().items() if times > 1}
        assert len(doubled) <= marked_doubled(product.database_url)


def marked_doubled(url: str) -> int:
    """Return how many messages say of themselves that they may have arrived twice."""
    from sqlalchemy import func, select

    from bot.models import Delivery

    database = Database(url, pool_size=1)
    try:
        with database.read() as connection:
            return connection.execute(select(func.count()).where(Delivery.doubled)).scalar_one()
    finally:
        database.close()
