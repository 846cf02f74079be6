"""The world in a file: people, groups, chats and rich menus survive a restart; tokens, faults and logs do not."""

from __future__ import annotations

import base64
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from bot.simulator.chats import Entry, Happening
from bot.simulator.menus import Menu
from bot.simulator.people import Friendship, Group, Resident
from bot.simulator.world import World

FORMAT = 1
EVERY_SECONDS = 2.0


def dump(world: World) -> dict[str, Any]:
    """Return what is kept as plain data."""
    with world.lock:
        return {
            "format": FORMAT,
            "last_message": world.ids.last_message,
            "residents": [resident.as_json() for resident in world.residents.values()],
            "groups": [group.as_json() for group in world.groups.values()],
            "chats": [chat.as_json() for chat in world.chats.values()],
            "channels": {
                name: {
                    "bot_user_id": channel.bot_user_id,
                    "quota_used": channel.quota.used,
                    "menus": [_menu(menu) for menu in channel.menus.menus.values()],
                    "aliases": channel.menus.aliases,
                    "links": channel.menus.links,
                    "default": channel.menus.default,
                }
                for name, channel in world.channels.items()
            },
        }


def load(world: World, kept: dict[str, Any]) -> None:
    """Put kept data into a fresh world; what belongs to channels it does not have is left out.

    Raises:
        ValueError: when another version wrote it.
    """
    if kept.get("format") != FORMAT:
        raise ValueError("the file was written by another version of the simulator: delete it to begin anew")
    with world.lock:
        world.ids.last_message = kept["last_message"]
        for one in kept["residents"]:
            _resident(world, one)
        for one in kept["groups"]:
            group = Group(one["id"], one["name"], one["picture_url"])
            group.members = dict.fromkeys(one["members"])
            group.bots = dict.fromkeys(bot for bot in one["bots"] if bot in world.channels)
            world.groups[group.id] = group
        for one in kept["chats"]:
            if one["channel"] in world.channels:
                _chat(world, one)
        for name, one in kept["channels"].items():
            if name in world.channels:
                _channel(world, name, one)


def keep(world: World, path: Path, stop: threading.Event) -> Callable[[], None]:
    """Load the file if it is there, save every two seconds what changed until `stop`; return a last save."""
    if path.exists():
        load(world, orjson.loads(path.read_bytes()))
    saved = world.journal.version

    def save() -> None:
        nonlocal saved
        version = world.journal.version
        if version != saved:
            fresh = path.with_name(f"{path.name}.new")
            fresh.write_bytes(orjson.dumps(dump(world)))
            fresh.replace(path)
            saved = version

    def watch() -> None:
        while not stop.wait(EVERY_SECONDS):
            save()

    threading.Thread(target=watch, name="simulator-storage", daemon=True).start()
    return save


def _menu(menu: Menu) -> dict[str, Any]:
    image = base64.b64encode(menu.image).decode()
    return {"id": menu.id, "object": menu.object, "image": image, "content_type": menu.content_type}


def _resident(world: World, one: dict[str, Any]) -> None:
    resident = Resident(world, one["id"], one["name"], one["language"], one["picture_url"], one["status_message"])
    resident.consented = one["consented"]
    for name, friendship in one["friendships"].items():
        if name in world.channels:
            resident.friendships[name] = Friendship(**friendship)
    world.residents[resident.id] = resident


def _chat(world: World, one: dict[str, Any]) -> None:
    chat = world.chat(one["channel"], one["id"])
    chat.kind, chat.standby = one["kind"], one["standby"]
    for message in one["messages"]:
        message["sender"] = message.pop("from")
        entry = Entry(**message)
        chat.entries.append(entry)
        world.keep_quote_token(entry.quote_token, chat)
    chat.happenings.extend(Happening(**happening) for happening in one.get("happenings", []))


def _channel(world: World, name: str, one: dict[str, Any]) -> None:
    channel = world.channels[name]
    channel.bot_user_id, channel.quota.used = one["bot_user_id"], one["quota_used"]
    menus = channel.menus
    for kept in one["menus"]:
        image = base64.b64decode(kept["image"])
        menus.menus[kept["id"]] = Menu(kept["id"], kept["object"], image, kept["content_type"])
    menus.aliases, menus.links, menus.default = one["aliases"], one["links"], one["default"]
