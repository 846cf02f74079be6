"""Two people see the same thing before anything goes to many."""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator

import pytest
from sqlalchemy import Connection, insert, update
from sqlalchemy.exc import IntegrityError

from bot import approvals
from bot.approvals import Decision
from bot.crypto import Vault
from bot.db import Database
from bot.models import Approval, Staff

NOW = dt.datetime(2027, 4, 1, 3, 0, tzinfo=dt.UTC)
KIND = approvals.Kind("test", {"ja": "試験", "en": "Test"}, lambda subject: f"/console/test/{subject}", "approve")
SEEN = approvals.digest_of("断水のお知らせ", 3)


@pytest.fixture
def vault() -> Vault:
    return Vault([os.urandom(32)])


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        yield connection


@pytest.fixture
def two(connection: Connection) -> tuple[int, int]:
    """An officer and an approver."""
    ids = [enter(connection, name) for name in ("officer", "approver")]
    return ids[0], ids[1]


def enter(connection: Connection, name: str) -> int:
    row = {
        "name": name,
        "sign_in": f"{name}@town.example",
        "handle": name,
        "must_change": False,
        "language": "ja",
        "active": True,
        "created_at": NOW,
    }
    return connection.execute(insert(Staff).values(row).returning(Staff.id)).scalar_one()


def ask(connection: Connection, by: int, subject: str = "1", service: str | None = None) -> int:
    return approvals.ask(connection, KIND, subject, SEEN, by, NOW, title="断水", service=service)


def test_what_another_person_grants_may_happen_as_long_as_it_stays_the_same(
    connection: Connection, vault: Vault, two: tuple[int, int]
) -> None:
    officer, approver = two
    id_ = ask(connection, officer)
    assert approvals.granted(connection, KIND, "1", SEEN) is None
    approvals.decide(connection, vault, id_, Decision.GRANTED, SEEN, approver, NOW)
    row = approvals.granted(connection, KIND, "1", SEEN)
    assert (row.asker, row.decider) == ("officer", "approver")
    assert approvals.granted(connection, KIND, "1", approvals.digest_of("断水のお知らせ", 4)) is None
    assert approvals.granted(connection, KIND, "2", SEEN) is None


@pytest.mark.parametrize("decision", [Decision.GRANTED, Decision.REFUSED])
def test_nobody_decides_what_they_asked_for(
    connection: Connection, vault: Vault, two: tuple[int, int], decision: Decision
) -> None:
    id_ = ask(connection, two[0])
    with pytest.raises(approvals.SamePerson, match="somebody else") as refused:
        approvals.decide(connection, vault, id_, decision, SEEN, two[0], NOW)
    assert "別の人" in refused.value.message["ja"]
    assert approvals.find_waiting(connection, KIND, "1") is not None


def test_the_database_itself_takes_no_grant_by_whoever_asked(connection: Connection, two: tuple[int, int]) -> None:
    id_ = ask(connection, two[0])
    by_hand = update(Approval).where(Approval.id == id_).values(decision="granted", decided_by=two[0], decided_at=NOW)
    with pytest.raises(IntegrityError, match="two_people"), connection.begin_nested():
        connection.execute(by_hand)


def test_what_has_changed_since_it_was_asked_is_not_granted(
    connection: Connection, vault: Vault, two: tuple[int, int]
) -> None:
    id_ = ask(connection, two[0])
    with pytest.raises(approvals.Changed):
        approvals.decide(connection, vault, id_, Decision.GRANTED, approvals.digest_of("別"), two[1], NOW)
    assert approvals.granted(connection, KIND, "1", SEEN) is None


def test_a_refusal_keeps_its_reason_and_ends_the_question(
    connection: Connection, vault: Vault, two: tuple[int, int]
) -> None:
    id_ = ask(connection, two[0])
    approvals.decide(connection, vault, id_, Decision.REFUSED, SEEN, two[1], NOW, "日付が違います")
    row = approvals.latest(connection, KIND, "1")
    assert (row.decision, approvals.reason_of(vault, row)) == ("refused", "日付が違います")
    assert "日付" not in repr(bytes(row.reason))
    with pytest.raises(approvals.AlreadyDecided):
        approvals.decide(connection, vault, id_, Decision.GRANTED, SEEN, two[1], NOW)


def test_the_latest_word_counts(connection: Connection, vault: Vault, two: tuple[int, int]) -> None:
    officer, approver = two
    approvals.decide(connection, vault, ask(connection, officer), Decision.GRANTED, SEEN, approver, NOW)
    again = ask(connection, officer)
    assert approvals.granted(connection, KIND, "1", SEEN) is None
    approvals.decide(connection, vault, again, Decision.REFUSED, SEEN, approver, NOW)
    assert approvals.granted(connection, KIND, "1", SEEN) is None


def test_only_one_question_waits_about_one_thing_and_only_its_asker_takes_it_back(
    connection: Connection, vault: Vault, two: tuple[int, int]
) -> None:
    id_ = ask(connection, two[0])
    with pytest.raises(approvals.AlreadyAsked):
        ask(connection, two[1])
    with pytest.raises(approvals.NotTheirs):
        approvals.decide(connection, vault, id_, Decision.WITHDRAWN, SEEN, two[1], NOW)
    approvals.decide(connection, vault, id_, Decision.WITHDRAWN, SEEN, two[0], NOW)
    assert approvals.granted(connection, KIND, "1", SEEN) is None
    ask(connection, two[1])


def test_staff_see_what_waits_in_their_services_and_what_belongs_to_none(
    connection: Connection, two: tuple[int, int]
) -> None:
    ask(connection, two[0], "1", "tax")
    ask(connection, two[0], "2", "covid")
    ask(connection, two[0], "3")
    assert [row.subject for row in approvals.waiting(connection, {"tax"})] == ["1", "3"]
    assert [row.subject for row in approvals.waiting(connection)] == ["1", "2", "3"]
