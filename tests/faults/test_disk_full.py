"""The disk runs full: LINE is told 503, nothing is half-stored, and once there is room everything goes on."""

from __future__ import annotations

import contextlib
import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bot import migrate
from bot.config import normalised_database_url
from bot.db import Database
from tests.faults.cluster import cluster
from tests.faults.ledger import Crowd, applied
from tests.product import PATIENCE, Product, wait_until

MOST_EVENTS = 400
"""So many at most until a full disk is noticed: what is allocated already is used up first."""


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Open a disk of its own that holds no more than so much."""
    folder = Path(tempfile.mkdtemp(prefix="madoguchi-disk-"))
    mounted = (
        os.geteuid() == 0
        and not subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(folder)], capture_output=True
        ).returncode
    )
    if not mounted:
        folder.rmdir()
        pytest.skip("a disk of its own can only be mounted by root")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def fill(folder: Path) -> Path:
    """Leave no byte on the disk; return the ballast."""
    ballast = folder / "ballast"
    with ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 1 << 12, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"\0" * size)
    return ballast


def check(product: Product, disk: Path) -> None:
    """Fill the disk under a running product, see it refuse, give room, see it go on."""
    crowd = Crowd(product)
    for _ in range(5):
        assert product.line.delivered(crowd.speak()) == 200
    crowd.settle(PATIENCE)
    ballast = fill(disk)
    refused = next((event for _ in range(MOST_EVENTS) if product.line.delivered(event := crowd.speak()) != 200), None)
    assert refused is not None, "the disk is full and still everything is accepted"
    assert product.line.event(refused["webhookEventId"])["status"] == 503
    assert product.request("GET", "/healthz")[0] == 200, "the process lives and waits"

    ballast.unlink()

    def taken() -> bool:
        """Deliver again what was refused, as LINE does, until it is accepted."""
        left = [id_ for id_ in crowd.events if product.line.event(id_)["status"] != 200]
        for id_ in left:
            product.line.redeliver({"webhookEventId": id_})
        product.line.settled()
        return not left

    wait_until(taken, PATIENCE, "everything to be accepted")
    crowd.settle(PATIENCE)
    events, failed = applied(product.database_url)
    assert {id_: events[id_] for id_ in crowd.events} == dict.fromkeys(crowd.events, 1)
    assert failed == 0


def migrated(url: str) -> str:
    database = Database(url)
    migrate.upgrade(database)
    database.close()
    return url


def test_a_full_disk_under_sqlite(tmp_path: Path) -> None:
    with small_disk(12) as disk, Product(migrated(f"sqlite:///{disk / 'town.db'}"), tmp_path) as product:
        product.start()
        check(product, disk)


def test_a_full_disk_under_postgresql(tmp_path: Path) -> None:
    with small_disk(120) as disk, cluster(disk) as server:
        url = migrated(normalised_database_url(server.url))
        with Product(url, tmp_path) as product:
            product.start()
            check(product, disk)
