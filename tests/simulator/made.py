"""Message objects as a bot writes them, with one thing to vary."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]
URL = "https://example.com/a.png"
FAMILY = "👨‍👩‍👧‍👦"


def long(length: int, character: str = "あ") -> str:
    return character * length


def url(length: int) -> str:
    return "https://example.com/" + "a" * (length - 20)


def message(label: str = "はい", **more: Any) -> Json:
    return {"type": "message", "label": label, "text": "はい"} | more


def postback(**more: Any) -> Json:
    return {"type": "postback", "label": "はい", "data": "a=1"} | more


def text(words: str, **more: Any) -> Json:
    return {"type": "text", "text": words, **more}


def quick(*actions: Json, **more: Any) -> Json:
    return text("？", quickReply={"items": [{"type": "action", "action": one, **more} for one in actions]})


def template(body: Json, alt: str = "案内") -> Json:
    return {"type": "template", "altText": alt, "template": body}


def buttons(*actions: Json, **more: Any) -> Json:
    return template({"type": "buttons", "text": "選んでください", "actions": list(actions or [message()])} | more)


def confirm(*actions: Json, words: str = "よろしいですか") -> Json:
    return template({"type": "confirm", "text": words, "actions": list(actions or [message(), message()])})


def carousel(*columns: Json) -> Json:
    return template({"type": "carousel", "columns": list(columns)})


def column(*actions: Json, words: str = "案内", **more: Any) -> Json:
    return {"text": words, "actions": list(actions or [message()]), **more}


def pictures(count: int, label: str = "見る", picture: str = URL) -> Json:
    one = {"imageUrl": picture, "action": message(label)}
    return template({"type": "image_carousel", "columns": [one] * count})


def imagemap(count: int = 1, action: Json | None = None, **more: Any) -> Json:
    area = {"x": 0, "y": 0, "width": 10, "height": 10}
    tap = {"type": "message", "text": "はい", "area": area} | (action or {})
    size = {"width": 1040, "height": 500}
    base = {"type": "imagemap", "baseUrl": "https://example.com/map", "altText": "地図", "baseSize": size}
    return base | {"actions": [tap] * count} | more


def film(label: str) -> Json:
    area = {"x": 0, "y": 0, "width": 10, "height": 10}
    link = {"linkUri": "https://example.com", "label": label}
    return imagemap(video={"originalContentUrl": URL, "previewImageUrl": URL, "area": area, "externalLink": link})


def v2(words: str, **substitution: Json) -> Json:
    return {"type": "textV2", "text": words, "substitution": substitution}


def emoji() -> Json:
    return {"type": "emoji", "productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}


def emojis(count: int, **changed: Any) -> Json:
    one = {"productId": "5ac1bfd5040ab15980c9b435", "emojiId": "001"}
    return text("$" * count, emojis=[one | {"index": index} | changed for index in range(count)])


def picker(mode: str, **more: Any) -> Json:
    return quick({"type": "datetimepicker", "label": "日付", "data": "d", "mode": mode, **more})


def uri(address: str) -> Json:
    return buttons({"type": "uri", "label": "開く", "uri": address})


def media(kind: str, **more: Any) -> Json:
    return {"type": kind, "originalContentUrl": URL, "previewImageUrl": URL} | more


def place(**more: Any) -> Json:
    return {"type": "location", "title": "役所", "address": "町1-1", "latitude": 35.0, "longitude": 139.0} | more


def coupon(tag: str) -> Json:
    return {"type": "coupon", "couponId": "01JYNW8JMQVFBNWF1APF8Z3FS7", "deliveryTag": tag}


def sticker(**more: Any) -> Json:
    return {"type": "sticker", "packageId": "446", "stickerId": "1988"} | more


def named(count: int) -> Json:
    return {f"a{number}": emoji() for number in range(count)}


def keyed(key: str) -> Json:
    return {"type": "textV2", "text": "x", "substitution": {key: emoji()}}


def behind_apple(index: int) -> Json:
    return text("🍎$", emojis=[{"index": index, "productId": "p", "emojiId": "1"}])


def unlabelled() -> Json:
    return {"type": "message", "text": "はい"}


def only(kind: str) -> Json:
    return {"type": kind, "label": "選ぶ"}


def two() -> Json:
    return column(message(), message())


def titled() -> Json:
    return column(title="題")


def bare(made: Json) -> Json:
    return {"template": made["template"]}


def filling(words: str) -> Json:
    return postback(inputOption="openKeyboard", fillInText=words)


def copying(words: str) -> Json:
    return {"type": "clipboard", "label": "写す", "clipboardText": words}


def between(first: str, last: str) -> Json:
    return picker("date", min=f"2027-05-{first}", max=f"2027-05-{last}")


def starting(moment: str) -> Json:
    return picker("datetime", initial=moment)


def plain(kind: str) -> Json:
    return media(kind, originalContentUrl="http://example.com/a.png")
