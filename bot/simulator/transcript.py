"""A conversation turn by turn: what the resident did, what the bot said to it and offered; also as YAML for authors to keep."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML
from ruamel.yaml.scalarstring import LiteralScalarString

from bot.simulator.chats import Chat, Entry, Happening
from bot.simulator.world import World

TOKYO = ZoneInfo("Asia/Tokyo")
ANYTHING = "…"
"""Stands where a message has no words."""
PLACE = ("title", "address", "latitude", "longitude")
UNITS = ((86_400, "days"), (3_600, "hours"), (60, "minutes"))
MOST_UNITS = 9_999

Move = dict[str, Any]


def moves(chat: Chat, world: World) -> list[Move]:
    """Return the turns of a chat, oldest first.

    Each has `at` (epoch seconds) and what the resident did: `resident` (a text), `press` (the button's label, with its
    `data` and what was `picked`), `send` (a message type, with `detail`) or `follow` (`new`, `again`); none of them
    where the bot began. `bot` and `buttons` are what it answered, `notes` what it told about itself meanwhile.
    """
    found: list[Move] = []
    request = ""
    told: list[Entry | Happening] = [*chat.happenings, *chat.entries]
    for each in sorted(told, key=lambda one: int(one.id)):
        if isinstance(each, Happening) and each.kind == "note":
            if found:
                found[-1].setdefault("notes", []).append(each.detail)
        elif isinstance(each, Entry) and each.sender == "bot":
            if not found or (found[-1].get("bot") and each.request_id != request):
                found.append({"at": each.at})
            request = each.request_id
            _answer(found[-1], each.message)
        elif (did := _did(each, chat, world)) is not None:
            found.append({"at": each.at, **did})
    return found


def as_yaml(chat: Chat, world: World) -> str:
    """Return a chat in the form of an author's test (`*.talk.yaml`); in a group the moves name the resident."""
    turns = moves(chat, world)
    resident = world.residents.get(chat.id)
    begun = dt.datetime.fromtimestamp(turns[0]["at"] if turns else world.clock(), TOKYO)
    talk = {
        "talk": resident.name if resident else world.groups[chat.id].name,
        "now": f"{begun:%Y-%m-%d %H:%M}",
        "moves": list(_timed(turns)),
    }
    yaml = YAML()
    yaml.width = 4096
    yaml.indent(mapping=2, sequence=4, offset=2)
    out = io.StringIO()
    yaml.dump(talk, out)
    return out.getvalue()


def find_label(part: Any, data: str) -> str | None:
    """Return the label of the action with this `data` anywhere inside a message or a rich menu."""
    if isinstance(part, dict):
        if part.get("data") == data and part.get("label"):
            return str(part["label"])
        part = list(part.values())
    if isinstance(part, list):
        return next((found for one in part if (found := find_label(one, data)) is not None), None)
    return None


def _did(each: Entry | Happening, chat: Chat, world: World) -> Move | None:
    if isinstance(each, Happening):
        if each.kind == "follow":
            return {"follow": "again" if each.detail["again"] else "new"}
        return _pressed(each, chat, world)
    if each.unsent or each.via == "postback":
        return None
    resident = world.residents.get(each.sender)
    named = {} if chat.kind == "user" else {"name": resident.name if resident else each.sender}
    message = each.message
    if message["type"] == "text":
        return {"resident": message["text"], **named}
    place = {name: message[name] for name in PLACE if name in message} if message["type"] == "location" else {}
    return {"send": message["type"], **({"detail": place} if place else {}), **named}


def _pressed(press: Happening, chat: Chat, world: World) -> Move | None:
    data, params = press.detail["data"], press.detail["params"] or {}
    if "status" in params:
        return None  # another rich menu was looked at
    before = [entry.message for entry in chat.entries if entry.sender == "bot" and int(entry.id) < int(press.id)]
    menus = [menu.object for menu in world.channel(chat.channel).menus.menus.values()]
    label = find_label([*reversed(before), *menus], data) or press.detail["shown"] or data
    picked = next((params[name] for name in ("date", "time", "datetime") if name in params), None)
    return {"press": label, "data": data, **({"picked": picked} if picked else {})}


def _answer(move: Move, message: dict[str, Any]) -> None:
    template = message.get("template")
    inside = template.get("text") if isinstance(template, dict) else None
    move.setdefault("bot", []).append(str(message.get("text") or inside or message.get("altText") or ANYTHING))
    labels = [*_labels({key: value for key, value in message.items() if key != "quickReply"})]
    move["buttons"] = [*move.get("buttons", []), *labels, *_labels(message.get("quickReply", {}))]


def _labels(part: Any) -> Iterator[str]:
    if isinstance(part, dict) and part.get("label") and "type" in part:
        yield str(part["label"])
    for one in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _labels(one)


def _timed(turns: list[Move]) -> Iterator[Move]:
    """Yield the turns as an author writes them: with the whole minutes between them instead of the time."""
    before: float | None = None
    for turn in turns:
        minute = turn["at"] // 60 * 60
        move: Move = {"wait": _span(int(minute - before))} if before is not None and minute > before else {}
        before = minute
        move |= {key: value for key, value in turn.items() if key not in {"at", "data", "notes", "bot", "buttons"}}
        if said := [LiteralScalarString(text) if "\n" in text else text for text in turn.get("bot", [])]:
            move["bot"] = said[0] if len(said) == 1 else said
        if turn.get("buttons"):
            move["buttons"] = turn["buttons"]
        yield move


def _span(seconds: int) -> str | int:
    return next(
        (f"{seconds // size} {unit}" for size, unit in UNITS if seconds % size == 0 and seconds // size <= MOST_UNITS),
        seconds,
    )
