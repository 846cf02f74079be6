"""Rules for the `messages` array and each type of message in it."""

from __future__ import annotations

from typing import Any

from bot.simulator.errors import Problem, invalid_body

MOST = 5
TYPES = ("text", "textV2", "image", "video", "audio", "location", "sticker", "template", "imagemap", "flex", "coupon")


def check_messages(messages: Any) -> None:
    """Refuse with 400 what LINE would refuse of a send's `messages`."""
    if not isinstance(messages, list) or not 1 <= len(messages) <= MOST:
        raise invalid_body([Problem(f"Size must be between 1 and {MOST}", "messages")])
    problems = []
    for index, message in enumerate(messages):
        if not isinstance(message, dict) or message.get("type") not in TYPES:
            problems.append(
                Problem(f"Must be one of the following values: [{', '.join(TYPES)}]", f"messages[{index}].type")
            )
    if problems:
        raise invalid_body(problems)
