"""A conversation as a YAML list of who said what, for authors to read, keep and turn into a test."""

from __future__ import annotations

import io
from typing import Any

from ruamel.yaml import YAML

from bot.simulator.chats import Chat, Entry
from bot.simulator.world import World


def transcript(chat: Chat, world: World) -> str:
    """Return the chat as YAML: a list of `resident:` and `bot:` entries in their order.

    A text stands as itself, anything else by its alternative text or as `[type]`; buttons stand below as `choices`.
    In a group the entries name the resident.
    """
    lines = [_line(chat, entry, world) for entry in chat.entries if not entry.unsent]
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 4096
    out = io.StringIO()
    yaml.dump(lines, out)
    return out.getvalue()


def _line(chat: Chat, entry: Entry, world: World) -> dict[str, Any]:
    words = _words(entry.message)
    if entry.sender == "bot":
        line: dict[str, Any] = {"bot": words}
        choices = _choices(entry.message)
        return line | ({"choices": choices} if choices else {})
    resident = world.residents.get(entry.sender)
    named = {} if chat.kind == "user" else {"name": resident.name if resident else entry.sender}
    return {"resident": words, **named}


def _words(message: dict[str, Any]) -> str:
    template = message.get("template")
    inside = template.get("text") if isinstance(template, dict) else None
    words = message.get("text") or inside or message.get("altText")
    return str(words) if words else f"[{message['type']}]"


def _choices(message: dict[str, Any]) -> list[str]:
    template, quick = message.get("template") or {}, message.get("quickReply") or {}
    actions = [*template.get("actions", []), *(item.get("action", {}) for item in quick.get("items", []))]
    return [str(action["label"]) for action in actions if action.get("label")]
