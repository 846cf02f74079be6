"""The roll: residents are locked without waiting, and their talk is read as it is now."""

from __future__ import annotations

import datetime as dt

import pytest
from sqlalchemy import func, insert, select, text

from bot import roll
from bot.db import Database
from bot.models import Channel, Conversation, Resident

NOW = dt.datetime(2026, 5, 1, tzinfo=dt.UTC)
POSTGRES_ONLY = pytest.mark.parametrize("engine", ["postgres"])


@pytest.fixture
def channel_id(database: Database) -> int:
    with database.write() as connection:
        return connection.execute(
            insert(Channel).values(name="main", created_at=NOW).returning(Channel.id)
        ).scalar_one()


def test_residents_are_entered_once_and_found_again(database: Database, channel_id: int) -> None:
    whos = [(channel_id, f"U{number}") for number in (3, 1, 2, 3)]
    with database.write() as connection:
        first = roll.call(connection, whos, NOW)
    with database.write() as connection:
        again = roll.call(connection, [*whos, (channel_id, "U4")], NOW)
    assert {who: present.id for who, present in first.items()}.items() <= {
        who: present.id for who, present in again.items()
    }.items()
    assert set(again) == {*whos, (channel_id, "U4")}
    assert len({present.reference for present in again.values()}) == 4


def test_one_person_on_two_channels_is_two_residents(database: Database, channel_id: int) -> None:
    with database.write() as connection:
        other = connection.execute(
            insert(Channel).values(name="soudan", created_at=NOW).returning(Channel.id)
        ).scalar_one()
        present = roll.call(connection, [(channel_id, "U1"), (other, "U1")], NOW)
    assert len({one.id for one in present.values()}) == 2


@POSTGRES_ONLY
def test_a_resident_held_by_another_transaction_is_left_out(database: Database, channel_id: int) -> None:
    held, free, new = (channel_id, "U1"), (channel_id, "U2"), (channel_id, "U3")
    with database.write() as connection:
        roll.call(connection, [held, free], NOW)
    with database.write() as holder:
        roll.call(holder, [held], NOW)
        with database.write(patience=0.2) as connection:
            assert set(roll.call(connection, [held, free, new], NOW)) == {free, new}
    with database.read() as connection:
        assert connection.execute(select(func.count()).select_from(Resident)).scalar_one() == 3


@POSTGRES_ONLY
def test_a_talk_is_read_as_the_transaction_before_left_it(database: Database, channel_id: int) -> None:
    who = (channel_id, "U1")
    with database.write() as connection:
        resident_id = roll.call(connection, [who], NOW)[who].id
        talk = {"resident_id": resident_id, "last_event_at": 1, "updated_at": NOW}
        connection.execute(insert(Conversation).values(talk))
    with database.write() as later:
        later.execute(text("SELECT 1"))  # the transaction has begun before the other one commits
        with database.write() as earlier:
            roll.call(earlier, [who], NOW)
            earlier.execute(text("UPDATE conversations SET last_event_at = 2"))
        assert roll.call(later, [who], NOW)[who].last_event_at == 2


def test_a_reference_is_never_taken_for_a_number() -> None:
    references = {roll.new_reference() for _ in range(5_000)}
    assert len(references) == 5_000
    assert all(len(one) == 10 and one[0].isalpha() and one.isalnum() and one.isupper() for one in references)


@POSTGRES_ONLY
def test_a_plan_made_while_residents_were_few_does_not_read_all_of_them_later(
    database: Database, channel_id: int
) -> None:
    whos = [(channel_id, f"U{number}") for number in range(3000)]
    with database.engine.connect() as connection:
        for crowd in (*range(60, 660, 60), 3000):
            with connection.begin():
                roll.call(connection, whos[crowd - 60 : crowd], NOW)
                roll.call(connection, whos[:crowd], NOW)
        with connection.begin():
            assert len(roll.call(connection, whos[:60], NOW)) == 60
            read = "SELECT seq_tup_read FROM pg_stat_xact_user_tables WHERE relname = 'residents'"
            assert connection.execute(text(read)).scalar_one() == 0
