"""The counter is private: in groups and rooms the account says so once and leaves, and takes nobody's words there for an answer."""

from __future__ import annotations

from typing import Any

import pytest

from bot.simulator.client import Person
from tests.product import PATIENCE, wait_until
from tests.webhook.conftest import Office
from tests.webhook.signed import event, text

PRIVATE = "グループではご利用いただけません"


def shown(office: Office, group: str) -> list[str]:
    return [one["message"]["text"] for one in office.line.messages(group) if one["from"] == "bot"]


def leaves(office: Office, group: str) -> list[dict[str, Any]]:
    return [one for one in office.line.traffic(text=group, kind="api") if "/leave" in str(one)]


@pytest.fixture
def person(office: Office) -> Person:
    return office.resident()


@pytest.mark.parametrize("room", [False, True], ids=["group", "room"])
def test_invited_the_account_says_one_sentence_and_leaves(office: Office, person: Person, room: bool) -> None:
    group = office.line.group("町内会", person, room=room)
    invited = office.line.invite_bot(group)
    assert office.line.delivered(invited) == 200
    wait_until(lambda: leaves(office, group), PATIENCE, "the account to leave")
    [farewell] = shown(office, group)
    assert PRIVATE in farewell


def test_a_redelivered_invitation_is_answered_once(office: Office, person: Person) -> None:
    group = office.line.group("班", person)
    invited = office.line.invite_bot(group)
    office.line.duplicate(invited)
    wait_until(lambda: office.line.event(invited["webhookEventId"])["deliveries"] == 2, PATIENCE, "the duplicate")
    wait_until(lambda: leaves(office, group), PATIENCE, "the account to leave")
    assert office.claims_of(invited["webhookEventId"]) == 1
    assert len(shown(office, group)) == 1


def in_group(user_id: str | None, kind: str = "message", **more: Any) -> dict[str, Any]:
    source = {"type": "group", "groupId": "C" + "7" * 32} | ({"userId": user_id} if user_id else {})
    return event(user_id, kind, source=source, replyToken="d" * 32, **more)


def mention(user_id: str, words: str, **mentionee: Any) -> dict[str, Any]:
    message = {"type": "text", "id": "5", "text": words, "mention": {"mentionees": [mentionee]}}
    return in_group(user_id, message=message)


def test_a_text_in_a_group_is_nobodys_answer(office: Office, person: Person) -> None:
    person.say("自動車税")
    person.wait_for("どの税のお知らせですか")
    office.settle(person)
    before = office.counts()
    assert office.main.deliver(in_group(person.id, message={"type": "text", "id": "4", "text": "1"})) == 200
    assert office.counts() == before
    person.say("1")
    person.wait_for("何日前にお知らせしますか")


def test_a_group_text_without_a_user_is_taken_in_and_asks_line_for_nobodys_profile(office: Office) -> None:
    before = office.counts()
    assert office.main.deliver(in_group(None, message={"type": "text", "id": "4", "text": "こんにちは"})) == 200
    assert office.counts() == before
    assert not office.line.traffic(text="profile/None", kind="api")


@pytest.mark.parametrize(
    "mentionee",
    [
        {"index": 2, "length": 5, "type": "user", "userId": "U" + "0" * 32, "isSelf": True},
        {"index": 0, "length": 4, "type": "all"},
    ],
    ids=["the account", "everybody"],
)
def test_mentions_in_a_group_are_not_answered_either(office: Office, person: Person, mentionee: dict[str, Any]) -> None:
    before = office.counts()
    assert office.main.deliver(mention(person.id, "🍎@まどぐち ごみの日は？", **mentionee)) == 200
    assert office.counts() == before


def test_texts_edited_in_a_group_out_of_order_change_nothing(office: Office, person: Person) -> None:
    edits = [in_group(person.id, "messageEdited", message={"type": "text", "id": "6", "text": words}) for words in "ab"]
    edits[0]["timestamp"] += 5
    before = office.counts()
    assert office.main.deliver(*edits) == 200
    assert office.counts() == before


def test_members_who_join_or_leave_are_let_be(office: Office, person: Person) -> None:
    members = {"members": [{"type": "user", "userId": person.id}]}
    before = office.counts()
    joined, left = in_group(None, "memberJoined", joined=members), in_group(None, "memberLeft", left=members)
    assert office.main.deliver(joined, left, in_group(None, "leave")) == 200
    assert office.counts() == before


def test_an_edited_text_in_a_private_chat_is_no_new_answer(office: Office, person: Person) -> None:
    person.say("自動車税")
    person.wait_for("どの税のお知らせですか")
    office.settle(person)
    edited = text(person.id, "1") | {"type": "messageEdited"}
    assert office.main.deliver(edited) == 200
    office.settle(person)
    assert len(office.sends_to(person)) == 1
