"""The audit log's chain: whoever changes, removes or inserts an entry is found out, also with the database in their hands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import pytest
from sqlalchemy import Connection, delete, insert, select, update

from bot import audit
from bot.audit import Command, Sealer, keys_of
from bot.crypto import key_id
from bot.db import Database
from bot.models import AuditEntry, AuditSeal
from bot.now import Now

KEYS = keys_of([b"k" * 32])
NOW = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)


def record(database: Database, number: int = 5) -> None:
    with database.write() as connection:
        for place in range(number):
            audit.record(
                connection, Command("madoguchi test"), "garden.view", NOW, f"bed:{place}", "garden", count=place
            )


def sealer(database: Database, owner: str = "one") -> Sealer:
    return Sealer(database, KEYS, owner, Now())


@pytest.fixture
def sealed(database: Database) -> Database:
    """A log of five sealed entries."""
    record(database)
    assert sealer(database)() == 5
    return database


def broken(database: Database) -> str | None:
    with database.read() as connection:
        return audit.verify(connection, KEYS).broken


def test_what_nobody_touched_holds(sealed: Database) -> None:
    record(sealed, 2)
    with sealed.read() as connection:
        verdict = audit.verify(connection, KEYS)
    assert (verdict.sealed, verdict.unsealed, verdict.broken) == (5, 2, None)


def change(connection: Connection) -> None:
    connection.execute(update(AuditEntry).where(AuditEntry.id == 3).values(actor="somebody else"))


def change_detail(connection: Connection) -> None:
    connection.execute(update(AuditEntry).where(AuditEntry.id == 2).values(detail={"count": 99}))


def remove_seal(connection: Connection) -> None:
    connection.execute(delete(AuditSeal).where(AuditSeal.position == 3))


def insert_between(connection: Connection) -> None:
    row = {"at": NOW, "actor": "x", "action": "x", "detail": {}}
    number = connection.execute(insert(AuditEntry).returning(AuditEntry.id), row).scalar_one()
    forged = {"position": 6, "entry_id": number, "key": key_id(KEYS[0]), "seal": b"0" * 32}
    connection.execute(insert(AuditSeal), forged)


@pytest.mark.parametrize("tamper", [change, change_detail, remove_seal, insert_between])
def test_tampering_is_found(sealed: Database, tamper: Callable[[Connection], None]) -> None:
    with sealed.write() as connection:
        tamper(connection)
    assert broken(sealed)


def test_a_chain_under_another_key_does_not_hold(sealed: Database) -> None:
    with sealed.read() as connection:
        assert audit.verify(connection, keys_of([b"x" * 32])).broken


def test_a_new_key_goes_on_with_the_chain_of_the_old_one(sealed: Database) -> None:
    both = keys_of([b"n" * 32, b"k" * 32])
    record(sealed)
    assert Sealer(sealed, both, "one", Now())() == 5
    with sealed.read() as connection:
        assert audit.verify(connection, both).broken is None


def test_the_head_of_another_day_is_still_in_the_chain_or_it_was_made_anew(sealed: Database) -> None:
    with sealed.read() as connection:
        known = audit.head(connection)[1].hex()
    record(sealed)
    sealer(sealed)()
    with sealed.read() as connection:
        assert audit.contains(connection, known)
        assert not audit.contains(connection, "00" * 32)
        assert not audit.contains(connection, "no seal")


def test_what_is_deleted_at_the_oldest_end_leaves_a_chain_that_holds(sealed: Database) -> None:
    with sealed.write() as connection:
        connection.execute(delete(AuditSeal).where(AuditSeal.position <= 2))
        connection.execute(delete(AuditEntry).where(AuditEntry.id <= 2))
    assert broken(sealed) is None


def test_an_entry_that_was_committed_late_is_sealed_too(sealed: Database) -> None:
    with sealed.write() as connection:
        number = connection.execute(select(AuditEntry.id).order_by(AuditEntry.id.desc()).limit(1)).scalar_one()
        later = {"id": number + 5, "at": NOW, "actor": "x", "action": "x", "detail": {}}
        connection.execute(insert(AuditEntry), later)
    assert sealer(sealed)() == 1
    with sealed.write() as connection:
        connection.execute(insert(AuditEntry), {**later, "id": number + 2})
    assert sealer(sealed)() == 1
    assert broken(sealed) is None


def test_two_processes_do_not_seal_at_once(sealed: Database) -> None:
    record(sealed)
    first, second = sealer(sealed, "one"), sealer(sealed, "two")
    assert second() == 0
    assert first() == 5
