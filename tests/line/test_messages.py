"""What the engine shows becomes message objects as LINE's reference writes them."""

from __future__ import annotations

from bot.flow.talk import Choice, Rich
from bot.line.messages import line_messages


def test_pictures_places_and_stickers_have_lines_own_names() -> None:
    messages = [
        Rich("image", {"url": "https://example.jp/a.png", "preview": "https://example.jp/s.png"}, "地図"),
        Rich("location", {"title": "役場", "address": "1丁目", "latitude": 35.4, "longitude": 139.6}, "役場"),
        Rich("sticker", {"package": "446", "sticker": "1988"}, "スタンプ"),
    ]
    assert line_messages(messages) == [
        {
            "type": "image",
            "originalContentUrl": "https://example.jp/a.png",
            "previewImageUrl": "https://example.jp/s.png",
        },
        {"type": "location", "title": "役場", "address": "1丁目", "latitude": 35.4, "longitude": 139.6},
        {"type": "sticker", "packageId": "446", "stickerId": "1988"},
    ]


def test_cards_become_a_flex_carousel_and_one_card_a_bubble() -> None:
    choice = Choice("開く", "https://example.jp/", "open")
    first = {"title": "一", "text": "いち", "image": "https://example.jp/a.png", "choices": (choice,)}
    second = {"title": "", "text": "に", "image": None, "choices": ()}
    (carousel,) = line_messages([Rich("cards", {"cards": [first, second]}, "二枚")])
    assert carousel["altText"] == "二枚"
    assert [bubble["type"] for bubble in carousel["contents"]["contents"]] == ["bubble", "bubble"]
    assert carousel["contents"]["contents"][0]["footer"]["contents"][0]["action"] == {
        "type": "uri",
        "label": "開く",
        "uri": "https://example.jp/",
    }
    (single,) = line_messages([Rich("cards", {"cards": [second]}, "一枚")])
    assert single["contents"]["type"] == "bubble"
    assert "hero" not in single["contents"]
    assert "footer" not in single["contents"]
