"""The whole way: the job of a running product starts a child process, and a crash in the middle of it loses and doubles nothing."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.imports import work
from bot.imports.tasks import CHECK, LOAD
from bot.jobs import Task, jobs_for
from bot.now import Now
from tests.imports.notices import NOTICES, make_table
from tests.product import Product, wait_until

ROWS = 20_000
PATIENCE = 180.0
"""Seconds: on PostgreSQL a dead worker must first be noticed, and its lease run out."""
FLOW = "flow: hello\ntitle: あいさつ\nstart: {follow: true}\nsteps:\n  - say: こんにちは\n"
SERVICES = {"MADOGUCHI_SERVICES": "tests.imports.services"}


class Town:
    """A running product with a service that takes a file, and what the console would do with it."""

    def __init__(self, product: Product) -> None:
        self.product = product
        self.database = Database(product.database_url)
        keys = {name: [base64.urlsafe_b64decode(key + "=")] for name, key in product.keys.items()}
        vault, lookup = Vault(keys["ENCRYPTION_KEYS"]), Lookup(keys["LOOKUP_KEYS"])
        tasks = [Task(name, lambda _context, _arguments: None) for name in (CHECK, LOAD)]
        self.desk = work.Imports(self.database, vault, lookup, jobs_for(self.database, vault, tasks, Now()))
        with self.database.write() as connection:
            make_table(connection)

    def run_product(self) -> None:
        """Start what works off jobs."""
        self.product.start(SERVICES)
        self.product.start_worker(SERVICES)

    def row(self, uid: str) -> Any:
        """Return the import."""
        with self.database.read() as connection:
            return work.one(connection, uid)

    def reaches(self, uid: str, *statuses: str) -> None:
        """Wait until the import is in one of those states."""
        wait_until(lambda: self.row(uid).status in statuses, PATIENCE, " or ".join(statuses))

    def hand_in(self, body: bytes) -> str:
        """Upload a file and begin its check."""
        uid = self.desk.receive(work.Upload(NOTICES, "data.csv", io.BytesIO(body), None), Now()())
        row = self.row(uid)
        with self.database.write() as connection:
            mapping = work.proposal(connection, NOTICES, self.desk.preview(row).headings)
            self.desk.begin_check(connection, row, mapping, Now()())
        return uid


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Town]:
    flows = tmp_path / "flows"
    flows.mkdir()
    (flows / "hello.yaml").write_text(FLOW, encoding="utf-8")
    with Product(database_url, tmp_path, flows) as product:
        town = Town(product)
        yield town
        town.database.close()


def test_an_import_survives_that_everything_is_killed_in_the_middle(town: Town) -> None:
    lines = "".join(f"{number:08},R1.5.1,{number},自動車税\r\n" for number in range(ROWS))
    town.run_product()
    uid = town.hand_in(f"連携コード,生年月日,税額,税目\r\n{lines}bad,,,\r\n".encode("cp932"))
    town.reaches(uid, "checked")
    assert (town.row(uid).rows, town.row(uid).rows_bad) == (ROWS + 1, 1)

    with town.database.write() as connection:
        town.desk.start(connection, town.row(uid), None, Now()())
    wait_until(lambda: town.row(uid).rows_read > 0, PATIENCE, "the first batch")
    town.product.kill()
    stopped_at = town.row(uid).rows_read
    assert 0 < stopped_at < ROWS, "it was killed in the middle"

    town.run_product()
    town.reaches(uid, "done")
    row = town.row(uid)
    assert (row.added, row.changed, row.unchanged, row.rows_bad) == (ROWS, 0, 0, 1)
    with town.database.read() as connection:
        stored = connection.execute(text("SELECT count(*), max(times) FROM loaded")).one()
    assert tuple(stored) == (ROWS, 1)
