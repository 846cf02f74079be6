"""Events are read tolerantly: LINE may send what nobody here has heard of, and nothing raises."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.line.events import EVENT_ID_LENGTH, USER_ID_LENGTH, Event, UnreadableBody, read_webhook

JSON = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.floats(), st.text(max_size=20)),
    lambda inner: st.one_of(st.lists(inner, max_size=4), st.dictionaries(st.text(max_size=10), inner, max_size=4)),
    max_leaves=20,
)
FIELDS = (
    *("type", "mode", "timestamp", "source", "webhookEventId", "deliveryContext", "replyToken", "message", "postback"),
    *("follow", "userId", "groupId", "roomId", "text", "data", "params", "isRedelivery", "isUnblocked"),
)
EVENTS = st.dictionaries(st.sampled_from(FIELDS), st.one_of(JSON, st.dictionaries(st.sampled_from(FIELDS), JSON)))
VIEWS = (
    *("id", "type", "user_id", "group_id", "timestamp", "reply_token", "sample", "standby", "redelivered", "message"),
    *("text", "postback", "unblocked"),
)


def views(event: Event) -> dict[str, Any]:
    return {name: getattr(event, name) for name in VIEWS}


@given(JSON)
def test_any_json_is_read_or_refused(payload: Any) -> None:
    read_or_refuse(json.dumps(payload).encode())


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    read_or_refuse(body)


def read_or_refuse(body: bytes) -> None:
    try:
        webhook = read_webhook(body)
    except UnreadableBody:
        return
    for event in webhook.events:
        assert isinstance(event.id, str)


@given(st.lists(st.one_of(EVENTS, JSON), max_size=5), st.one_of(st.none(), JSON))
def test_every_view_of_any_event_is_safe_to_use(events: list[Any], destination: Any) -> None:
    try:
        webhook = read_webhook(json.dumps({"destination": destination, "events": events}).encode())
    except UnreadableBody:
        return  # a number no double can hold
    for event in webhook.events:
        seen = views(event)
        assert 0 < len(seen["id"]) <= EVENT_ID_LENGTH
        assert "\0" not in seen["id"] + (seen["user_id"] or "")
        assert seen["user_id"] is None or 0 < len(seen["user_id"]) <= USER_ID_LENGTH
        assert 0 <= seen["timestamp"] < 253_402_300_800_000
        assert all(isinstance(seen[name], str | None) for name in ("text", "reply_token", "group_id", "type"))


def test_a_text_message_is_seen_as_line_documents_it() -> None:
    body = {
        "destination": "Uxxx",
        "events": [
            {
                "type": "message",
                "mode": "active",
                "timestamp": 1462629479859,
                "source": {"type": "user", "userId": "U4af4980629"},
                "webhookEventId": "01FZ74A0TDDPYRVKNK77XKC3ZR",
                "deliveryContext": {"isRedelivery": True},
                "replyToken": "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA",
                "message": {"id": "444573844083572737", "type": "text", "quoteToken": "q3", "text": "こんにちは"},
            }
        ],
    }
    webhook = read_webhook(json.dumps(body).encode())
    [event] = webhook.events
    assert webhook.destination == "Uxxx"
    assert (event.id, event.type, event.user_id, event.timestamp) == (
        *("01FZ74A0TDDPYRVKNK77XKC3ZR", "message", "U4af4980629"),
        1462629479859,
    )
    assert (event.text, event.reply_token, event.redelivered) == ("こんにちは", "nHuyWiB7yP5Zw52FIkcQobQuGDXCTA", True)


@pytest.mark.parametrize("kind", ["module", "somethingOfNextYear", ""])
def test_what_a_newer_line_sends_is_kept_whole(kind: str) -> None:
    raw = {"type": kind, "webhookEventId": "1", "source": {"userId": "U1"}, "novelty": {"a": [1, None]}}
    [event] = read_webhook(json.dumps({"events": [raw]}).encode()).events
    assert (event.raw, event.type, event.user_id) == (raw, kind, "U1")


def test_an_event_without_an_id_is_named_by_its_content() -> None:
    first, copy, other = (Event({"type": "follow", "timestamp": at}) for at in (1, 1, 2))
    assert first.id == copy.id != other.id


def test_ids_too_long_for_the_database_stay_different() -> None:
    ids = {Event({"webhookEventId": "x" * 100 + end}).id for end in ("a", "b")}
    assert len(ids) == 2


def test_half_a_character_becomes_a_question_mark() -> None:
    body = rb'{"events":[{"type":"message","message":{"type":"text","text":"a\ud83d\u3042"}}]}'
    assert read_webhook(body).events[0].text == "a?あ"


def test_an_old_verify_call_without_a_destination_is_read_as_samples() -> None:
    for token in ("0" * 32, "f" * 32):
        [event] = read_webhook(json.dumps({"events": [{"type": "message", "replyToken": token}]}).encode()).events
        assert (event.sample, event.reply_token) == (True, None)


@pytest.mark.parametrize("depth", [300, 5_000, 200_000])
def test_depth_that_could_not_be_written_again_is_refused(depth: int) -> None:
    with pytest.raises(UnreadableBody):
        read_webhook(b'{"events":[' + b'{"a":' * depth + b"1" + b"}" * depth + b"]}")
