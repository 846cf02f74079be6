"""What the page needs to know of the world, as JSON: everything at first, then what changed since a version."""

from __future__ import annotations

from typing import Any

from bot.simulator.channels import Channel
from bot.simulator.chats import Chat
from bot.simulator.page.menu import menu_of
from bot.simulator.people import STRANGER, Group, Resident
from bot.simulator.world import World

RESIDENTS_SHOWN = 100
MESSAGES_SHOWN = 200


def state(world: World, since: int, *, travels: bool) -> dict[str, Any]:
    """Return `{"version", "now", "reload", …}`; residents, chats and messages only when something changed.

    `now` and all times are milliseconds since the epoch. `reload` tells the page to forget what it knows.
    """
    with world.lock:
        updates = world.updates(since)
        reload = since < 0 or updates["reload"] or any(one["kind"] == "reset" for one in updates["changes"])
        found: dict[str, Any] = {"version": updates["version"], "now": int(world.clock() * 1000), "reload": reload}
        if not reload and not updates["changes"]:
            return found
        shown = list(world.residents.values())[:RESIDENTS_SHOWN]
        rooms = _rooms(world, shown)
        changed = None if reload else updates["changes"]
        return found | {
            "info": {"channels": list(world.channels), "travel": travels},
            "residents": [_resident(one) for one in shown],
            "chats": [fact for resident in shown for fact in _chats(world, resident)],
            "messages": _messages(rooms, changed),
        }


def room_of(chat: Chat) -> str:
    """Return the key under which the page keeps the messages of a chat."""
    return f"{chat.channel}/{chat.id}"


def entry_json(room: str, entry: dict[str, Any]) -> dict[str, Any]:
    """Return a message for the page: LINE's object, and addresses for what residents uploaded."""
    message = entry["message"]
    if message.get("contentProvider", {}).get("type") == "line":
        address = f"api/content/{entry['id']}"
        message = {**message, "originalContentUrl": address, "previewImageUrl": address}
    shown = {key: entry[key] for key in ("id", "from", "via", "read", "unsent", "edited", "silent")}
    return {"chat": room, "at": int(entry["at"] * 1000), "message": message, **shown}


def _resident(resident: Resident) -> dict[str, Any]:
    return {
        "id": resident.id,
        "name": resident.name,
        "language": resident.language,
        "pictureUrl": resident.picture_url,
    }


def _rooms(world: World, residents: list[Resident]) -> dict[str, Chat]:
    keys = [(name, resident.id) for name in world.channels for resident in residents]
    keys += [(name, group.id) for group in world.groups.values() for name in group.bots]
    return {room_of(world.chats[key]): world.chats[key] for key in keys if key in world.chats}


def _chats(world: World, resident: Resident) -> list[dict[str, Any]]:
    alone = [_with_bot(world, resident, channel) for channel in world.channels.values()]
    groups = [group for group in world.groups.values() if resident.id in group.members]
    return alone + [_in_group(world, resident, group, name) for group in groups for name in group.bots]


def _with_bot(world: World, resident: Resident, channel: Channel) -> dict[str, Any]:
    friendship = resident.friendships.get(channel.name)
    chat = world.chats.get((channel.name, resident.id))
    return {
        "key": f"{channel.name}/{resident.id}",
        "room": f"{channel.name}/{resident.id}",
        "residentId": resident.id,
        "groupId": None,
        "title": channel.display_name or channel.name,
        "status": friendship.status if friendship else STRANGER,
        "menu": menu_of(world, channel, resident),
        **_common(channel, chat),
    }


def _in_group(world: World, resident: Resident, group: Group, name: str) -> dict[str, Any]:
    channel = world.channels[name]
    return {
        "key": f"{name}/{group.id}/{resident.id}",
        "room": f"{name}/{group.id}",
        "residentId": resident.id,
        "groupId": group.id,
        "title": group.name,
        "status": "group",
        "menu": None,
        **_common(channel, world.chats.get((name, group.id))),
    }


def _common(channel: Channel, chat: Chat | None) -> dict[str, Any]:
    return {
        "channel": channel.name,
        "bot": {"name": channel.display_name or channel.name, "iconUrl": None},
        "loadingUntil": int(chat.loading_until * 1000) if chat else 0,
        "standby": chat.standby if chat else False,
    }


# A read mark is about many messages: it sends those of the chat again.
def _messages(rooms: dict[str, Chat], changes: list[dict[str, Any]] | None) -> list[dict[str, Any]]:
    if changes is None:
        again, single = dict(rooms), []
    else:
        touched = {f"{one.get('channel')}/{one.get('chat')}" for one in changes if one["kind"] == "read"}
        again = {room: chat for room, chat in rooms.items() if room in touched}
        single = [one for one in changes if one["kind"] == "message"]
    whole = [
        entry_json(room, entry.as_json())
        for room, chat in again.items()
        for entry in list(chat.entries)[-MESSAGES_SHOWN:]
    ]
    for one in single:
        room = f"{one['channel']}/{one['chat']}"
        if room in rooms and room not in again:
            whole.append(entry_json(room, one["message"]))
    return whole
