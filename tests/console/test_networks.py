"""From where the console may be opened: the town's networks, seen through trusted proxies only."""

from __future__ import annotations

import dataclasses
import ipaddress
from collections.abc import Iterator

import pytest

from bot.app import create_app, runtime_of
from tests.conftest import MakeDatabase
from tests.console.client import START, settings_for
from tests.console.conftest import HERE

OFFICE = "203.0.113.7"
ELSEWHERE = "198.51.100.9"


@pytest.fixture
def limited(make_database: MakeDatabase) -> Iterator[object]:
    """A console behind one proxy, for the town hall's network only."""
    settings = settings_for(make_database("sqlite"), HERE / "flows", "tests.console.services")
    networks = (ipaddress.ip_network("203.0.113.0/24"),)
    app = create_app(dataclasses.replace(settings, console_networks=networks, trusted_proxies=1))
    yield app.test_client()
    runtime_of(app).stop()


def status(client: object, **headers: str) -> int:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    answer = client.get(f"{START}/sign-in", headers={"X-Forwarded-Proto": "https", **sent})  # type: ignore[attr-defined]  # Flask's client
    return int(answer.status_code)


def test_the_office_comes_in_and_others_do_not(limited: object) -> None:
    assert status(limited, X_Forwarded_For=OFFICE) == 200
    assert status(limited, X_Forwarded_For=ELSEWHERE) == 403


def test_what_a_visitor_writes_in_front_of_the_proxys_own_word_counts_for_nothing(limited: object) -> None:
    assert status(limited, X_Forwarded_For=f"{OFFICE}, {ELSEWHERE}") == 403


def test_without_the_proxy_the_address_is_the_callers(limited: object) -> None:
    assert status(limited) == 403


@pytest.mark.parametrize("written", ["unknown", f"{OFFICE}:51312", "203.0.113.7'--"])
def test_what_is_no_address_is_a_strangers(limited: object, written: str) -> None:
    assert status(limited, X_Forwarded_For=written) == 403
