"""Rules for the `messages` array and for each type of message in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

import orjson

from bot.simulator.errors import LineError, Problem, invalid_body
from bot.simulator.rules.actions import QUICK_REPLY, check_action
from bot.simulator.rules.flex import check_flex
from bot.simulator.rules.imagemaps import check_imagemap
from bot.simulator.rules.parts import FlexPart, Part
from bot.simulator.rules.templates import check_template

MOST = 5
TEXT_MOST = 5000
ALT_TEXT_MOST = 1500
QUICK_REPLIES_MOST = 13
EMOJIS_MOST = 20
MENTIONS_MOST = 20
SUBSTITUTIONS_MOST = 100
KEY = re.compile(r"[0-9a-zA-Z_]{1,20}")
TRACKING = re.compile(r"[0-9A-Za-z.=,+*()%$&;:@{}!?<>\[\]-]{1,100}")
TAG = re.compile(r"[0-9A-Za-z_]{1,30}")
DIGITS = re.compile(r"\d{1,20}")
BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*)\}|[{}]")


@dataclass(frozen=True, slots=True)
class Target:
    """Where messages go, as far as their rules depend on it. `members` are those of the group (None: not a group)."""

    endpoint: str
    members: Collection[str] | None = None
    validating: bool = False


def check_messages(messages: Any, target: Target) -> None:
    """Refuse with 400 what LINE would refuse of a send's `messages`.

    Raises:
        LineError: with `messages[0].text` paths, or for Flex with the path inside the container.
    """
    try:
        orjson.dumps(messages)
    except TypeError as error:
        raise invalid_body([Problem("nested too deeply", "messages")]) from error
    found: list[Problem] = []
    flex: dict[int, list[Problem]] = {}
    for index, message in enumerate(Part(found, {"messages": messages}).parts("messages", 1, MOST)):
        kind = message.one_of("type", tuple(KINDS), required=True)
        if kind is None:
            continue
        if kind == "text" and message.value.keys() == {"type", "text"}:
            message.text("text", TEXT_MOST, required=True)
            continue
        KINDS[kind](message, target)
        _common(message)
        if kind == "flex":
            flex[index] = _flex_contents(message)
    if found:
        raise invalid_body(found)
    for index, problems in flex.items():
        if problems:
            raise LineError(400, f"A message (messages[{index}]) in the request body is invalid", problems)


def _flex_contents(message: Part) -> list[Problem]:
    problems: list[Problem] = []
    contents = message.get("contents")
    if isinstance(contents, dict):
        check_flex(FlexPart(problems, contents))
    return problems


def _common(message: Part) -> None:
    sender = message.part("sender")
    if sender is not None:
        name = sender.text("name", 20)
        if name and "LINE" in name:
            sender.refuse("name", "The name contains a word that may not be used")
        sender.url("iconUrl")
    replies = message.part("quickReply")
    if replies is None:
        return
    for item in replies.parts("items", 1, QUICK_REPLIES_MOST):
        item.one_of("type", ("action",), required=True)
        item.url("imageUrl")
        check_action(item.part("action", required=True), QUICK_REPLY)


def _text(message: Part, _target: Target) -> None:
    text = message.text("text", TEXT_MOST, required=True)
    message.text("quoteToken", 1000)
    for emoji in message.parts("emojis", 0, EMOJIS_MOST, required=False):
        emoji.text("productId", 100, required=True)
        emoji.text("emojiId", 100, required=True)
        index = emoji.number("index", 0, required=True)
        if text is not None and index is not None and _unit(text, int(index)) != "$":
            emoji.refuse("index", "must be the position of a $ in the text")


def _unit(text: str, index: int) -> str:
    """Return the UTF-16 code unit at a position."""
    unit = text.encode("utf-16-le", "surrogatepass")[2 * index : 2 * index + 2]
    return unit.decode("utf-16-le", "surrogatepass")


def _text_v2(message: Part, target: Target) -> None:
    text = message.text("text", TEXT_MOST, required=True)
    message.text("quoteToken", 1000)
    substitution = message.part("substitution")
    given = substitution.value if substitution else {}
    if len(given) > SUBSTITUTIONS_MOST:
        message.refuse("substitution", f"Size must be between 0 and {SUBSTITUTIONS_MOST}")
    used = [match for match in BRACES.finditer(text or "") if match[0] not in {"{{", "}}"}]
    for match in used:
        if match[0] in {"{", "}"} or match[1] is None:
            message.refuse("text", "{ and } must be used in pairs")
        elif match[1] not in given:
            message.refuse("text", f"no substitution for {match[0]}")
    for kind, most in (("mention", MENTIONS_MOST), ("emoji", EMOJIS_MOST)):
        count = sum(1 for match in used if _is(given.get(match[1] or ""), kind))
        if count > most:
            message.refuse("substitution", f"at most {most} objects of type {kind} in a message")
    if substitution is not None:
        for key in given:
            _substitute(substitution, key, target)


def _is(value: Any, kind: str) -> bool:
    return isinstance(value, dict) and value.get("type") == kind


def _substitute(substitution: Part, key: str, target: Target) -> None:
    if not KEY.fullmatch(key):
        substitution.refuse(key, "keys have 1 to 20 characters of 0-9, a-z, A-Z and _")
    part = substitution.part(key)
    if part is None:
        return
    kind = part.one_of("type", ("mention", "emoji"), required=True)
    if kind == "emoji":
        part.text("productId", 100, required=True)
        part.text("emojiId", 100, required=True)
    elif kind == "mention":
        if target.endpoint not in {"reply", "push"} or (target.members is None and not target.validating):
            part.refuse("type", "mentions can only be sent to groups by reply or push")
        mentionee = part.part("mentionee", required=True)
        if mentionee is None:
            return
        if mentionee.one_of("type", ("user", "all"), required=True) == "user":
            user = mentionee.text("userId", 100, required=True)
            if user and target.members is not None and user not in target.members:
                mentionee.refuse("userId", "not a member of the group")


def _picture(message: Part, _target: Target) -> None:
    message.url("originalContentUrl", required=True)
    message.url("previewImageUrl", required=True)


def _video(message: Part, target: Target) -> None:
    _picture(message, target)
    if message.pattern("trackingId", TRACKING) and target.members is not None:
        message.refuse("trackingId", "trackingId can't be used in messages to groups")


def _audio(message: Part, _target: Target) -> None:
    message.url("originalContentUrl", required=True)
    message.number("duration", 1, required=True)


def _location(message: Part, _target: Target) -> None:
    message.text("title", 100, required=True)
    message.text("address", 100, required=True)
    message.number("latitude", -90, 90, required=True, whole=False)
    message.number("longitude", -180, 180, required=True, whole=False)


def _sticker(message: Part, _target: Target) -> None:
    message.pattern("packageId", DIGITS, required=True)
    message.pattern("stickerId", DIGITS, required=True)
    message.text("quoteToken", 1000)


def _coupon(message: Part, _target: Target) -> None:
    message.text("couponId", 100, required=True)
    message.pattern("deliveryTag", TAG)


def _template(message: Part, _target: Target) -> None:
    message.text("altText", ALT_TEXT_MOST, required=True)
    check_template(message.part("template", required=True))


def _imagemap(message: Part, _target: Target) -> None:
    check_imagemap(message)


def _flex(message: Part, _target: Target) -> None:
    message.text("altText", ALT_TEXT_MOST, required=True)
    message.part("contents", required=True)


KINDS: dict[str, Callable[[Part, Target], None]] = {
    "text": _text,
    "textV2": _text_v2,
    "image": _picture,
    "video": _video,
    "audio": _audio,
    "location": _location,
    "sticker": _sticker,
    "template": _template,
    "imagemap": _imagemap,
    "flex": _flex,
    "coupon": _coupon,
}
