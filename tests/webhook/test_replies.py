"""Every turn is answered by what LINE takes: never more than five messages, never a token twice, never silence after a fault."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from tests.webhook.conftest import Office
from tests.webhook.signed import text

APOLOGY = "処理できませんでした"


def sends(office: Office, since: int = 0) -> list[dict[str, Any]]:
    """Return the requests that were to send something, later than the exchange `since`."""
    calls = office.line.traffic(text="/v2/bot/message/", kind="api", since=since)
    return [call for call in calls if call["method"] == "POST"]


def test_nine_messages_become_at_most_five_and_no_word_is_lost(office: Office) -> None:
    person = office.resident()
    person.say("たくさん話す")
    person.wait_for("もっと話しますか")
    office.settle(person)
    [send] = office.sends_to(person)
    assert len(send["messages"]) <= 5
    said = json.dumps(send["messages"], ensure_ascii=False)
    assert [word for word in ("一つめ", "四つめ", "五つめ", "八つめ") if word not in said] == []
    assert "quickReply" in send["messages"][-1], "the question stands last, with its buttons"


def test_a_reply_whose_token_died_on_the_way_is_pushed(office: Office) -> None:
    person = office.resident()
    token = "c" * 32
    assert office.main.deliver(text(person.id, "自動車税", replyToken=token)) == 200
    person.wait_for("どの税のお知らせですか")
    office.settle(person)
    [send] = office.sends_to(person)
    assert send["kind"] == "push"
    assert len(office.line.traffic(text=token, kind="api")) == 1, "the reply was tried at once, and once"


def test_a_token_that_comes_with_two_events_is_used_once(office: Office) -> None:
    person = office.resident()
    token = "d" * 32
    both = [text(person.id, words, replyToken=token) for words in ("自動車税", "メニュー")]
    assert office.main.deliver(*both) == 200
    person.wait_for("どの税のお知らせですか")
    person.wait_for("ご用件をお選びください")
    office.settle(person)
    assert [send["kind"] for send in office.sends_to(person)] == ["push", "push"]
    assert len(office.line.traffic(text=token, kind="api")) == 1, "LINE is not asked a second time"


def test_what_line_would_refuse_is_never_sent_and_staff_learn_the_field(
    office: Office, log_lines: Callable[[], list[dict[str, Any]]]
) -> None:
    person = office.resident()
    before = max((call["number"] for call in sends(office)), default=0)
    event = person.say("シールを見る")
    person.wait_for(APOLOGY)
    office.settle(person)
    assert [call["status"] for call in sends(office, before)] == [200], "the excuse, and nothing that LINE refused"
    [row] = office.failed_of(person)
    assert row.error == "NotAcceptable"
    assert row.place == "messages[1].packageId: 21 long, at most 20"
    [line] = [line for line in log_lines() if line.get("event_id") == event["webhookEventId"]]
    assert line["place"] == row.place


def test_an_action_that_returns_nothing_is_a_fault_that_staff_see_and_residents_are_told(office: Office) -> None:
    person = office.resident()
    person.say("黙る")
    person.wait_for(APOLOGY)
    [row] = office.failed_of(person)
    assert row.error == "AttributeError"


def test_an_outcome_that_was_never_declared_ends_the_talk_with_an_excuse(office: Office) -> None:
    person = office.resident()
    person.say("思いつき")
    person.wait_for("申し訳ありません")
    person.say("自動車税")
    assert person.wait_for("どの税のお知らせですか")


@pytest.mark.parametrize("words", ["", " ", "\u200b", "　"], ids=["empty", "space", "invisible", "wide space"])
def test_a_text_without_words_is_answered_all_the_same(office: Office, words: str) -> None:
    person = office.resident()
    person.send({"type": "text", "text": words})
    assert person.wait_for("ご用件をお選びください")
