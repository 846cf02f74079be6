"""Webhooks by hand: any event, held back, released, again, twice, raw."""

from __future__ import annotations

import base64

from bot.simulator.acts import source_of
from bot.simulator.api.routes import Handler
from bot.simulator.calls import Answer, Call
from bot.simulator.controls.arguments import arguments, group_of, named

PATIENCE = 60.0


def emit(call: Call) -> Answer:
    """POST webhooks/emit {type, payload?, resident?, group?, channel?, reply?, mode?, after?}: an event of any type."""
    given, world = arguments(call), call.world
    resident = world.resident(given["resident"]) if given.get("resident") else None
    group = group_of(call, given["group"]) if given.get("group") else None
    source = source_of(resident, group) if resident or group else None
    chat = group.id if group else resident.id if resident else ""
    return Answer(
        world.acts.emit(
            given["type"],
            given.get("payload", {}),
            channel=world.channel(given.get("channel")),
            chat=chat,
            source=source,
            reply=bool(given.get("reply", False)),
            mode=given.get("mode"),
            after=float(given.get("after", 0.0)),
        )
    )


def hold(call: Call) -> Answer:
    """POST webhooks/hold {channel?}."""
    with call.world.lock:
        call.world.webhooks.hold(**arguments(call))
    return Answer()


def release(call: Call) -> Answer:
    """POST webhooks/release {channel?, order?: "as sent"|"reversed"|"shuffled"|[positions], batch?, copies?, after?}."""
    with call.world.lock:
        return Answer({"released": call.world.webhooks.release(**arguments(call))})


def verify(call: Call) -> Answer:
    """POST webhooks/verify {channel?}: what the console's Verify button sends."""
    call.world.webhooks.verify(**arguments(call))
    return Answer()


def raw(call: Call) -> Answer:
    """POST webhooks/raw {body: text, or base64: …, signature?, headers?, channel?}: any bytes."""
    given = arguments(call)
    body = base64.b64decode(given.pop("base64")) if "base64" in given else str(given.pop("body")).encode()
    call.world.webhooks.raw(body, **given)
    return Answer()


def idle(call: Call) -> Answer:
    """GET webhooks/idle?timeout=10: wait until nothing is under way."""
    timeout = min(float(call.query("timeout") or 10), PATIENCE)
    return Answer({"idle": call.world.postman.wait_idle(timeout)})


def get_event(call: Call) -> Answer:
    """GET events/{webhookEventId}: the event, and how its last delivery went (status null: not yet)."""
    with call.world.lock:
        sent = call.world.webhooks.find(named(call))
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
    """POST events/{webhookEventId}/redeliver {after?}: the same again with isRedelivery true."""
    with call.world.lock:
        call.world.webhooks.redeliver(named(call), **arguments(call))
    return Answer()


def duplicate(call: Call) -> Answer:
    """POST events/{webhookEventId}/duplicate {after?}: the same again, unchanged."""
    with call.world.lock:
        call.world.webhooks.duplicate(named(call), **arguments(call))
    return Answer()


CALLS: list[tuple[str, str, Handler]] = [
    ("POST", "webhooks/emit", emit),
    ("POST", "webhooks/hold", hold),
    ("POST", "webhooks/release", release),
    ("POST", "webhooks/verify", verify),
    ("POST", "webhooks/raw", raw),
    ("GET", "webhooks/idle", idle),
    ("GET", "events/{id}", get_event),
    ("POST", "events/{id}/redeliver", redeliver),
    ("POST", "events/{id}/duplicate", duplicate),
]
