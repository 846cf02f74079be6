"""What a control call brings along."""

from __future__ import annotations

import urllib.parse
from typing import Any

import orjson

from bot.simulator.calls import Call
from bot.simulator.people import Group, Resident


def arguments(call: Call) -> dict[str, Any]:
    """Return the JSON object of the body; an empty body is an empty object."""
    if not call.body:
        return {}
    found = orjson.loads(call.body)
    if not isinstance(found, dict):
        raise TypeError("the body must be a JSON object")
    return found


def named(call: Call, position: int = 0) -> str:
    """Return a part of the path, percent-decoding undone where the server left it as Latin-1 bytes."""
    return urllib.parse.unquote(call.path[position].encode("latin-1").decode("utf-8", "replace"))


def resident_of(call: Call) -> Resident:
    """Return the resident of the path, by id or name."""
    return call.world.resident(named(call))


def group_of(call: Call, group_id: str) -> Group:
    """Return a group by id."""
    return call.world.groups[group_id]


def number(call: Call, name: str, default: int = 0) -> int:
    """Return a whole number out of the query."""
    return int(call.query(name) or default)
