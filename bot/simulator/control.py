"""The control API `/_sim/…`: people, acts, faults, time and records as JSON, for tests in other processes and the page."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable
from typing import Any

import orjson

from bot.simulator.api.routes import Route, Routes
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError
from bot.simulator.people import Group, Resident
from bot.simulator.platform import NOBODY, REASONS, read_body
from bot.simulator.world import World

LARGEST = 64 * 1024 * 1024
ACTS = ("say", "send", "file", "sticker", "location", "press", "follow", "block", "unsend", "edit", "join", "leave")


class Control:
    """A WSGI app for JSON in and out; errors are `{"message"}` with 400, 404 or 409."""

    def __init__(self, world: World) -> None:
        self._world = world

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        """Answer one call."""
        route, parts, known = ROUTES.find(environ["REQUEST_METHOD"], environ["PATH_INFO"])
        body = read_body(environ, LARGEST)
        call = Call(self._world, environ, "", NOBODY, "", body or b"{}", parts)
        call.environ.setdefault("CONTENT_TYPE", "application/json")
        try:
            answer = route.handler(call) if route else unknown(environ["PATH_INFO"], known=known)
        except LineError as error:
            answer = Answer(error.body(), error.status)
        except (KeyError, IndexError) as error:
            answer = Answer({"message": f"not found: {error}"}, 404)
        except (ValueError, TypeError) as error:
            answer = Answer({"message": str(error)}, 400)
        payload = answer.payload()
        headers = [("Content-Type", answer.content_type), ("Content-Length", str(len(payload))), *answer.headers]
        start_response(REASONS.get(answer.status, f"{answer.status} Status"), headers)
        return [payload]


def unknown(path: str, *, known: bool) -> Answer:
    """Return the answer to a call that does not exist."""
    return Answer({"message": f"no such control call: {path}"}, 405 if known else 404)


def arguments(call: Call) -> dict[str, Any]:
    """Return the JSON object of the body; an empty body is an empty object."""
    if not call.body:
        return {}
    found = orjson.loads(call.body)
    if not isinstance(found, dict):
        raise TypeError("the body must be a JSON object")
    return found


def add_channel(call: Call) -> Answer:
    """POST /_sim/channels {name, secret, token?, webhook_url?, …}."""
    return Answer(call.world.add_channel(**arguments(call)).as_json())


def change_channel(call: Call) -> Answer:
    """POST /_sim/channels/{name} {webhook_url?, redelivery?, quota_limit?, rate_limits?, …}: the console's settings."""
    channel = call.world.channel(call.path[0])
    with call.world.lock:
        for name, value in arguments(call).items():
            if name == "quota_limit":
                channel.quota.limit = value
            elif name == "quota_used":
                channel.quota.used = value
            elif name == "rate_limits":
                channel.rates.enforced = value
            elif name == "revoke":
                channel.tokens.pop(value, None)
                channel.any_token = False
            elif name in SETTINGS:
                setattr(channel, name, value)
            else:
                raise ValueError(f"no setting {name!r}: choose one of {', '.join(sorted(SETTINGS))}")
    return Answer(channel.as_json())


SETTINGS = frozenset(
    {"webhook_url", "webhook_active", "webhook_timeout", "redelivery", "redelivery_after", "premium", "chat_mode"}
    | {"display_name", "any_token", "secrets"}
)


def overview(call: Call) -> Answer:
    """GET /_sim/state: channels, residents, groups, time and version."""
    world = call.world
    with world.lock:
        return Answer(
            {
                "version": world.journal.version,
                "now": world.clock(),
                "can_travel": world.can_travel,
                "channels": [channel.as_json() for channel in world.channels.values()],
                "residents": [resident.as_json() for resident in world.residents.values()],
                "groups": [group.as_json() for group in world.groups.values()],
                "chats": [{"channel": channel, "id": chat} for channel, chat in world.chats],
            }
        )


def add_resident(call: Call) -> Answer:
    """POST /_sim/residents {name, language?, picture_url?, friend_of?, user_id?}."""
    return Answer(call.world.add_resident(**arguments(call)).as_json())


def get_resident(call: Call) -> Answer:
    """GET /_sim/residents/{id or name}."""
    return Answer(call.world.resident(call.path[0]).as_json())


def change_resident(call: Call) -> Answer:
    """POST /_sim/residents/{id or name} {name?, language?, picture_url?, status_message?, consented?, status?, channel?}."""
    resident = call.world.resident(call.path[0])
    given = arguments(call)
    channel, status = given.pop("channel", None), given.pop("status", None)
    with call.world.lock:
        for name, value in given.items():
            if name not in {"name", "language", "picture_url", "status_message", "consented"}:
                raise ValueError(f"a resident has no {name!r}")
            setattr(resident, name, value)
        if status is not None:
            call.world.befriend(resident, status, channel)
    return Answer(resident.as_json())


def act(call: Call) -> Answer:
    """POST /_sim/residents/{id or name}/{act} {…}: an act with the arguments of the method of that name."""
    resident, name = call.world.resident(call.path[0]), call.path[1]
    if name not in ACTS:
        raise KeyError(f"no act {name!r}: choose one of {', '.join(ACTS)}")
    given = arguments(call)
    if "group" in given and given["group"] is not None:
        given["group"] = group_of(call, given["group"])
    if name == "file":
        given["body"] = base64.b64decode(given["body"])
        return Answer(resident.send_file(**given))
    result = getattr(resident, name)(**given)
    return Answer(result if isinstance(result, dict) else {"events": result})


def group_of(call: Call, group_id: str) -> Group:
    """Return a group by id."""
    return call.world.groups[group_id]


def add_group(call: Call) -> Answer:
    """POST /_sim/groups {name, members: [id or name], room?}."""
    given = arguments(call)
    members: list[Resident] = [call.world.resident(one) for one in given.pop("members", [])]
    return Answer(call.world.add_group(members=members, **given).as_json())


def get_chat(call: Call) -> Answer:
    """GET /_sim/chats/{channel}/{user, group or room id, or a resident's name}: the messages, oldest first."""
    world = call.world
    with world.lock:
        channel, chat = world.channel(call.path[0]).name, call.path[1]
        if chat not in world.groups:
            chat = world.resident(chat).id
        return Answer(world.chat(channel, chat).as_json())


def updates(call: Call) -> Answer:
    """GET /_sim/updates?since=N: what changed after version N (short polling)."""
    return Answer(call.world.updates(int(call.query("since", "0") or 0)))


def sends(call: Call) -> Answer:
    """GET /_sim/sends?since=N: every accepted send after number N, with retry key and request id."""
    with call.world.lock:
        found = call.world.sends.since(int(call.query("since", "0") or 0))
        return Answer({"total": call.world.sends.total, "sends": [send.as_json() for send in found]})


def traffic(call: Call) -> Answer:
    """GET /_sim/traffic?since=N&text=…&kind=api|webhook&limit=…: exchanges, searchable."""
    with call.world.lock:
        found = call.world.log.search(
            call.query("text") or "",
            call.query("kind") or "",
            int(call.query("since", "0") or 0),
            int(call.query("limit", "200") or 200),
        )
        return Answer({"total": call.world.log.total, "exchanges": [exchange.as_json() for exchange in found]})


def list_faults(call: Call) -> Answer:
    """GET /_sim/faults."""
    return Answer({"faults": [fault.as_json() for fault in call.world.faults.active]})


def add_fault(call: Call) -> Answer:
    """POST /_sim/faults {kind, endpoint?, times?, rate?, seconds?, channel?, message?}."""
    with call.world.lock:
        return Answer(call.world.faults.add(**arguments(call)).as_json())


def clear_faults(call: Call) -> Answer:
    """DELETE /_sim/faults."""
    with call.world.lock:
        call.world.faults.clear()
    return Answer()


def clock(call: Call) -> Answer:
    """GET /_sim/clock."""
    return Answer({"now": call.world.clock(), "can_travel": call.world.can_travel})


def advance(call: Call) -> Answer:
    """POST /_sim/clock {advance: seconds}: 409 where the clock belongs to someone else."""
    if not call.world.can_travel:
        raise LineError(409, "this simulator does not own its clock: move the time where it was started")
    return Answer({"now": call.world.advance(float(arguments(call)["advance"]))})


def reset(call: Call) -> Answer:
    """POST /_sim/reset {people?}: forget everything but the bots."""
    call.world.reset(**arguments(call))
    return Answer()


def hold(call: Call) -> Answer:
    """POST /_sim/webhooks/hold {channel?}."""
    with call.world.lock:
        call.world.webhooks.hold(**arguments(call))
    return Answer()


def release(call: Call) -> Answer:
    """POST /_sim/webhooks/release {channel?, order?, batch?, copies?, after?}."""
    with call.world.lock:
        return Answer({"released": call.world.webhooks.release(**arguments(call))})


def get_event(call: Call) -> Answer:
    """GET /_sim/events/{webhookEventId}: the event, and how its last delivery went (status null: not yet)."""
    with call.world.lock:
        sent = call.world.webhooks.find(call.path[0])
        return Answer(
            {
                "channel": sent.channel,
                "chat": sent.chat,
                "event": sent.event,
                "status": sent.status,
                "outcome": sent.outcome,
                "deliveries": sent.deliveries,
            }
        )


def redeliver(call: Call) -> Answer:
    """POST /_sim/events/{webhookEventId}/redeliver {after?}."""
    with call.world.lock:
        call.world.webhooks.redeliver(call.path[0], **arguments(call))
    return Answer()


def duplicate(call: Call) -> Answer:
    """POST /_sim/events/{webhookEventId}/duplicate {after?}."""
    with call.world.lock:
        call.world.webhooks.duplicate(call.path[0], **arguments(call))
    return Answer()


ROUTES = Routes(
    [
        Route(pattern, method, f"/_sim/{pattern}", handler)
        for method, pattern, handler in (
            ("GET", "state", overview),
            ("GET", "updates", updates),
            ("POST", "channels", add_channel),
            ("POST", "channels/{name}", change_channel),
            ("POST", "residents", add_resident),
            ("GET", "residents/{id}", get_resident),
            ("POST", "residents/{id}", change_resident),
            ("POST", "residents/{id}/{act}", act),
            ("POST", "groups", add_group),
            ("GET", "chats/{channel}/{id}", get_chat),
            ("GET", "sends", sends),
            ("GET", "traffic", traffic),
            ("GET", "faults", list_faults),
            ("POST", "faults", add_fault),
            ("DELETE", "faults", clear_faults),
            ("GET", "clock", clock),
            ("POST", "clock", advance),
            ("POST", "reset", reset),
            ("POST", "webhooks/hold", hold),
            ("POST", "webhooks/release", release),
            ("GET", "events/{id}", get_event),
            ("POST", "events/{id}/redeliver", redeliver),
            ("POST", "events/{id}/duplicate", duplicate),
        )
    ]
)
