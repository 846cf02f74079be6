"""The webhooks LINE sends: signed over raw bytes, every event type with its fields, again, twice, late, out of order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
import threading
from typing import Any

import pytest

from bot.simulator.client import Person, Simulator
from bot.simulator.webhooks import sign
from tests.simulator.conftest import SECRET, Api, Bot, text

ULID = re.compile(r"[0-7][0-9A-HJKMNP-TV-Z]{25}")


def test_the_official_signature_vector() -> None:
    body = b'{"destination":"U8e742f61d673b39c7fff3cecb7536ef0","events":[]}'

    assert sign(SECRET, body) == "GhRKmvmHys4Pi8DxkF4+EayaH0OqtJtaZxgTD9fMDLs="


def test_a_webhook_is_signed_over_its_raw_bytes(line: Simulator, bot: Bot) -> None:
    line.resident("花子").say("こんにちは🍎")
    webhook = bot.wait()[0]
    expected = base64.b64encode(hmac.digest(SECRET.encode(), webhook.body, hashlib.sha256)).decode()

    assert webhook.headers["x-line-signature"] == expected
    assert webhook.headers["content-type"] == "application/json; charset=utf-8"
    assert webhook.headers["user-agent"] == "LineBotWebhook/2.0"
    assert json.loads(webhook.body)["destination"] == "U8e742f61d673b39c7fff3cecb7536ef0"


def test_the_newest_secret_signs(line: Simulator, bot: Bot) -> None:
    line.configure(secrets=["new", SECRET])
    line.verify()
    webhook = bot.wait()[0]
    line.configure(secrets=[SECRET])

    assert webhook.headers["x-line-signature"] == sign("new", webhook.body)


def test_a_text_event_has_lines_common_properties(line: Simulator, bot: Bot) -> None:
    hanako = line.resident("花子")
    told = hanako.say("こんにちは")
    event = bot.events()[0]

    assert event == told
    assert ULID.fullmatch(event["webhookEventId"])
    assert re.fullmatch(r"[0-9a-f]{32}", event["replyToken"])
    assert event["source"] == {"type": "user", "userId": hanako.id}
    assert (event["mode"], event["deliveryContext"]) == ("active", {"isRedelivery": False})
    assert abs(event["timestamp"] / 1000 - line.now()) < 60
    assert event["message"]["id"].isdecimal()
    assert set(event["message"]) == {"id", "type", "text", "quoteToken", "markAsReadToken"}


def acts(hanako: Person, group: str) -> dict[str, Any]:
    """Return one act for each kind of event with the fields it must have and whether it can be replied to."""
    line = hanako.line
    picture = {"image_set": {"id": "S1", "index": 1, "total": 2}}
    provider = {"type": "line"}
    return {
        "image": (lambda: hanako.file("image", b"x", "image/png", **picture), {"contentProvider": provider}, True),
        "video": (lambda: hanako.file("video", b"x", "video/mp4", duration=900), {"duration": 900}, True),
        "audio": (lambda: hanako.file("audio", b"x", "audio/m4a", duration=900), {"contentProvider": provider}, True),
        "file": (lambda: hanako.file("file", b"xy", "a/b", name="../a"), {"fileName": "../a", "fileSize": 2}, True),
        "location": (lambda: hanako.act("location", latitude=35.1, longitude=139.2), {"latitude": 35.1}, True),
        "sticker": (lambda: hanako.act("sticker"), {"packageId": "446", "stickerResourceType": "STATIC"}, True),
        "postback": (lambda: hanako.press("a=1", params={"date": "2027-05-31"}), {"data": "a=1"}, True),
        "follow": (hanako.follow, {"isUnblocked": False}, True),
        "unfollow": (hanako.block, None, False),
        "join": (lambda: line.invite_bot(group), None, True),
        "leave": (lambda: line.remove_bot(group), None, False),
        "videoPlayComplete": (lambda: hanako.act("video_watched", tracking_id="v1"), {"trackingId": "v1"}, True),
        "beacon": (lambda: hanako.act("beacon", hwid="d41d8cd98f", kind="stay"), {"type": "stay"}, True),
        "accountLink": (lambda: hanako.act("account_link", nonce="n"), {"result": "ok", "nonce": "n"}, True),
        "membership": (lambda: hanako.act("membership", kind="joined", membership_id=3), {"membershipId": 3}, True),
    }


KINDS = [
    "image", "video", "audio", "file", "location", "sticker", "postback", "follow", "unfollow", "join", "leave",
    "videoPlayComplete", "beacon", "accountLink", "membership",
]  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
def test_an_event_has_its_fields_and_a_reply_token_where_line_gives_one(line: Simulator, bot: Bot, kind: str) -> None:
    hanako = line.resident("花子", friend=kind != "follow")
    act, fields, reply = acts(hanako, line.group("町内会", hanako))[kind]
    act()
    event = bot.events()[0]
    payload = event.get({"accountLink": "link"}.get(event["type"], event["type"]))

    assert kind in {event["type"], (payload or {}).get("type")}
    assert ("replyToken" in event) is reply
    if fields is None:
        assert payload is None
    else:
        assert payload is not None
        assert fields.items() <= payload.items()


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        ("delivery", {"delivery": {"data": "tag"}}),
        ("module", {"module": {"type": "attached", "botId": "U1", "scopes": []}}),
        ("activated", {"chatControl": {"expireAt": 1}}),
        ("deactivated", {}),
        ("botSuspended", {}),
        ("botResumed", {}),
    ],
)
def test_an_event_of_the_platform_has_no_source_and_no_reply_token(
    line: Simulator, bot: Bot, kind: str, payload: dict[str, Any]
) -> None:
    line.emit(kind, payload)
    event = bot.events()[0]

    assert event["type"] == kind
    assert payload.items() <= event.items()
    assert not {"source", "replyToken"} & set(event)


def test_messages_that_cannot_be_quoted_have_no_quote_token(line: Simulator, bot: Bot) -> None:
    hanako = line.resident("花子")
    hanako.file("audio", b"x", "audio/m4a", duration=1)
    hanako.act("sticker")
    audio, sticker = (event["message"] for event in bot.events(2))

    assert "quoteToken" not in audio
    assert "quoteToken" in sticker


def test_a_failed_account_link_has_neither_source_nor_reply_token(line: Simulator, bot: Bot) -> None:
    line.resident("花子").act("account_link", nonce="n", failed=True)
    event = bot.events()[0]

    assert event["link"] == {"result": "failed", "nonce": "n"}
    assert not {"source", "replyToken"} & set(event)


def test_unblocking_is_told_in_the_follow_event(line: Simulator, bot: Bot) -> None:
    hanako = line.resident("花子")
    hanako.block()
    hanako.follow()

    assert bot.events(2)[1]["follow"] == {"isUnblocked": True}


def test_someone_who_blocked_the_bot_cannot_write_to_it(line: Simulator, bot: Bot) -> None:
    from bot.simulator.client import ControlError

    hanako = line.resident("花子")
    hanako.block()

    with pytest.raises(ControlError, match="blocked"):
        hanako.say("a")


def test_a_group_talks_with_mentions_edits_unsends_and_changing_members(line: Simulator, bot: Bot) -> None:
    hanako, taro = line.resident("花子"), line.resident("太郎")
    group = line.group("町内会", hanako)
    line.invite_bot(group)
    mention = {"index": 0, "length": 3, "type": "user", "isSelf": True}
    said = hanako.say("@窓口 税は?", group=group, mentionees=[mention])
    hanako.act("edit", message_id=said["message"]["id"], text="@窓口 税の期限は?", group=group)
    taro.act("join", group=group)
    taro.act("leave", group=group)
    hanako.act("unsend", message_id=said["message"]["id"], group=group)
    join, message, edited, joined, left, unsend = bot.events(6)

    source = {"type": "group", "groupId": group}
    assert (join["type"], join["source"]) == ("join", source)
    assert message["source"] == source | {"userId": hanako.id}
    assert message["message"]["mention"]["mentionees"] == [mention]
    assert edited["type"] == "messageEdited"
    assert edited["message"]["id"] == message["message"]["id"]
    assert edited["message"]["quoteToken"] != message["message"]["quoteToken"]
    assert "markAsReadToken" not in edited["message"]
    assert edited["replyToken"] != message["replyToken"]
    assert joined["joined"]["members"] == [{"type": "user", "userId": taro.id}]
    assert left["left"]["members"] == [{"type": "user", "userId": taro.id}]
    assert ("replyToken" in joined, "replyToken" in left) == (True, False)
    assert unsend["unsend"] == {"messageId": message["message"]["id"]}


def test_a_member_who_uses_a_pc_only_is_not_named(line: Simulator, bot: Bot) -> None:
    hanako = line.resident("花子")
    group = line.group("町内会", hanako, room=True)
    hanako.act("send", message=text("a"), group=group, anonymous=True)

    assert bot.events()[0]["source"] == {"type": "room", "roomId": group}


def test_in_standby_an_event_has_no_reply_token(line: Simulator, bot: Bot) -> None:
    hanako = line.resident("花子")
    line.standby(hanako.id)
    hanako.say("a")
    line.standby(hanako.id, on=False)
    hanako.say("b")
    waiting, active = bot.events(2)

    assert (waiting["mode"], "replyToken" in waiting) == ("standby", False)
    assert (active["mode"], "replyToken" in active) == ("active", True)


def test_a_redelivered_event_differs_only_in_its_context(line: Simulator, bot: Bot) -> None:
    event = line.resident("花子").say("a")
    line.delivered(event)
    line.advance(30)
    line.redeliver(event)
    first, again = bot.events(2)

    assert again == first | {"deliveryContext": {"isRedelivery": True}}


def test_a_duplicate_is_the_same_bytes(line: Simulator, bot: Bot) -> None:
    event = line.resident("花子").say("a")
    line.duplicate(event)
    first, again = bot.wait(2)

    assert again.body == first.body


def test_held_events_leave_reversed_batched_and_doubled(line: Simulator, bot: Bot) -> None:
    hanako = line.resident("花子")
    line.hold()
    for words in "abcde":
        hanako.say(words)
    assert bot.webhooks == []

    assert line.release("reversed", batch=2, copies=2) == 5
    batches = [[event["message"]["text"] for event in webhook.events] for webhook in bot.wait(6)]
    assert batches == [["e", "d"], ["e", "d"], ["c", "b"], ["c", "b"], ["a"], ["a"]]


def test_held_events_leave_in_any_order_and_some_get_lost(line: Simulator, bot: Bot) -> None:
    hanako = line.resident("花子")
    line.hold()
    for words in "abc":
        hanako.say(words)
    line.release([2, 0])

    assert [event["message"]["text"] for event in bot.events(2)] == ["c", "a"]


def test_one_webhook_holds_events_of_several_people(line: Simulator, bot: Bot) -> None:
    hanako, taro = line.resident("花子"), line.resident("太郎")
    line.hold()
    hanako.say("a")
    taro.say("b")
    line.release(batch=10)

    assert [event["source"]["userId"] for event in bot.wait()[0].events] == [hanako.id, taro.id]


def test_the_order_within_a_chat_is_kept_while_the_bot_is_slow(line: Simulator, bot: Bot) -> None:
    bot.delay = 0.05
    hanako = line.resident("花子")
    for words in "abcdef":
        hanako.say(words)

    assert [event["message"]["text"] for event in bot.events(6)] == list("abcdef")


def test_a_late_event_arrives_after_a_newer_one(line: Simulator, bot: Bot) -> None:
    hanako = line.resident("花子")
    late = {"message": {"type": "text", "id": "1", "text": "a", "quoteToken": "q"}}
    line.emit("message", late, resident=hanako.id, reply=True, after=3)
    hanako.say("b")
    first, second = bot.events(2)

    assert [first["message"]["text"], second["message"]["text"]] == ["b", "a"]
    assert second["timestamp"] <= first["timestamp"]


def test_verify_sends_no_events(line: Simulator, bot: Bot) -> None:
    line.verify()

    assert json.loads(bot.wait()[0].body) == {"destination": "U8e742f61d673b39c7fff3cecb7536ef0", "events": []}


def test_hostile_bodies_can_be_sent_signed_or_not(line: Simulator, bot: Bot) -> None:
    line.raw(b"\xff\xfe")
    line.raw(b"{}", signature="")
    line.raw(b"{}", signature="bm8=", headers={"content-type": "text/plain"})
    right, without, wrong = bot.wait(3)

    assert (right.body, right.headers["x-line-signature"]) == (b"\xff\xfe", sign(SECRET, b"\xff\xfe"))
    assert "x-line-signature" not in without.headers
    assert (wrong.headers["x-line-signature"], wrong.headers["content-type"]) == ("bm8=", "text/plain")


def test_without_redelivery_a_failed_webhook_is_not_sent_again(line: Simulator, bot: Bot) -> None:
    bot.status = 500
    event = line.resident("花子").say("a")

    assert line.delivered(event) == 500
    assert line.event(event["webhookEventId"])["outcome"] == "error_status_code"
    assert line.settled()
    assert len(bot.webhooks) == 1


def test_with_redelivery_a_failed_webhook_comes_again_until_it_is_taken(line: Simulator, bot: Bot) -> None:
    line.configure(redelivery=True)
    bot.status = 503
    line.resident("花子").say("a")
    bot.wait(2)
    bot.status = 200
    events = bot.events(3)

    assert [event["deliveryContext"]["isRedelivery"] for event in events[:3]] == [False, True, True]
    assert len({event["webhookEventId"] for event in events}) == 1


def test_a_bot_that_takes_too_long_is_a_timeout_and_one_that_is_away_could_not_be_reached(
    line: Simulator, bot: Bot
) -> None:
    line.configure(webhook_timeout=0.2)
    bot.delay = 10
    slow = line.resident("花子").say("a")
    assert (line.delivered(slow), line.event(slow["webhookEventId"])["outcome"]) == (0, "request_timeout")

    line.configure(webhook_url="http://127.0.0.1:1/")
    away = line.resident("太郎").say("a")
    assert (line.delivered(away), line.event(away["webhookEventId"])["outcome"]) == (0, "could_not_connect")


def test_a_bot_without_webhook_gets_nothing_and_people_write_all_the_same(line: Simulator, bot: Bot) -> None:
    line.configure(webhook_active=False)
    hanako = line.resident("花子")
    hanako.say("a")

    assert line.settled()
    assert bot.webhooks == []
    assert [one["message"]["text"] for one in hanako.messages()] == ["a"]


def test_many_people_at_once_each_get_their_webhook(line: Simulator, bot: Bot) -> None:
    people = [line.resident(f"住民{number}") for number in range(8)]
    threads = [threading.Thread(target=lambda one=one: [one.say("a") for _ in range(10)]) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    events = bot.events(80)

    assert len({event["webhookEventId"] for event in events}) == 80


def test_a_reply_can_be_sent_from_within_the_webhook_and_is_in_the_chat(line: Simulator, api: Api, bot: Bot) -> None:
    hanako = line.resident("花子")
    hanako.say("a")
    api.reply(bot.events()[0]["replyToken"], text("はい"))

    assert [(one["from"] == "bot", one["message"]["text"]) for one in hanako.messages()] == [
        (False, "a"),
        (True, "はい"),
    ]
