"""LINE's message objects from the engine's neutral messages: dicts for orjson, without the SDK's models (a thousand times slower).

Source: Messaging API reference, "Message objects" and "Action objects".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from bot.flow.talk import Buttons, Choice, Message, Rich, Text

LineObject = dict[str, Any]

_PICKERS = {"pick_date": "date", "pick_time": "time", "pick_datetime": "datetime"}
_SHEETS = {"location": "location", "camera": "camera", "camera_roll": "cameraRoll"}


def line_messages(messages: Sequence[Message], quick: Sequence[Choice] = ()) -> list[LineObject]:
    """Return one LINE message object per message; `quick` goes on the last one, the only place where LINE shows it."""
    objects = [_message(message) for message in messages]
    if quick and objects:
        objects[-1]["quickReply"] = {"items": [{"type": "action", "action": action(choice)} for choice in quick]}
    return objects


def action(choice: Choice) -> LineObject:
    """Return the action object of one thing to press."""
    if choice.kind == "press":
        pressed = {"type": "postback", "label": choice.label, "data": choice.data}
        return pressed | {"displayText": choice.echo} if choice.echo else pressed
    if mode := _PICKERS.get(choice.kind):
        picker = {"type": "datetimepicker", "label": choice.label, "data": choice.data, "mode": mode}
        bounds = {"initial": choice.initial, "min": choice.min, "max": choice.max}
        return picker | {name: value for name, value in bounds.items() if value is not None}
    if choice.kind == "open":
        return {"type": "uri", "label": choice.label, "uri": choice.data}
    if choice.kind == "say":
        return {"type": "message", "label": choice.label, "text": choice.data}
    if choice.kind == "copy":
        return {"type": "clipboard", "label": choice.label, "clipboardText": choice.data}
    return {"type": _SHEETS[choice.kind], "label": choice.label}


def _message(message: Message) -> LineObject:
    match message:
        case Text(text):
            return {"type": "text", "text": text}
        case Buttons(text, choices):
            template = {"type": "buttons", "text": text, "actions": [action(choice) for choice in choices]}
            return {"type": "template", "altText": text, "template": template}
        case Rich():
            return _rich(message)


def _rich(message: Rich) -> LineObject:
    content = message.content
    match message.kind:
        case "image":
            return {"type": "image", "originalContentUrl": content["url"], "previewImageUrl": content["preview"]}
        case "sticker":
            return {"type": "sticker", "packageId": content["package"], "stickerId": content["sticker"]}
        case "cards":
            bubbles = [_bubble(card) for card in content["cards"]]
            contents = bubbles[0] if len(bubbles) == 1 else {"type": "carousel", "contents": bubbles}
            return {"type": "flex", "altText": message.alt, "contents": contents}
        case "flex":
            return {"type": "flex", "altText": message.alt, "contents": dict(content)}
    return {"type": message.kind, **content}


def _bubble(card: Mapping[str, Any]) -> LineObject:
    title = [{"type": "text", "text": card["title"], "weight": "bold", "wrap": True}] if card["title"] else []
    text = {"type": "text", "text": card["text"], "wrap": True, "size": "sm"}
    bubble: LineObject = {
        "type": "bubble",
        "body": {"type": "box", "layout": "vertical", "spacing": "sm", "contents": [*title, text]},
    }
    if card["image"]:
        bubble["hero"] = {
            "type": "image",
            "url": card["image"],
            "size": "full",
            "aspectMode": "cover",
            "aspectRatio": "20:13",
        }
    if card["choices"]:
        buttons = [{"type": "button", "height": "sm", "action": action(choice)} for choice in card["choices"]]
        bubble["footer"] = {"type": "box", "layout": "vertical", "contents": buttons}
    return bubble
