"""A message taken back takes with it what was answered by it, wherever that was kept; everything else stays."""

from __future__ import annotations

import time
from typing import Any

import orjson
import pytest
from sqlalchemy import select

from bot.config import read_settings
from bot.crypto import Vault
from bot.models import AppliedEvent, Conversation, Resident, Submission
from bot.simulator.client import Person
from tests.product import PATIENCE, wait_until
from tests.webhook.conftest import Office
from tests.webhook.files import PDF, photo
from tests.webhook.signed import event, text
from tests.webhook.test_media import attachments, settled

WORDS = "公園の赤いベンチ"


@pytest.fixture
def vault(office: Office) -> Vault:
    """What opens the office's database."""
    return Vault(read_settings(office.product.environment).encryption_keys)


@pytest.fixture
def reporter(office: Office) -> Person:
    """Somebody who has begun a report."""
    person = office.resident()
    person.say("破損の連絡")
    person.wait_for("何がこわれていますか")
    return person


def applied(office: Office, sent: dict[str, Any]) -> None:
    assert office.line.delivered(sent) == 200
    with office.database.read() as connection:
        statement = select(AppliedEvent).where(AppliedEvent.event_id == sent["webhookEventId"])
        assert connection.execute(statement).one_or_none() is not None


def state(office: Office, vault: Vault, person: Person) -> bytes:
    statement = select(Conversation).join(Resident, Resident.id == Conversation.resident_id)
    with office.database.read() as connection:
        row = connection.execute(statement.where(Resident.line_user_id == person.id)).one()
    return b"" if row.state is None else vault.open("conversations.state", row.resident_id, row.state)


def filed(office: Office, vault: Vault, person: Person) -> dict[str, Any]:
    statement = select(Submission).join(Resident, Resident.id == Submission.resident_id)
    with office.database.read() as connection:
        row = connection.execute(statement.where(Resident.line_user_id == person.id)).one()
    answers: dict[str, Any] = orjson.loads(vault.open("submissions.answers", row.uid, row.answers))
    return answers


def finish(person: Person) -> dict[str, dict[str, Any]]:
    """Answer what is left of the report; return the messages sent."""
    sent = {"photo": person.file("image", photo(), "image/jpeg")}
    person.wait_for("場所を送ってください")
    sent["place"] = person.send({"type": "location", "latitude": 35.0, "longitude": 139.0})
    person.wait_for("書類を送ってください")
    sent["paper"] = person.file("file", PDF, "application/pdf", name="a.pdf")
    person.wait_for("ほかにありますか")
    sent["more"] = person.say("ありません")
    person.wait_for("受け付けました")
    return sent


def test_an_answer_taken_back_leaves_the_running_talk(office: Office, vault: Vault, reporter: Person) -> None:
    said = reporter.say(WORDS)
    reporter.wait_for("写真を送ってください")
    assert WORDS.encode() in state(office, vault, reporter)
    applied(office, reporter.unsend(said["message"]["id"]))
    assert WORDS.encode() not in state(office, vault, reporter)
    reporter.file("image", photo(), "image/jpeg")
    assert reporter.wait_for("場所を送ってください"), "the talk goes on"


def test_answers_taken_back_leave_what_was_filed_and_all_others_stay(
    office: Office, vault: Vault, reporter: Person
) -> None:
    said = reporter.say(WORDS)
    reporter.wait_for("写真を送ってください")
    sent = finish(reporter)
    settled(office, reporter, 2)
    assert set(filed(office, vault, reporter)) == {"what", "photo", "place", "paper", "more"}
    applied(office, reporter.unsend(said["message"]["id"]))
    applied(office, reporter.unsend(sent["place"]["message"]["id"]))
    assert set(filed(office, vault, reporter)) == {"photo", "paper", "more"}


def test_a_photo_taken_back_is_deleted_with_its_answer(office: Office, vault: Vault, reporter: Person) -> None:
    reporter.say(WORDS)
    reporter.wait_for("写真を送ってください")
    sent = finish(reporter)
    assert len(settled(office, reporter, 2)) == 2
    applied(office, reporter.unsend(sent["photo"]["message"]["id"]))
    assert [row.kind for row in attachments(office, reporter)] == ["file"]
    assert "photo" not in filed(office, vault, reporter)


def test_one_photo_of_a_set_taken_back_leaves_the_others(office: Office, vault: Vault, reporter: Person) -> None:
    reporter.say(WORDS)
    reporter.wait_for("写真を送ってください")
    sent = [
        reporter.file("image", photo(), "image/jpeg", image_set={"id": reporter.id, "index": number, "total": 2})
        for number in (1, 2)
    ]
    settled(office, reporter, 2)
    applied(office, reporter.unsend(sent[0]["message"]["id"]))
    assert [row.message_id for row in attachments(office, reporter)] == [sent[1]["message"]["id"]]
    assert b"attachment" in state(office, vault, reporter)


def test_a_photo_taken_back_before_it_was_fetched_is_never_kept(office: Office, reporter: Person) -> None:
    reporter.say(WORDS)
    reporter.wait_for("写真を送ってください")
    sent = reporter.file("image", photo(), "image/jpeg", preparing=3600)
    reporter.wait_for("場所を送ってください")
    applied(office, reporter.unsend(sent["message"]["id"]))
    assert attachments(office, reporter) == []


def test_a_photo_that_is_gone_when_it_is_fetched_is_told_to_nobody(office: Office, reporter: Person) -> None:
    reporter.say(WORDS)
    reporter.wait_for("写真を送ってください")
    office.line.hold()
    sent = reporter.file("image", photo(), "image/jpeg")
    reporter.unsend(sent["message"]["id"])
    office.line.release([0])
    [row] = settled(office, reporter)
    assert (row.status, row.reason) == ("gone", "unsent")
    office.settle(reporter)
    assert not [one for one in reporter.answers() if "受け取れませんでした" in str(one)]


def test_a_message_that_comes_after_it_was_taken_back_is_no_answer(
    office: Office, vault: Vault, reporter: Person
) -> None:
    office.line.hold()
    said = reporter.say(WORDS)
    time.sleep(0.002)  # LINE's timestamps are milliseconds
    reporter.unsend(said["message"]["id"])
    office.line.release("reversed")
    reporter.wait_for("何がこわれていますか", count=2)
    assert WORDS.encode() not in state(office, vault, reporter)


def test_an_event_set_aside_is_deleted_when_its_message_is_taken_back(office: Office) -> None:
    person = office.resident()
    person.say("つまずく")
    person.wait_for("何か書いてください")
    said = person.say(WORDS)
    person.wait_for("処理できませんでした")
    assert len(office.failed_of(person)) == 1
    applied(office, person.unsend(said["message"]["id"]))
    assert office.failed_of(person) == []


def test_what_was_never_stored_can_be_taken_back_too(office: Office) -> None:
    person = office.resident()
    taken_back = event(person.id, "unsend", unsend={"messageId": "77777"})
    assert office.main.deliver(taken_back, text(person.id, "自動車税")) == 200
    assert person.wait_for("どの税のお知らせですか")
    assert office.main.deliver(event(person.id, "unsend", unsend={}), event(person.id, "unsend")) == 200


def test_nobody_can_take_back_somebody_elses_message(office: Office, vault: Vault, reporter: Person) -> None:
    said = reporter.say(WORDS)
    reporter.wait_for("写真を送ってください")
    stranger = office.resident("次郎")
    assert office.main.deliver(event(stranger.id, "unsend", unsend={"messageId": said["message"]["id"]})) == 200
    wait_until(lambda: office.row_of(stranger.id) is not None, PATIENCE, "the stranger to be known")
    assert WORDS.encode() in state(office, vault, reporter)
