"""The string on a button: which flow, revision, step and round it belongs to, and what pressing it means."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Final

import orjson

from bot.line.limits import POSTBACK_DATA_UTF16, utf16

PICK: Final = "pick"
"""Answer the question with the value."""
DATE: Final = "date"
"""Answer the question with the day picked in the calendar."""
WORD: Final = "word"
"""Do what the word says (back, menu …)."""
BUTTON: Final = "button"
"""A button of a `say` step; the value is its number and the arguments it was shown with."""
STOP: Final = "hush"
"""Stop being told: the value is a topic, or the service and name of one reminder (`tax/due`); the flow tells what it was about."""
PAGE: Final = "page"
"""Ask for a fresh address of the secure page on which the flow is talked."""
START: Final = "start"
"""Start the flow."""
AREA: Final = "area"
"""Go where an area of the rich menu leads: the value is a flow's keyword, or a word that works everywhere."""

_FORM = re.compile(r"([^/?]*)/([^/?]*)/([^/?]*)/([^/?]*)\?([a-z]+)=(.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Press:
    """What a pressed button says."""

    flow: str
    revision: str
    step: str
    mark: str
    verb: str
    value: str


def data(flow: str, revision: str, step: str, mark: str, verb: str, value: str) -> str:
    """Return the string for a button, at most 300 characters."""
    return f"{flow}/{revision}/{step}/{mark}?{verb}={value}"[:POSTBACK_DATA_UTF16]


def area(said: str) -> str:
    """Return the string for an area of the rich menu, which stays on LINE while flows and their revisions change."""
    return data("", "", "", "", AREA, said)


def read(text: str) -> Press | None:
    """Return what a button's string says, None when it is not one of ours."""
    found = _FORM.fullmatch(text)
    return Press(*found.groups()) if found else None


def pack(number: int, target: str, arguments: dict[str, Any], room: int) -> str:
    """Return the value of a button of a `say` step; arguments that do not fit into `room` characters are left out."""
    value = orjson.dumps([number, target, arguments]).decode()
    return value if utf16(value) <= room else orjson.dumps([number, target, {}]).decode()


def unpack(value: str) -> tuple[int, str, dict[str, Any]] | None:
    """Return number, target and arguments of a button of a `say` step."""
    try:
        number, target, arguments = orjson.loads(value)
    except (orjson.JSONDecodeError, TypeError, ValueError):
        return None
    if not isinstance(number, int) or not isinstance(target, str) or not isinstance(arguments, dict):
        return None
    return number, target, arguments
