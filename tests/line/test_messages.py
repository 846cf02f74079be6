"""The engine's neutral messages become the message objects LINE documents, and LINE's stand-in takes them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bot.flow.talk import Buttons, Choice, Message, Rich, Text
from bot.line.messages import action, line_messages
from bot.simulator.client import Simulator


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        (Choice("はい", "f|1|yes"), {"type": "postback", "label": "はい", "data": "f|1|yes"}),
        (
            Choice("はい", "f|1|yes", echo="はい"),
            {"type": "postback", "label": "はい", "data": "f|1|yes", "displayText": "はい"},
        ),
        (
            Choice("日付を選ぶ", "f|1", kind="pick_date", initial="1990-01-01", max="2026-05-01"),
            {
                "type": "datetimepicker",
                "label": "日付を選ぶ",
                "data": "f|1",
                "mode": "date",
                "initial": "1990-01-01",
                "max": "2026-05-01",
            },
        ),
        (
            Choice("日時", "f|1", kind="pick_datetime"),
            {"type": "datetimepicker", "label": "日時", "data": "f|1", "mode": "datetime"},
        ),
        (
            Choice("時刻", "f|1", kind="pick_time", min="09:00"),
            {"type": "datetimepicker", "label": "時刻", "data": "f|1", "mode": "time", "min": "09:00"},
        ),
        (Choice("電話", "tel:189", kind="open"), {"type": "uri", "label": "電話", "uri": "tel:189"}),
        (
            Choice("写す", "12345678", kind="copy"),
            {"type": "clipboard", "label": "写す", "clipboardText": "12345678"},
        ),
        (Choice("場所", kind="location"), {"type": "location", "label": "場所"}),
        (Choice("撮る", kind="camera"), {"type": "camera", "label": "撮る"}),
        (Choice("写真", kind="camera_roll"), {"type": "cameraRoll", "label": "写真"}),
    ],
    ids=lambda value: value.kind if isinstance(value, Choice) else "",
)
def test_a_choice_becomes_the_action_that_does_it(choice: Choice, expected: dict[str, Any]) -> None:
    assert action(choice) == expected


def test_quick_replies_go_on_the_last_message_where_line_shows_them() -> None:
    first, last = line_messages([Text("一"), Text("二")], [Choice("はい", "y")])
    assert first == {"type": "text", "text": "一"}
    assert last["quickReply"]["items"] == [
        {"type": "action", "action": {"type": "postback", "label": "はい", "data": "y"}}
    ]


def test_buttons_say_the_same_where_they_cannot_be_shown() -> None:
    [message] = line_messages([Buttons("ご用件は", (Choice("税", "t"),))])
    assert message["altText"] == message["template"]["text"] == "ご用件は"


def test_without_messages_there_are_no_quick_replies_either() -> None:
    assert line_messages([], [Choice("はい", "y")]) == []


FLEX = {
    "type": "bubble",
    "body": {"type": "box", "layout": "vertical", "contents": [{"type": "text", "text": "納期限"}]},
}
CARDS = [
    {"title": "役場", "text": "8:30から", "image": "https://example.com/a.png", "choices": (Choice("選ぶ", "c"),)},
    {"title": "", "text": "支所", "image": None, "choices": ()},
]
EVERYTHING: list[Message] = [
    Rich("cards", {"cards": CARDS}, "窓口の案内"),
    Buttons("ご用件は", (Choice("税", "t"), Choice("電話", "tel:189", kind="open"), Choice("写す", "1", kind="copy"))),
    Rich("flex", FLEX, "納期限のお知らせ"),
    Rich("sticker", {"package": "446", "sticker": "1988"}, "スタンプ"),
    Rich("location", {"title": "役場", "address": "まどぐち町1", "latitude": 35.0, "longitude": 139.0}, "役場"),
]
QUICK = [
    Choice("はい", "y", echo="はい"),
    Choice("日付", "d", kind="pick_date", min="2026-01-01", max="2026-12-31"),
    Choice("場所", kind="location"),
    Choice("撮る", kind="camera"),
    Choice("写真", kind="camera_roll"),
]


@pytest.fixture(scope="module")
def line() -> Iterator[Simulator]:
    with Simulator.start() as simulator:
        yield simulator


def test_lines_rules_accept_all_of_it(line: Simulator) -> None:
    body = json.dumps({"to": line.resident("花子").id, "messages": line_messages(EVERYTHING, QUICK)}).encode()
    status, _, answer = line.http("POST", "/v2/bot/message/push", body, {"Authorization": "Bearer any"})
    assert (status, answer if status != 200 else b"") == (200, b"")
