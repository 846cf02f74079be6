"""Transactions that wait no longer than they were told to, and columns that refuse what must not be stored."""

from __future__ import annotations

import datetime as dt
import os
import threading
import time

import pytest
from sqlalchemy import insert, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError, StatementError

from bot.crypto import Vault
from bot.db import Database, is_conflict, is_unavailable
from bot.models import Channel, Conversation, Heartbeat, Resident, SealedBytes

NOW = dt.datetime(2026, 5, 1, 1, 2, 3, 456789, tzinfo=dt.UTC)
FAR_TOO_LONG = 60.0


@pytest.fixture
def resident_id(database: Database) -> int:
    with database.write() as connection:
        channel = connection.execute(
            insert(Channel).values(name="main", created_at=NOW).returning(Channel.id)
        ).scalar_one()
        row = {"channel_id": channel, "line_user_id": "U1", "reference": "AAAA", "friend_at": 0, "created_at": NOW}
        return connection.execute(insert(Resident).values(row).returning(Resident.id)).scalar_one()


def hold_and_wait(database: Database, patience: float) -> OperationalError:
    """Let one transaction hold a row while another wants it with `patience`; return how that ended."""
    statement = text("UPDATE residents SET friend_at = friend_at + 1")
    with database.write() as holder:
        holder.execute(statement)
        with pytest.raises(OperationalError) as refused, database.write(patience) as waiter:
            waiter.execute(statement)
    return refused.value


@pytest.mark.usefixtures("resident_id")
def test_a_write_gives_up_waiting_for_a_lock_after_its_patience(database: Database) -> None:
    began = time.monotonic()
    error = hold_and_wait(database, patience=0.2)
    assert time.monotonic() - began < FAR_TOO_LONG
    assert is_unavailable(error)
    assert not is_conflict(error)


@pytest.mark.usefixtures("resident_id")
def test_a_write_gets_the_lock_when_it_is_free_within_its_patience(database: Database) -> None:
    held, statement = threading.Event(), text("UPDATE residents SET friend_at = friend_at + 1")

    def hold() -> None:
        with database.write() as connection:
            connection.execute(statement)
            held.set()
            time.sleep(0.1)

    holder = threading.Thread(target=hold)
    holder.start()
    assert held.wait(FAR_TOO_LONG)
    with database.write(patience=FAR_TOO_LONG) as connection:
        connection.execute(statement)
    holder.join()
    with database.read() as connection:
        assert connection.execute(select(Resident.friend_at)).scalar_one() == 2


@pytest.mark.usefixtures("resident_id")
def test_reading_waits_for_no_writer_and_sees_nothing_half_done(database: Database) -> None:
    with database.write() as writer:
        writer.execute(text("UPDATE residents SET friend_at = 99"))
        with database.read() as reader:
            assert reader.execute(select(Resident.friend_at)).scalar_one() == 0


def test_what_fails_is_undone_as_a_whole(database: Database) -> None:
    row = {"name": "main", "created_at": NOW}
    with pytest.raises(IntegrityError), database.write() as connection:  # noqa: PT012 - the first is to be undone by the second
        connection.execute(insert(Channel), row)
        connection.execute(insert(Channel), row)
    with database.read() as connection:
        assert connection.execute(select(Channel.id)).all() == []


def test_a_mistaken_statement_is_no_sign_of_a_missing_database(database: Database) -> None:
    with pytest.raises(DBAPIError) as refused, database.write() as connection:
        connection.execute(text("SELECT nothing FROM nowhere"))
    assert not is_unavailable(refused.value)


def test_a_database_that_is_not_there_is_unavailable() -> None:
    for url in ("postgresql+psycopg://postgres@127.0.0.1:9/town", "sqlite:////nowhere/at/all.db"):
        database = Database(url, pool_size=1)
        with pytest.raises(DBAPIError) as refused, database.read():
            pass
        assert is_unavailable(refused.value)
        database.close()


def test_a_pool_used_up_is_unavailable_too(database_url: str) -> None:
    database = Database(database_url, pool_size=1)
    with database.read(), pytest.raises(Exception, match="QueuePool") as refused, database.read():
        pass
    assert is_unavailable(refused.value)
    database.close()


def test_an_error_shows_no_value_of_the_statement(database: Database) -> None:
    with pytest.raises(DBAPIError) as refused, database.write() as connection:
        connection.execute(text("SELECT nothing FROM nowhere WHERE words = :words"), {"words": "very private"})
    assert "very private" not in str(refused.value)


def test_a_moment_comes_back_to_the_microsecond_in_utc(database: Database) -> None:
    tokyo = NOW.astimezone(dt.timezone(dt.timedelta(hours=9)))
    with database.write() as connection:
        connection.execute(insert(Heartbeat).values(process="web", instance="one", seen_at=tokyo))
    with database.read() as connection:
        found = connection.execute(select(Heartbeat.seen_at)).scalar_one()
    assert found == NOW
    assert found.utcoffset() == dt.timedelta(0)


def test_a_datetime_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError, match="no moment"), database.write() as connection:
        connection.execute(insert(Heartbeat).values(process="web", instance="one", seen_at=NOW.replace(tzinfo=None)))


def test_an_encrypted_column_takes_only_what_was_sealed_for_it(database: Database, resident_id: int) -> None:
    vault = Vault([os.urandom(32)])
    row = {"resident_id": resident_id, "last_event_at": 0, "updated_at": NOW}
    for wrong in (b"plain", SealedBytes.seal(vault, "submissions.answers", resident_id, b"x")):
        with pytest.raises(StatementError, match="sealed for it"), database.write() as connection:
            connection.execute(insert(Conversation).values(row | {"state": wrong}))
    sealed = SealedBytes.seal(vault, "conversations.state", resident_id, b"state")
    with database.write() as connection:
        connection.execute(insert(Conversation).values(row | {"state": sealed}))
    with database.read() as connection:
        stored = connection.execute(select(Conversation.state)).scalar_one()
    assert stored is not None
    assert vault.open("conversations.state", resident_id, stored) == b"state"


@pytest.mark.parametrize("engine", ["sqlite"])
def test_sqlite_runs_as_the_operators_are_promised(database: Database) -> None:
    with database.read() as connection:
        pragmas = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    assert pragmas == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


@pytest.mark.usefixtures("resident_id")
def test_a_row_that_others_point_at_cannot_be_deleted(database: Database) -> None:
    with pytest.raises(IntegrityError), database.write() as connection:
        connection.execute(text("DELETE FROM channels"))
