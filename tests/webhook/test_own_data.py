"""自分のデータ: residents see what is stored about them, take it along, withdraw what they agreed to, and have it erased."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.models import Attachment, Base, Consent, Delivery, Resident, Submission
from bot.owndata.erase import belongings
from bot.simulator.client import Person
from tests.product import PATIENCE, wait_until
from tests.webhook.conftest import Office
from tests.webhook.files import PDF, photo
from tests.webhook.signed import text
from tests.webhook.test_media import settled
from tests.webhook.test_unsend import finish

WHAT_NOW = "どうしますか"


@pytest.fixture
def person(office: Office) -> Person:
    """Somebody who has filed a report with two files, agreed to a text, and is reminded of a tax."""
    person = office.resident()
    person.say("破損の連絡")
    person.wait_for("何がこわれていますか")
    person.say("公園の赤いベンチ")
    person.wait_for("写真を送ってください")
    finish(person)
    settled(office, person, 2)
    person.say("同意の確認")
    person.wait_for("同意しますか")
    person.say("同意する")
    person.wait_for("ありがとうございます")
    person.say("自動車税")
    person.wait_for("どの税のお知らせですか")
    person.say("1")
    person.wait_for("何日前")
    person.say("3")
    person.wait_for("登録しました")
    return person


def ask(person: Person) -> str:
    asked_before = sum(WHAT_NOW in str(one) for one in person.answers())
    person.say("自分のデータ")
    person.wait_for(WHAT_NOW, count=asked_before + 1)
    return "\n".join(str(one.get("text")) for one in person.answers()[-2:])


def count(office: Office, model: Any, resident_id: int) -> int:
    with office.database.read() as connection:
        statement = select(func.count()).select_from(model).where(model.resident_id == resident_id)
        return connection.execute(statement).scalar_one()


def test_everything_stored_is_shown_by_kind_and_date_without_answers(person: Person) -> None:
    shown = ask(person)
    assert "破損の連絡" in shown
    assert "自動車税のお知らせ：納期限" in shown
    assert "写真・ファイル：2件" in shown
    assert "同意「同意の確認」：同意する" in shown
    assert "公園の赤いベンチ" not in shown


def test_who_has_nothing_stored_is_told_so(office: Office) -> None:
    newcomer = office.resident()
    assert "保存している申請や登録はありません" in ask(newcomer)


def test_a_copy_comes_as_a_file_once_and_looking_at_the_page_does_not_use_it_up(office: Office, person: Person) -> None:
    ask(person)
    person.press_button("内容を受け取る")
    [message] = person.wait_for("1つのファイルで受け取れます")
    url: str = message["template"]["actions"][0]["uri"]
    assert url.startswith("https://town.example/own-data/")
    path = url.removeprefix("https://town.example")
    for _ in range(2):
        status, page = office.product.request("GET", path)
        assert (status, b'<form method="post">' in page) == (200, True)
    status, body = office.product.request("POST", path)
    assert status == 200
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        found = json.loads(archive.read("data.json"))
        [image, paper] = [archive.read(each["file"]) for each in found["files"]]
    assert found["submissions"][0]["answers"]["what"] == "公園の赤いベンチ"
    assert found["consents"][0]["text"] == "個人情報の取扱いに同意しますか。"
    assert found["files"][1]["name"] == "a.pdf"
    assert (image[:3], paper) == (b"\xff\xd8\xff", PDF)
    assert office.product.request("POST", path)[0] == 410


@pytest.mark.parametrize("guess", ["x", "A" * 32, "%00", "%F0%9F%8D%8E"])
def test_a_guessed_address_opens_nothing(office: Office, guess: str) -> None:
    assert office.product.request("POST", f"/own-data/{guess}")[0] == 410


def test_a_consent_can_be_withdrawn(office: Office, person: Person) -> None:
    ask(person)
    person.press_button("同意を取り消す")
    person.wait_for("すべて取り消しますか")
    person.say("はい")
    person.wait_for("同意を取り消しました")
    with office.database.read() as connection:
        statement = select(Consent).where(Consent.resident_id == office.row_of(person.id).id)
        [row] = connection.execute(statement).all()
    assert (row.name, row.version, row.given, row.withdrawn_at is not None) == ("privacy", "2026-04", True, True)
    assert "取り消し済み" in ask(person)


def test_erasing_is_asked_back_and_no_changes_nothing(office: Office, person: Person) -> None:
    ask(person)
    person.press_button("すべて消す")
    person.wait_for("消してもよろしいですか")
    person.say("いいえ")
    person.wait_for("そのままにしました")
    assert "破損の連絡" in ask(person)


def test_erasing_leaves_nothing_but_a_bare_row_with_a_new_reference(office: Office, person: Person) -> None:
    before = office.row_of(person.id)
    person.say("破損の連絡")
    person.wait_for("何がこわれていますか", count=2)
    person.say("橋の手すり")
    person.wait_for("写真を送ってください", count=2)
    ask(person)
    person.press_button("すべて消す")
    person.wait_for("消してもよろしいですか")
    person.say("はい")
    person.wait_for("すべて消しました")
    office.settle(person)
    after = office.row_of(person.id)
    assert (after.id, after.line_user_id) == (before.id, before.line_user_id)
    assert after.reference != before.reference
    assert after.language is None
    for model in (Submission, Attachment, Consent):
        assert count(office, model, after.id) == 0
    with office.database.read() as connection:
        reminders = Base.metadata.tables["tax_reminders"]
        statement = select(func.count()).select_from(reminders).where(reminders.c.resident_id == after.id)
        assert connection.execute(statement).scalar_one() == 0
        payloads = connection.execute(select(Delivery.payload).where(Delivery.resident_id == after.id)).scalars().all()
    assert payloads == [None], "only the farewell, already emptied"
    assert "保存している申請や登録はありません" in ask(person)
    person.say("やめる")
    assert not [one for one in person.answers()[-2:] if "写真を送ってください" in str(one)], (
        "no talk was left to go on with"
    )


def test_a_copy_of_an_event_from_before_the_erasure_is_still_a_copy(office: Office, person: Person) -> None:
    event = text(person.id, "自動車税")
    assert office.main.deliver(event) == 200
    person.wait_for("次のお知らせを登録しています")
    ask(person)
    person.press_button("すべて消す")
    person.wait_for("消してもよろしいですか")
    person.say("はい")
    person.wait_for("すべて消しました")
    office.settle(person)
    sends = len(office.sends_to(person))
    assert office.main.deliver(event) == 200
    office.settle(person)
    assert len(office.sends_to(person)) == sends


def test_a_block_is_still_known_after_an_erasure(office: Office, person: Person) -> None:
    ask(person)
    person.press_button("すべて消す")
    person.wait_for("消してもよろしいですか")
    person.say("はい")
    person.wait_for("すべて消しました")
    person.block()
    wait_until(lambda: office.row_of(person.id).friend is False, PATIENCE, "the block to arrive")


def test_what_is_filed_in_the_same_webhook_as_the_erasure_is_erased_too(office: Office) -> None:
    person = office.resident()
    person.say("破損の連絡")
    person.wait_for("何がこわれていますか")
    person.say("ベンチ")
    person.wait_for("写真を送ってください")
    person.file("image", photo(), "image/jpeg")
    person.wait_for("場所を送ってください")
    person.send({"type": "location", "latitude": 35.0, "longitude": 139.0})
    person.wait_for("書類を送ってください")
    person.file("file", PDF, "application/pdf", name="a.pdf")
    person.wait_for("ほかにありますか")
    events: list[dict[str, Any]] = []
    for number, words in enumerate(("ありません", "自分のデータ", "すべて消す", "はい")):
        events.append(text(person.id, words))
        events[-1]["timestamp"] += number
        events[-1]["message"]["id"] = f"9{number}"
    assert office.main.deliver(*events) == 200
    person.wait_for("すべて消しました")
    resident_id = office.row_of(person.id).id
    assert (count(office, Submission, resident_id), count(office, Attachment, resident_id)) == (0, 0)


def test_every_table_that_names_a_resident_is_erased() -> None:
    """A table added later is erased too, or says why not by standing here.

    Consultations are records of the town; the link to a menu goes once LINE has been told.
    """
    named = {
        table.name
        for table in Base.metadata.sorted_tables
        if any(key.column.table.name == Resident.__tablename__ for key in table.foreign_keys)
    }
    assert named - {table.name for table, _ in belongings()} == {"consultations", "conversations", "menu_links"}
