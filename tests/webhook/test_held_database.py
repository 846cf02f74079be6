"""While somebody holds the database the webhook says so in time, stores nothing by halves, and loses nothing."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import psycopg
import pytest

from tests.webhook.conftest import Office
from tests.webhook.signed import text

HELD_SECONDS = 90.0
LOCKS_ROWS = pytest.mark.parametrize("office", ["postgres"], indirect=True)
Hold = Callable[[], AbstractContextManager[None]]


@pytest.fixture
def hold(office: Office) -> Hold:
    """Return what holds all residents against writing: SQLite's write lock, or a lock on PostgreSQL's table."""
    return lambda: _sqlite_lock(office) if office.database.on_sqlite else _postgres_lock(office, _TABLE, ())


_TABLE = b"LOCK TABLE residents IN ACCESS EXCLUSIVE MODE"
_ROW = b"SELECT id FROM residents WHERE line_user_id = %s FOR UPDATE"


@contextmanager
def _sqlite_lock(office: Office) -> Iterator[None]:
    connection = sqlite3.connect(str(office.database.url.database), isolation_level=None)
    connection.execute("BEGIN IMMEDIATE")
    yield
    connection.execute("ROLLBACK")
    connection.close()


@contextmanager
def _postgres_lock(office: Office, statement: bytes, parameters: tuple[str, ...]) -> Iterator[None]:
    url = office.database.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(url) as connection:
        connection.execute(statement, parameters)
        yield
        connection.rollback()


def test_a_held_database_is_answered_503_long_before_it_is_free(office: Office, hold: Hold) -> None:
    person = office.resident()
    before = office.counts()
    event = text(person.id, "自動車税")
    with hold():
        began = time.monotonic()
        assert office.main.deliver(event) == 503
        assert time.monotonic() - began < HELD_SECONDS / 3
    assert office.counts() == before, "nothing is stored by halves"

    assert office.main.deliver(event | {"deliveryContext": {"isRedelivery": True}}) == 200
    person.wait_for("どの税のお知らせですか")
    office.settle(person)
    assert office.claims_of(event["webhookEventId"]) == 1
    assert len(office.sends_to(person)) == 1


def test_the_service_goes_on_by_itself_when_the_database_is_free_again(office: Office, hold: Hold) -> None:
    people = [office.resident() for _ in range(5)]
    with hold():
        assert [office.main.deliver(text(person.id, "自動車税")) for person in people[:2]] == [503, 503]
    assert [office.main.deliver(text(person.id, "自動車税")) for person in people] == [200] * 5


def test_a_process_with_a_held_database_still_answers_its_health_check(office: Office, hold: Hold) -> None:
    person = office.resident()
    with hold():
        waiting = threading.Thread(target=office.main.deliver, args=(text(person.id, "自動車税"),))
        waiting.start()
        assert office.product.request("GET", "/healthz")[0] == 200
        assert waiting.is_alive(), "the health check does not queue behind the webhook"
        waiting.join()


@LOCKS_ROWS
def test_one_held_resident_keeps_no_other_waiting(office: Office) -> None:
    held, others = office.resident("花子"), [office.resident() for _ in range(20)]
    assert office.main.deliver(text(held.id, "メニュー")) == 200
    event = text(held.id, "自動車税")
    statuses: list[int] = []
    with _postgres_lock(office, _ROW, (held.id,)):
        waiting = threading.Thread(target=lambda: statuses.append(office.main.deliver(event)))
        waiting.start()
        assert [office.main.deliver(text(person.id, "自動車税")) for person in others] == [200] * 20
        waiting.join()
    assert statuses == [503]
    assert office.main.deliver(event) == 200
    held.wait_for("どの税のお知らせですか")
    office.settle(held)
    assert office.claims_of(event["webhookEventId"]) == 1


@LOCKS_ROWS
def test_residents_in_one_webhook_with_a_held_one_are_not_lost(office: Office) -> None:
    held, other = office.resident("花子"), office.resident("太郎")
    assert office.main.deliver(text(held.id, "メニュー")) == 200
    events = [text(held.id, "自動車税"), text(other.id, "自動車税")]
    with _postgres_lock(office, _ROW, (held.id,)):
        assert office.main.deliver(*events) == 503
    assert office.main.deliver(*events) == 200
    for person in (held, other):
        person.wait_for("どの税のお知らせですか")
    office.settle(other)
    assert len([send for send in office.sends_to(other) if "どの税" in str(send)]) == 1
