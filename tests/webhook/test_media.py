"""What residents send besides words is an answer at once; a job fetches the file, checks and cleans it, and keeps it encrypted."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import orjson
import pytest
from PIL import Image
from sqlalchemy import select

from bot.config import read_settings
from bot.crypto import Vault
from bot.media.fetch import LIMITS
from bot.media.store import pieces
from bot.models import Attachment, Resident, Submission
from bot.simulator.client import Person
from tests.product import PATIENCE, wait_until
from tests.webhook.conftest import Office
from tests.webhook.files import PDF, PROGRAM, SECRET_COMMENT, photo
from tests.webhook.signed import event

NOT_TAKEN = "受け取れる種類のファイルではありませんでした"
NOT_RECEIVED = "受け取れませんでした"


@pytest.fixture
def vault(office: Office) -> Vault:
    """What opens the office's database."""
    return Vault(read_settings(office.product.environment).encryption_keys)


@pytest.fixture
def reporter(office: Office) -> Person:
    """Somebody who has just been asked for a photo."""
    person = office.resident()
    person.say("破損の連絡")
    person.wait_for("何がこわれていますか")
    person.say("公園のベンチ")
    person.wait_for("写真を送ってください")
    return person


def attachments(office: Office, person: Person) -> list[Any]:
    statement = select(Attachment).join(Resident, Resident.id == Attachment.resident_id).order_by(Attachment.id)
    with office.database.read() as connection:
        return list(connection.execute(statement.where(Resident.line_user_id == person.id)).all())


def settled(office: Office, person: Person, count: int = 1) -> list[Any]:
    def ready() -> bool:
        rows = attachments(office, person)
        return len(rows) == count and all(row.status != "waiting" for row in rows)

    wait_until(ready, PATIENCE, f"{count} files to be settled")
    return attachments(office, person)


def content(office: Office, vault: Vault, row: Any) -> bytes:
    with office.database.read() as connection:
        return b"".join(pieces(connection, vault, row))


def test_a_photo_is_kept_without_what_the_phone_hid_in_it(office: Office, reporter: Person, vault: Vault) -> None:
    sent = photo()
    assert SECRET_COMMENT in sent
    reporter.file("image", sent, "image/jpeg")
    reporter.wait_for("場所を送ってください")
    [row] = settled(office, reporter)
    assert (row.status, row.content_type) == ("kept", "image/jpeg")
    kept = content(office, vault, row)
    assert b"Hanako" not in kept
    assert not Image.open(io.BytesIO(kept)).getexif()
    assert Image.open(io.BytesIO(kept)).size == (64, 48)


def test_the_database_holds_no_readable_piece_of_a_file(office: Office, reporter: Person, vault: Vault) -> None:
    reporter.file("image", photo(), "image/jpeg")
    reporter.wait_for("場所を送ってください")
    reporter.send({"type": "location", "latitude": 35.0, "longitude": 139.0})
    reporter.wait_for("書類を送ってください")
    reporter.file("file", PDF, "application/pdf", name="診断書.pdf")
    rows = settled(office, reporter, 2)
    assert content(office, vault, rows[1]) == PDF
    with office.database.read() as connection:
        stored = [
            bytes(value)
            for table in ("attachments", "attachment_parts")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}").all()  # noqa: S608 - one of two constants
            for value in row
            if isinstance(value, bytes | memoryview)
        ]
    assert stored
    assert not [value for value in stored if b"%PDF" in value or b"JFIF" in value or "診断書".encode() in value]


def test_a_whole_report_is_filed_with_its_files_and_its_place(office: Office, reporter: Person, vault: Vault) -> None:
    reporter.file("image", photo(), "image/jpeg")
    reporter.wait_for("場所を送ってください")
    reporter.send(
        {"type": "location", "title": "中央公園", "address": "中央1-1", "latitude": 35.68, "longitude": 139.76}
    )
    reporter.wait_for("書類を送ってください")
    reporter.file("file", PDF, "application/pdf", name="書類.pdf")
    reporter.wait_for("ほかにありますか")
    reporter.say("ありません")
    reporter.wait_for("受け付けました")
    rows = settled(office, reporter, 2)
    with office.database.read() as connection:
        [filed] = connection.execute(select(Submission).where(Submission.resident_id == rows[0].resident_id)).all()
    answers = orjson.loads(vault.open("submissions.answers", filed.uid, filed.answers))
    assert answers["photo"] == {"kind": "image", "attachment": rows[0].bundle}
    assert answers["paper"] == {"kind": "file", "attachment": rows[1].bundle, "name": "書類.pdf"}
    assert answers["place"] == {
        "kind": "location", "title": "中央公園", "address": "中央1-1", "latitude": 35.68, "longitude": 139.76,
    }  # fmt: skip
    assert {row.submission_id for row in rows} == {filed.id}
    assert (filed.keep_until - filed.filed_at).days == 30


def test_a_photo_that_no_question_wants_is_not_fetched(office: Office) -> None:
    person = office.resident()
    sent = person.file("image", photo(), "image/jpeg")
    person.wait_for("いまは写真やファイルなどを受け取れません")
    assert attachments(office, person) == []
    assert not office.line.traffic(text=f"message/{sent['message']['id']}/content", kind="api")


def test_a_picture_that_lies_elsewhere_is_never_fetched(office: Office, reporter: Person) -> None:
    elsewhere = {"type": "external", "originalContentUrl": "https://example.com/a.jpg"}
    message = {"type": "image", "id": "8001", "contentProvider": elsewhere}
    assert office.main.deliver(event(reporter.id, message=message)) == 200
    reporter.wait_for("この質問では、写真やファイルなどは受け取れません")
    assert attachments(office, reporter) == []
    assert not office.line.traffic(text="8001/content", kind="api")


@pytest.mark.parametrize(
    "body", [PROGRAM, b"", photo()[:40], b"<svg onload='alert(1)'/>"], ids=["exe", "empty", "half", "svg"]
)
def test_a_picture_that_is_none_is_refused_and_its_sender_told(office: Office, reporter: Person, body: bytes) -> None:
    reporter.file("image", body, "image/jpeg")
    reporter.wait_for(NOT_TAKEN, patience=PATIENCE)
    [row] = settled(office, reporter)
    assert (row.status, row.reason, row.size) == ("refused", "not_taken", None)


def test_what_is_too_large_is_refused_without_being_kept(office: Office, reporter: Person) -> None:
    reporter.file("image", photo() + bytes(LIMITS["image"]), "image/jpeg")
    reporter.wait_for("大きすぎるため", patience=PATIENCE)
    [row] = settled(office, reporter)
    assert row.status == "refused"


def test_a_file_in_preparation_is_asked_for_until_it_is_there(office: Office, reporter: Person) -> None:
    reporter.file("image", photo(), "image/jpeg", preparing=4)
    [row] = settled(office, reporter)
    assert row.status == "kept"


def test_a_file_whose_preparation_failed_is_asked_for_again_by_words(office: Office, reporter: Person) -> None:
    reporter.file("image", photo(), "image/jpeg", failed=True)
    reporter.wait_for(NOT_RECEIVED, patience=PATIENCE)
    [row] = settled(office, reporter)
    assert (row.status, row.reason) == ("refused", "not_received")


def test_a_file_line_does_not_know_is_refused(office: Office, reporter: Person) -> None:
    message = {"type": "image", "id": "404404", "contentProvider": {"type": "line"}}
    assert office.main.deliver(event(reporter.id, message=message)) == 200
    [row] = settled(office, reporter)
    assert (row.status, row.reason) == ("refused", "not_received")


def test_a_file_name_is_no_path_and_no_trick(office: Office, reporter: Person, vault: Vault) -> None:
    reporter.file("image", photo(), "image/jpeg")
    reporter.send({"type": "location", "latitude": 35.0, "longitude": 139.0})
    reporter.wait_for("書類を送ってください")
    reporter.file("file", PDF, "application/pdf", name="../../etc/" + "長" * 300 + "\x00\u202efdp.pdf")
    rows = settled(office, reporter, 2)
    name = vault.open("attachments.name", rows[1].uid, rows[1].name).decode()
    assert name.endswith("….pdf")
    assert len(name) == 80
    assert not set("/\\\x00\u202e") & set(name)


Send = Callable[[int, int | None], dict[str, Any]]


@pytest.fixture
def send_of_set(reporter: Person) -> Send:
    """Return a function that sends a picture of a set of three; without a number as old phones do."""

    def send(number: int, total: int | None = 3) -> dict[str, Any]:
        numbered = {} if total is None else {"index": number, "total": total}
        image_set = {"id": f"set-{reporter.id}", **numbered}
        return reporter.file("image", photo((number * 60, 0, 0)), "image/jpeg", image_set=image_set)

    return send


@pytest.mark.parametrize("total", [3, None], ids=["numbered", "old phone"])
def test_pictures_of_one_set_are_one_answer_in_whatever_order_they_come(
    office: Office, reporter: Person, send_of_set: Send, total: int | None
) -> None:
    office.line.hold()
    for number in (1, 2, 3):
        send_of_set(number, total)
    office.line.release([2, 0, 1])
    rows = settled(office, reporter, 3)
    assert len({row.bundle for row in rows}) == 1
    assert {row.total for row in rows} == {total}
    office.settle(reporter)
    assert len(reporter.wait_for("場所を送ってください")) == 1, "the next question is asked once"


def test_a_set_of_which_one_picture_is_missing_holds_nothing_up(
    office: Office, reporter: Person, send_of_set: Send
) -> None:
    send_of_set(3, 3)
    send_of_set(1, 3)
    reporter.wait_for("場所を送ってください")
    rows = settled(office, reporter, 2)
    assert {row.status for row in rows} == {"kept"}
    assert {row.total for row in rows} == {3}
    reporter.send({"type": "location", "latitude": 35.0, "longitude": 139.0})
    assert reporter.wait_for("書類を送ってください")


def test_a_set_that_no_question_wants_is_answered_once(office: Office) -> None:
    person = office.resident()
    for number in (1, 2, 3):
        person.file("image", photo(), "image/jpeg", image_set={"id": "unwanted", "index": number, "total": 3})
    person.wait_for("いまは写真やファイルなどを受け取れません")
    office.settle(person)
    assert office.line.settled()
    assert len(office.sends_to(person)) == 1
