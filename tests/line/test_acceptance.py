"""A message that LINE would refuse is found here first, by the field to mend; what LINE takes passes."""

from __future__ import annotations

from typing import Any

import pytest

from bot.line.acceptance import NotAcceptable, check
from bot.line.limits import FLEX_BUBBLE_BYTES

Json = dict[str, Any]


def postback(label: str = "はい", data: str = "x") -> Json:
    return {"type": "postback", "label": label, "data": data}


def buttons(*actions: Json, **more: Any) -> Json:
    template = {"type": "buttons", "text": "選んでください", "actions": list(actions), **more}
    return {"type": "template", "altText": "選んでください", "template": template}


def carousel(*columns: int) -> Json:
    found = [{"text": "列", "actions": [postback()] * count} for count in columns]
    return {"type": "template", "altText": "列", "template": {"type": "carousel", "columns": found}}


def quick(count: int) -> Json:
    items = [{"type": "action", "action": postback(str(number))} for number in range(count)]
    return {"type": "text", "text": "質問", "quickReply": {"items": items}}


def bubble(filling: int = 10) -> Json:
    empty: Json = {"type": "bubble", "body": {"type": "box", "contents": [{"type": "text", "text": ""}]}}
    empty["body"]["contents"][0]["text"] = "x" * filling
    return empty


def flex(contents: Json, alt: str = "図") -> Json:
    return {"type": "flex", "altText": alt, "contents": contents}


def bubble_of(size: int) -> Json:
    import orjson

    return bubble(size - len(orjson.dumps(bubble(0))))


GOOD = [
    [{"type": "text", "text": "あ" * 5000}],
    [{"type": "text", "text": "一"}] * 5,
    [quick(13)],
    [buttons(*[postback("👨‍👩‍👧‍👦" * 20)] * 4)],
    [carousel(*[3] * 10)],
    [flex({"type": "carousel", "contents": [bubble()] * 12})],
    [flex(bubble_of(FLEX_BUBBLE_BYTES), "図" * 1500)],
    [{"type": "text", "text": "🍎 $ です", "emojis": [{"index": 3, "productId": "p", "emojiId": "001"}]}],
    [{"type": "location", "title": "役場", "address": "中央1", "latitude": 35.0, "longitude": 139.0}],
    [{"type": "image", "originalContentUrl": "https://a.example/a.jpg", "previewImageUrl": "https://a.example/b.jpg"}],
    [{"type": "sticker", "packageId": "1", "stickerId": "2"}],
]


@pytest.mark.parametrize("messages", GOOD, ids=range(len(GOOD)))
def test_what_line_takes_passes(messages: list[Json]) -> None:
    check(messages)


BAD: list[tuple[Any, str]] = [
    (quick(14), "messages[0].quickReply.items: 14 of them, at most 13"),
    (buttons(*[postback()] * 5), "messages[0].template.actions: 5 of them, at most 4"),
    (carousel(*[1] * 11), "messages[0].template.columns: 11 of them, at most 10"),
    (carousel(1, 2), "messages[0].template.columns: not all have the same number of actions"),
    (flex({"type": "carousel", "contents": [bubble()] * 13}), "messages[0].contents.contents: 13 of them, at most 12"),
    (flex(bubble_of(30_001)), "messages[0].contents: 30001 bytes, at most 30000"),
    (flex(bubble(), "図" * 1501), "messages[0].altText: 1501 long, at most 1500"),
    (buttons(postback(data="x" * 301)), "messages[0].template.actions[0].data: 301 long, at most 300"),
    (buttons(postback("あ" * 21)), "messages[0].template.actions[0].label: 21 long, at most 20"),
    (buttons(postback(), title="題" * 41), "messages[0].template.title: 41 long, at most 40"),
    (
        {"type": "text", "text": "🍎 $", "emojis": [{"index": 2, "productId": "p", "emojiId": "001"}]},
        "messages[0].emojis[0].index: does not point at a $",
    ),
    ({"type": "text", "text": "🍎" * 2501}, "messages[0].text: 5002 long, at most 5000"),
    ({"type": "text", "text": ""}, "messages[0].text: no text"),
    ({"type": "text", "text": None}, "messages[0].text: no text"),
    ({"type": "text", "text": 5}, "messages[0].text: no text"),
    ({"type": "cards"}, "messages[0].type: no message LINE knows"),
    ({"type": ["text"]}, "messages[0].type: no message LINE knows"),
    (None, "messages[0]: no object"),
    ("こんにちは", "messages[0]: no object"),
    (flex({"type": "box"}), "messages[0].contents.type: neither a bubble nor a carousel"),
    (
        buttons({"type": "uri", "label": "開く", "uri": "javascript:alert(1)"}),
        "messages[0].template.actions[0].uri: neither http, https, line nor tel",
    ),
    ({"type": "image", "originalContentUrl": "http://a.example/a.jpg"}, "messages[0].originalContentUrl: no https address"),
]  # fmt: skip


@pytest.mark.parametrize(("message", "told"), BAD, ids=[told for _, told in BAD])
def test_what_line_would_refuse_is_named_by_its_field(message: Any, told: str) -> None:
    with pytest.raises(NotAcceptable) as refused:
        check([message])
    assert str(refused.value) == told


@pytest.mark.parametrize(
    "messages", [[], None, "x", [{"type": "text", "text": "六"}] * 6], ids=["none", "null", "text", "six"]
)
def test_a_request_has_one_to_five_messages(messages: Any) -> None:
    with pytest.raises(NotAcceptable, match=r"^messages: "):
        check(messages)


def test_an_action_deep_inside_a_card_is_looked_at_too() -> None:
    deep = bubble()
    deep["footer"] = {"type": "box", "contents": [{"type": "button", "action": postback("あ" * 41)}]}
    with pytest.raises(NotAcceptable, match=r"contents\.footer\.contents\[0\]\.action\.label: 41 long, at most 40"):
        check([flex(deep)])


def test_the_error_quotes_nothing_of_the_message() -> None:
    with pytest.raises(NotAcceptable) as refused:
        check([{"type": "text", "text": "秘密" * 3000}])
    assert "秘密" not in str(refused.value)
