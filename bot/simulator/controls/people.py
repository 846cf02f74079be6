"""People and what they do, groups, and the chats between them and the bots."""

from __future__ import annotations

import base64

from bot.simulator.api.routes import Handler
from bot.simulator.calls import Answer, Call
from bot.simulator.chats import Chat
from bot.simulator.controls.arguments import arguments, group_of, named, resident_of

OWN = (
    "say",
    "send",
    "sticker",
    "location",
    "press",
    "switch_menu",
    "follow",
    "block",
    "unsend",
    "edit",
    "join",
    "leave",
)
WITH_WORLD = ("beacon", "video_watched", "account_link", "membership")
CHANGEABLE = frozenset({"name", "language", "picture_url", "status_message", "consented"})


def add_resident(call: Call) -> Answer:
    """POST residents {name, language?, picture_url?, friend_of?, user_id?}."""
    return Answer(call.world.add_resident(**arguments(call)).as_json())


def get_resident(call: Call) -> Answer:
    """GET residents/{id or name}."""
    return Answer(resident_of(call).as_json())


def change_resident(call: Call) -> Answer:
    """POST residents/{id or name} {name?, language?, consented?, …, status?: friend|blocked|stranger, channel?}."""
    resident = resident_of(call)
    given = arguments(call)
    channel, status = given.pop("channel", None), given.pop("status", None)
    with call.world.lock:
        for name, value in given.items():
            if name not in CHANGEABLE:
                raise ValueError(f"a resident has no {name!r}")
            setattr(resident, name, value)
        if status is not None:
            call.world.befriend(resident, status, channel)
        call.world.journal.note("resident", resident=resident.as_json())
    return Answer(resident.as_json())


def act(call: Call) -> Answer:
    """POST residents/{id or name}/{act} {…}: an act with the arguments of the method of that name; `file` in base64."""
    resident, name = resident_of(call), call.path[1]
    given = arguments(call)
    if given.get("group") is not None:
        given["group"] = group_of(call, given["group"])
    if name == "file":
        given["body"] = base64.b64decode(given["body"])
        return Answer(resident.send_file(**given))
    if name in {"join", "leave"}:
        given.pop("channel", None)
    if name in OWN:
        result = getattr(resident, name)(**given)
    elif name in WITH_WORLD:
        result = getattr(call.world.acts, name)(resident, **given)
    else:
        raise KeyError(f"no act {name!r}: choose one of {', '.join((*OWN, *WITH_WORLD, 'file'))}")
    return Answer(result if isinstance(result, dict) else {"events": result})


def add_group(call: Call) -> Answer:
    """POST groups {name, members: [id or name], room?}."""
    given = arguments(call)
    members = [call.world.resident(one) for one in given.pop("members", [])]
    return Answer(call.world.add_group(members=members, **given).as_json())


def bot_in_group(call: Call) -> Answer:
    """POST groups/{id}/{join or leave} {channel?}: the bot is invited or removed; answers its event."""
    group, what = group_of(call, named(call)), call.path[1]
    if what not in {"join", "leave"}:
        raise KeyError(what)
    acts = call.world.acts
    return Answer((acts.join if what == "join" else acts.leave)(group, **arguments(call)))


def chat_of(call: Call) -> Chat:
    """Return the chat of a path {channel}/{user, group or room id, or a resident's name}."""
    channel, chat = call.world.channel(named(call)).name, named(call, 1)
    return call.world.chat(channel, chat if chat in call.world.groups else call.world.resident(chat).id)


def get_chat(call: Call) -> Answer:
    """GET chats/{channel}/{id or name}: the messages, oldest first."""
    with call.world.lock:
        return Answer(chat_of(call).as_json())


def change_chat(call: Call) -> Answer:
    """POST chats/{channel}/{id or name} {standby}: whether another module holds the chat."""
    with call.world.lock:
        chat = chat_of(call)
        chat.standby = bool(arguments(call)["standby"])
        return Answer(chat.as_json())


CALLS: list[tuple[str, str, Handler]] = [
    ("POST", "residents", add_resident),
    ("GET", "residents/{id}", get_resident),
    ("POST", "residents/{id}", change_resident),
    ("POST", "residents/{id}/{act}", act),
    ("POST", "groups", add_group),
    ("POST", "groups/{id}/{act}", bot_in_group),
    ("GET", "chats/{channel}/{id}", get_chat),
    ("POST", "chats/{channel}/{id}", change_chat),
]
