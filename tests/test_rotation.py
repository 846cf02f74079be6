"""A change of keys: every sealed value is sealed anew under its own row, beside the traffic, and can be stopped at any commit."""

from __future__ import annotations

import os
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from click.testing import CliRunner
from sqlalchemy import Connection, insert, select, update

from bot.alerts import roster
from bot.alerts.roster import Contact
from bot.cli import main
from bot.crypto import Vault
from bot.db import Database
from bot.jobs import jobs_for
from bot.models import (
    AlertContact,
    Attachment,
    AttachmentPart,
    Channel,
    Conversation,
    FailedEvent,
    Resident,
    SealedBytes,
)
from bot.now import Now
from bot.rotation import Place, _named, left, places, rotate
from tests.test_config import complete

NOW = Now()
OLD, NEW = os.urandom(32), os.urandom(32)
BEFORE, BETWEEN, AFTER = Vault([OLD]), Vault([NEW, OLD]), Vault([NEW])

Fill = Callable[[Vault, int], None]


def write_one(connection: Connection, vault: Vault, channel: int) -> None:
    uid, now = uuid.uuid4().hex, NOW()

    def seal(column: str, row: str | int, plain: bytes) -> SealedBytes:
        return SealedBytes.seal(vault, column, row, plain)

    def write(model: Any, **values: Any) -> int:
        key = model.__table__.primary_key.columns[0]
        return int(connection.execute(insert(model).values(values).returning(key)).scalar_one())

    who = {"line_user_id": uid, "reference": uid[:8], "friend": True, "friend_at": 0}
    resident = write(Resident, channel_id=channel, created_at=now, **who)
    state = seal("conversations.state", resident, b"a talk")
    write(Conversation, resident_id=resident, state=state, last_event_at=0, updated_at=now)
    raw = seal("failed_events.raw", uid, b"an event")
    write(FailedEvent, channel_id=channel, event_id=uid, raw=raw, error="E", place="p", failed_at=now)
    file = {"uid": uid, "bundle": uid, "message_id": uid, "kind": "image", "status": "kept"}
    attachment = write(Attachment, channel_id=channel, resident_id=resident, created_at=now, **file)
    for number in range(2):
        piece = seal("attachment_parts.content", f"{uid}/{number}", b"a piece")
        write(AttachmentPart, attachment_id=attachment, number=number, content=piece)
    roster.add(connection, vault, Contact("佐藤", "sato@town.example"), now)


@pytest.fixture
def fill(database: Database) -> Fill:
    """Write, as a process with those keys does, rows whose names in the encryption are of every kind."""
    with database.write() as connection:
        made = insert(Channel).values(name="main", created_at=NOW()).returning(Channel.id)
        channel = connection.execute(made).scalar_one()

    def fill(vault: Vault, count: int) -> None:
        for _ in range(count):
            with database.write() as connection:
                write_one(connection, vault, channel)

    return fill


def steps(database: Database, vault: Vault = BETWEEN) -> Any:
    return rotate(database, vault, pause=0, rows=3)


def opened(database: Database, vault: Vault) -> set[bytes]:
    """Open one value of every kind with these keys."""
    with database.read() as connection:
        talks = connection.execute(select(Conversation.resident_id, Conversation.state)).all()
        events = connection.execute(select(FailedEvent.event_id, FailedEvent.raw)).all()
        pieces = connection.execute(
            select(Attachment.uid, AttachmentPart.number, AttachmentPart.content).join(Attachment)
        ).all()
        contacts = connection.execute(select(AlertContact)).all()
    found = {vault.open("conversations.state", row.resident_id, row.state or b"") for row in talks}
    found |= {vault.open("failed_events.raw", row.event_id, row.raw) for row in events}
    found |= {vault.open("attachment_parts.content", f"{row.uid}/{row.number}", row.content) for row in pieces}
    return found | {(roster.opened(vault, row).email or "").encode() for row in contacts}


WORDS = {b"a talk", b"an event", b"a piece", b"sato@town.example"}


def test_after_the_change_the_newest_key_alone_opens_everything(database: Database, fill: Fill) -> None:
    fill(BEFORE, 7)
    done = list(steps(database))
    assert sum(step.renewed for step in done) == 7 * (1 + 1 + 2 + 2)
    assert opened(database, AFTER) == WORDS
    with database.read() as connection:
        assert set(left(connection, AFTER).values()) == {0}


def test_a_change_that_was_stopped_goes_on_where_it_stood(database: Database, fill: Fill) -> None:
    fill(BEFORE, 7)
    running = steps(database)
    done = [next(running) for _ in range(4)]
    running.close()
    assert opened(database, BETWEEN) == WORDS
    rest = list(steps(database))
    assert sum(step.renewed for step in [*done, *rest]) == 7 * (1 + 1 + 2 + 2)
    assert list(steps(database)) == []


def test_what_is_written_meanwhile_is_not_overwritten(
    database: Database, fill: Fill, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(BEFORE, 1)
    sealing = SealedBytes.seal

    def write_meanwhile(vault: Vault, column: str, row: str | int, plain: bytes) -> SealedBytes:
        if column == "conversations.state" and plain == b"a talk":
            fresh = sealing(vault, column, row, b"the next turn")
            with database.write() as connection:
                connection.execute(update(Conversation).values(state=fresh))
        return sealing(vault, column, row, plain)

    monkeypatch.setattr(SealedBytes, "seal", write_meanwhile)
    list(steps(database))
    assert b"the next turn" in opened(database, AFTER)


def test_a_value_that_no_key_opens_is_left_and_counted(database: Database, fill: Fill) -> None:
    fill(Vault([os.urandom(32)]), 1)
    fill(BEFORE, 2)
    assert sum(step.closed for step in steps(database)) == 6
    with database.read() as connection:
        remaining = left(connection, AFTER)
    sealed = ("conversations.state", "failed_events.raw", "alert_contacts.name", "alert_contacts.email")
    expected = dict.fromkeys(sealed, 1) | {"attachment_parts.content": 2}
    assert {name: count for name, count in remaining.items() if count} == expected


def test_jobs_that_wait_are_sealed_anew_too(database: Database) -> None:
    jobs = jobs_for(database, BEFORE, [], NOW)
    with database.write() as connection:
        for number in range(5):
            assert jobs.defer(connection, "test.task", {"number": number})
    assert sum(step.renewed for step in steps(database)) == 5
    with database.read() as connection:
        assert set(left(connection, AFTER).values()) == {0}


@pytest.mark.parametrize("place", places(), ids=lambda place: place.name)
def test_every_sealed_column_says_what_names_its_row(place: Place) -> None:
    assert place.name == f"{place.table.name}.{place.column.name}"
    assert str(_named(place))


def test_the_command_renews_and_says_what_is_left(database: Database, database_url: str, fill: Fill) -> None:
    import base64

    old, new = (base64.urlsafe_b64encode(key).decode() for key in (OLD, NEW))
    environment = complete(DATABASE_URL=database_url, ENCRYPTION_KEYS=f"{new},{old}")
    fill(BEFORE, 2)
    asked = CliRunner().invoke(main, ["keys", "rotate", "--check"], env=environment)
    assert (asked.exit_code, "something is left" in asked.output) == (1, True), asked.output
    done = CliRunner().invoke(main, ["keys", "rotate"], env=environment)
    assert (done.exit_code, "every value is sealed with the newest key" in done.output) == (0, True), done.output
    assert "LOOKUP_KEYS: hashes cannot be renewed" in done.output
    assert opened(database, AFTER) == WORDS
