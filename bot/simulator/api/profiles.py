"""Who somebody is: profiles of users, friends' ids, groups and their members, the bot itself."""

from __future__ import annotations

from typing import Any

from bot.simulator.api.addressing import friends
from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError, not_found
from bot.simulator.people import BLOCKED, STRANGER, Group, Resident

FOLLOWERS_PAGE = 1000
MEMBERS_PAGE = 100
NOT_FOR_YOU = "Access to this API is not available for your account"
TOKEN_LIFE = 24 * 3600.0


def profile(call: Call) -> Answer:
    """GET /v2/bot/profile/{userId}: 404 for unknown, blocked, not consented, and strangers who never wrote."""
    resident = call.world.residents.get(call.path[0])
    if resident is None or not resident.consented:
        raise not_found()
    friendship = resident.friendship(call.channel.name)
    if friendship.status == BLOCKED or (friendship.status == STRANGER and friendship.wrote_at is None):
        raise not_found()
    language = {"language": resident.language} if resident.language else {}
    status = {"statusMessage": resident.status_message} if resident.status_message else {}
    return Answer(shown(resident) | status | language)


def shown(resident: Resident) -> dict[str, Any]:
    """Return what group members see of each other; what a user has not set is absent."""
    picture = {"pictureUrl": resident.picture_url} if resident.picture_url else {}
    return {"userId": resident.id, "displayName": resident.name} | picture


def info(call: Call) -> Answer:
    """GET /v2/bot/info: the bot about itself."""
    channel = call.channel
    return Answer(
        {
            "userId": channel.bot_user_id,
            "basicId": channel.basic_id,
            "displayName": channel.display_name,
            "chatMode": channel.chat_mode,
            "markAsReadMode": "manual" if channel.chat_mode == "chat" else "auto",
        }
    )


def followers(call: Call) -> Answer:
    """GET /v2/bot/followers/ids: verified accounts only."""
    limit = call.query("limit", "300") or ""
    if not limit.isdecimal() or not 1 <= int(limit) <= FOLLOWERS_PAGE:
        raise LineError(400, "The value for the 'limit' parameter is invalid")
    premium(call)
    return page(call, "userIds", friends(call), int(limit))


def premium(call: Call) -> None:
    """Refuse with 403 what LINE keeps for verified or premium accounts."""
    if not call.channel.premium:
        raise LineError(403, NOT_FOR_YOU)


def page(call: Call, name: str, ids: list[str], size: int) -> Answer:
    """Return a page of ids and the token of the next one, valid for a day."""
    start = 0
    token = call.query("start")
    if token:
        position, _, issued = token.partition("-")
        if not position.isdecimal() or not issued.isdecimal() or call.now - int(issued) > TOKEN_LIFE:
            raise LineError(400, "Invalid start param")
        start = int(position)
    following = {"next": f"{start + size}-{int(call.now)}"} if start + size < len(ids) else {}
    return Answer({name: ids[start : start + size], **following})


def group_of(call: Call, kind: str) -> Group:
    """Return a group or room the bot is in."""
    if not call.path[0].startswith("R" if kind == "room" else "C"):
        raise LineError(400, f"The value for the '{kind}Id' parameter is invalid")
    group = call.world.groups.get(call.path[0])
    if group is None or group.kind != kind or call.channel.name not in group.bots:
        raise not_found()
    return group


def summary(call: Call) -> Answer:
    """GET /v2/bot/group/{groupId}/summary."""
    group = group_of(call, "group")
    picture = {"pictureUrl": group.picture_url} if group.picture_url else {}
    return Answer({"groupId": group.id, "groupName": group.name} | picture)


def routes_of(kind: str) -> list[Route]:
    """Return the endpoints that groups and rooms have alike."""

    def count(call: Call) -> Answer:
        return Answer({"count": len(group_of(call, kind).members)})

    def ids(call: Call) -> Answer:
        premium(call)
        return page(call, "memberIds", list(group_of(call, kind).members), MEMBERS_PAGE)

    def member(call: Call) -> Answer:
        resident = call.world.residents.get(call.path[1])
        if resident is None or resident.id not in group_of(call, kind).members:
            raise not_found()
        return Answer(shown(resident))

    def leave(call: Call) -> Answer:
        group = group_of(call, kind)
        call.world.acts.leave(group, channel=call.channel.name)
        return Answer()

    base = f"/v2/bot/{kind}/{{id}}"
    return [
        Route(f"{kind}-count", "GET", f"{base}/members/count", count),
        Route(f"{kind}-members", "GET", f"{base}/members/ids", ids),
        Route(f"{kind}-member", "GET", f"{base}/member/{{userId}}", member),
        Route(f"{kind}-leave", "POST", f"{base}/leave", leave),
    ]


ROUTES = [
    Route("profile", "GET", "/v2/bot/profile/{userId}", profile),
    Route("followers", "GET", "/v2/bot/followers/ids", followers),
    Route("info", "GET", "/v2/bot/info", info),
    Route("group-summary", "GET", "/v2/bot/group/{groupId}/summary", summary),
    *routes_of("group"),
    *routes_of("room"),
]
