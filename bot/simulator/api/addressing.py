"""Whom a message reaches: friends, people who wrote lately, members of groups; and what must be true to address them."""

from __future__ import annotations

from typing import Any

from bot.simulator.calls import Call
from bot.simulator.errors import LineError, Problem, invalid_body
from bot.simulator.people import FRIEND, STRANGER

WEEK = 7 * 24 * 3600.0


def bad_property(name: str) -> LineError:
    """Return the 400 for a property that cannot be read."""
    return LineError(400, f"The property, '{name}', in the request body is invalid (line: -, column: -)")


def addressee(call: Call, body: dict[str, Any]) -> str:
    """Return `to` of a push: a known user, or a group the bot is in.

    Raises:
        LineError: 400 when it is missing, unknown, or a group without the bot.
    """
    to = body.get("to")
    if not isinstance(to, str) or not to:
        raise bad_property("to")
    group = call.world.groups.get(to)
    known = to in call.world.residents if group is None else call.channel.name in group.bots
    if not known:
        raise LineError(400, "Failed to send messages")
    return to


def receivers(call: Call, to: str) -> list[str]:
    """Return the users a message to this user, group or room reaches, and is counted for."""
    group = call.world.groups.get(to)
    if group is not None:
        return list(group.members)
    return [to] if reaches(call, to) else []


def reaches(call: Call, user_id: str) -> bool:
    """Return whether a user gets the bot's messages: friends, and strangers for a week after they wrote."""
    resident = call.world.residents.get(user_id)
    if resident is None:
        return False
    friendship = resident.friendships.get(call.channel.name)
    if friendship is None:
        return False
    if friendship.status == FRIEND:
        return True
    wrote = friendship.wrote_at
    return friendship.status == STRANGER and wrote is not None and call.now - wrote <= WEEK


def friends(call: Call) -> list[str]:
    """Return the ids of all who have the bot as a friend."""
    name = call.channel.name
    return [
        resident.id
        for resident in call.world.residents.values()
        if name in resident.friendships and resident.friendships[name].status == FRIEND
    ]


def member(call: Call, to: str) -> list[str] | None:
    """Return the members when `to` is a group, for the rules that depend on it."""
    group = call.world.groups.get(to)
    return None if group is None else list(group.members)


def check_user_id(user_id: str) -> None:
    """Refuse with 400 what is no user id."""
    if not user_id.startswith("U") or len(user_id) != 33:
        raise LineError(400, "The value for the 'userId' parameter is invalid")


def check_flags(body: dict[str, Any]) -> str | None:
    """Check what all sends have beside messages; return the aggregation unit."""
    if not isinstance(body.get("notificationDisabled", False), bool):
        raise bad_property("notificationDisabled")
    units = body.get("customAggregationUnits")
    if units is None:
        return None
    problem = "Must be one name of 1 to 30 characters of 0-9, a-z, A-Z and _"
    if not isinstance(units, list) or len(units) > 1 or not all(_is_unit(unit) for unit in units):
        raise invalid_body([Problem(problem, "customAggregationUnits")])
    return units[0] if units else None


def _is_unit(unit: Any) -> bool:
    return isinstance(unit, str) and 1 <= len(unit) <= 30 and unit.isascii() and unit.replace("_", "a").isalnum()
