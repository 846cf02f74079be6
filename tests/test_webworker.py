"""Connections that a router keeps open: several web processes come to share them."""

from __future__ import annotations

import http.client
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.webworker import REQUESTS_A_CONNECTION
from tests.product import Product

SECONDS = 60.0


@pytest.fixture
def town(database_url: str, tmp_path: Path) -> Iterator[Product]:
    """An installation that runs: one process on SQLite, two on PostgreSQL."""
    with Product(database_url, tmp_path) as product:
        product.start()
        yield product


def asked(connection: http.client.HTTPConnection) -> tuple[int, bool]:
    """Make a request; return its status and whether the answer announces the connection's end."""
    connection.request("GET", "/healthz")
    answer = connection.getresponse()
    answer.read()
    return answer.status, answer.getheader("Connection") == "close"


@pytest.mark.parametrize("engine", ["postgres"])
def test_of_several_processes_each_ends_a_connection_after_some_requests_and_says_so(town: Product) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", town.port, timeout=SECONDS)
    answers = [asked(connection) for _ in range(2 * REQUESTS_A_CONNECTION)]
    connection.close()

    assert {status for status, _ in answers} == {200}
    ends = [number for number, (_, ending) in enumerate(answers, 1) if ending]
    assert ends == [REQUESTS_A_CONNECTION, 2 * REQUESTS_A_CONNECTION]


@pytest.mark.parametrize("engine", ["sqlite"])
def test_the_only_process_keeps_a_connection(town: Product) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", town.port, timeout=SECONDS)
    answers = [asked(connection) for _ in range(2 * REQUESTS_A_CONNECTION)]
    connection.close()
    assert set(answers) == {(200, False)}
