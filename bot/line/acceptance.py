"""What LINE would refuse, found before anything is sent: one refused object loses the whole request, and who asked waits in vain.

Source: Messaging API reference, "Message objects", "Action objects", "Quick reply".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

import orjson

from bot.line import limits
from bot.line.limits import graphemes, utf16


class NotAcceptable(ValueError):
    """LINE would refuse this message: mend what `place` names. It quotes nothing of the message."""

    def __init__(self, place: str, reason: str) -> None:
        self.place = f"{place}: {reason}"
        super().__init__(self.place)


def check(messages: Any) -> None:
    """Return when LINE will take `messages`. Raises NotAcceptable."""
    objects = _list(messages, "messages", limits.MESSAGES_PER_REQUEST)
    for number, message in enumerate(objects):
        place = f"messages[{number}]"
        kind = _object(message, place).get("type")
        checker = _MESSAGES.get(kind) if isinstance(kind, str) else None
        if checker is None:
            raise NotAcceptable(f"{place}.type", "no message LINE knows")
        checker(message, place)
        if "quickReply" in message:
            _quick_reply(message["quickReply"], f"{place}.quickReply")
    if len(orjson.dumps(objects)) > limits.REQUEST_BYTES:
        raise NotAcceptable("messages", f"more than {limits.REQUEST_BYTES} bytes")


def _text(message: Mapping[str, Any], place: str) -> None:
    text = _words(message, "text", place, utf16, limits.TEXT_UTF16)
    if "emojis" in message:
        units = text.encode("utf-16-le")
        for number, emoji in enumerate(_list(message["emojis"], f"{place}.emojis", limits.TEXT_EMOJIS)):
            index = emoji.get("index") if isinstance(emoji, dict) else None
            if not isinstance(index, int) or index < 0 or units[2 * index : 2 * index + 2] != b"$\0":
                raise NotAcceptable(f"{place}.emojis[{number}].index", "does not point at a $")


def _sticker(message: Mapping[str, Any], place: str) -> None:
    for name in ("packageId", "stickerId"):
        _words(message, name, place, utf16, 20)


def _media(message: Mapping[str, Any], place: str) -> None:
    for name in ("originalContentUrl", "previewImageUrl"):
        if name in message or (name == "originalContentUrl" or message["type"] != "audio"):
            address = _words(message, name, place, utf16, limits.MEDIA_URL_UTF16)
            if urlsplit(address).scheme != "https":
                raise NotAcceptable(f"{place}.{name}", "no https address")


def _location(message: Mapping[str, Any], place: str) -> None:
    _words(message, "title", place, utf16, limits.LOCATION_TITLE_UTF16)
    _words(message, "address", place, utf16, limits.LOCATION_ADDRESS_UTF16)
    for name, furthest in (("latitude", 90), ("longitude", 180)):
        degrees = message.get(name)
        if not isinstance(degrees, int | float) or isinstance(degrees, bool) or not -furthest <= degrees <= furthest:
            raise NotAcceptable(f"{place}.{name}", "no degrees")


def _template(message: Mapping[str, Any], place: str) -> None:
    _words(message, "altText", place, utf16, limits.ALT_TEXT_UTF16)
    template, inside = _object(message.get("template"), f"{place}.template"), f"{place}.template"
    match template.get("type"):
        case "buttons":
            with_title = "title" in template or "thumbnailImageUrl" in template
            longest = limits.BUTTONS_TEXT_WITH_TITLE_GRAPHEMES if with_title else limits.BUTTONS_TEXT_GRAPHEMES
            _words(template, "text", inside, graphemes, longest)
            if "title" in template:
                _words(template, "title", inside, graphemes, limits.BUTTONS_TITLE_GRAPHEMES)
            _actions(template, inside, limits.BUTTONS_ACTIONS)
        case "confirm":
            _words(template, "text", inside, graphemes, limits.CONFIRM_TEXT_GRAPHEMES)
            if len(_actions(template, inside, limits.CONFIRM_ACTIONS)) != limits.CONFIRM_ACTIONS:
                raise NotAcceptable(f"{inside}.actions", "a confirmation has two")
        case "carousel":
            _carousel(template, inside)
        case "image_carousel":
            columns = _list(template.get("columns"), f"{inside}.columns", limits.CAROUSEL_COLUMNS)
            for number, column in enumerate(columns):
                here = f"{inside}.columns[{number}]"
                action = _object(column, here).get("action")
                _action(action, f"{here}.action", limits.IMAGE_CAROUSEL_LABEL_GRAPHEMES)
        case _:
            raise NotAcceptable(f"{inside}.type", "no template LINE knows")


def _carousel(template: Mapping[str, Any], place: str) -> None:
    columns = _list(template.get("columns"), f"{place}.columns", limits.CAROUSEL_COLUMNS)
    numbers = set()
    for number, column in enumerate(columns):
        here = f"{place}.columns[{number}]"
        with_title = "title" in _object(column, here) or "thumbnailImageUrl" in column
        longest = limits.CAROUSEL_TEXT_WITH_TITLE_GRAPHEMES if with_title else limits.CAROUSEL_TEXT_GRAPHEMES
        _words(column, "text", here, graphemes, longest)
        if "title" in column:
            _words(column, "title", here, graphemes, limits.CAROUSEL_TITLE_GRAPHEMES)
        numbers.add(len(_actions(column, here, limits.CAROUSEL_ACTIONS)))
    if len(numbers) > 1:
        raise NotAcceptable(f"{place}.columns", "not all have the same number of actions")


def _flex(message: Mapping[str, Any], place: str) -> None:
    _words(message, "altText", place, utf16, limits.ALT_TEXT_UTF16)
    contents, inside = _object(message.get("contents"), f"{place}.contents"), f"{place}.contents"
    match contents.get("type"):
        case "bubble":
            bubbles = [contents]
        case "carousel":
            bubbles = list(_list(contents.get("contents"), f"{inside}.contents", limits.FLEX_BUBBLES))
            _bytes(contents, inside, limits.FLEX_CAROUSEL_BYTES)
        case _:
            raise NotAcceptable(f"{inside}.type", "neither a bubble nor a carousel")
    for number, bubble in enumerate(bubbles):
        _bytes(bubble, inside if bubble is contents else f"{inside}.contents[{number}]", limits.FLEX_BUBBLE_BYTES)
    _actions_within(contents, inside)


def _actions_within(part: Any, place: str) -> None:
    """Check every action inside a Flex container, wherever it stands."""
    if isinstance(part, dict):
        for name, value in part.items():
            if name == "action":
                _action(value, f"{place}.action", limits.FLEX_LABEL_GRAPHEMES, labelled=False)
            else:
                _actions_within(value, f"{place}.{name}")
    elif isinstance(part, list):
        for number, value in enumerate(part):
            _actions_within(value, f"{place}[{number}]")


def _quick_reply(quick: Any, place: str) -> None:
    items = _list(_object(quick, place).get("items"), f"{place}.items", limits.QUICK_REPLIES)
    for number, item in enumerate(items):
        here = f"{place}.items[{number}]"
        _action(_object(item, here).get("action"), f"{here}.action", limits.LABEL_GRAPHEMES)


def _actions(part: Mapping[str, Any], place: str, most: int) -> Sequence[Any]:
    actions = _list(part.get("actions"), f"{place}.actions", most)
    for number, action in enumerate(actions):
        _action(action, f"{place}.actions[{number}]", limits.LABEL_GRAPHEMES)
    return actions


def _action(action: Any, place: str, longest_label: int, *, labelled: bool = True) -> None:
    kind = _object(action, place).get("type")
    if labelled or "label" in action:
        _words(action, "label", place, graphemes, longest_label)
    match kind:
        case "postback" | "datetimepicker":
            _words(action, "data", place, utf16, limits.POSTBACK_DATA_UTF16)
            if "displayText" in action:
                _words(action, "displayText", place, graphemes, limits.DISPLAY_TEXT_GRAPHEMES)
            if kind == "datetimepicker" and action.get("mode") not in {"date", "time", "datetime"}:
                raise NotAcceptable(f"{place}.mode", "neither date nor time nor datetime")
        case "message":
            _words(action, "text", place, graphemes, limits.DISPLAY_TEXT_GRAPHEMES)
        case "uri":
            address = _words(action, "uri", place, utf16, limits.URI_UTF16)
            if address.split(":")[0] not in limits.URI_SCHEMES:
                raise NotAcceptable(f"{place}.uri", "neither http, https, line nor tel")
        case "clipboard":
            _words(action, "clipboardText", place, utf16, limits.CLIPBOARD_UTF16)
        case "camera" | "cameraRoll" | "location" | "richmenuswitch":
            pass
        case _:
            raise NotAcceptable(f"{place}.type", "no action LINE knows")


def _words(part: Mapping[str, Any], name: str, place: str, count: Callable[[str], int], most: int) -> str:
    words = part.get(name)
    if not isinstance(words, str) or not words:
        raise NotAcceptable(f"{place}.{name}", "no text")
    if len(words) * 2 > most and (long := count(words)) > most:
        raise NotAcceptable(f"{place}.{name}", f"{long} long, at most {most}")
    return words


def _list(value: Any, place: str, most: int) -> Sequence[Any]:
    if not isinstance(value, list | tuple) or not value:
        raise NotAcceptable(place, "empty")
    if len(value) > most:
        raise NotAcceptable(place, f"{len(value)} of them, at most {most}")
    return value


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise NotAcceptable(place, "no object")
    return value


def _bytes(part: Any, place: str, most: int) -> None:
    if (size := len(orjson.dumps(part))) > most:
        raise NotAcceptable(place, f"{size} bytes, at most {most}")


_MESSAGES: dict[str, Callable[[Mapping[str, Any], str], None]] = {
    "text": _text,
    "sticker": _sticker,
    "image": _media,
    "video": _media,
    "audio": _media,
    "location": _location,
    "template": _template,
    "flex": _flex,
}
"""The kinds of messages this account sends."""
