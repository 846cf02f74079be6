"""The setting of a test: channels, clock, faults, reset."""

from __future__ import annotations

from typing import Any

from bot.simulator.api.routes import Handler
from bot.simulator.calls import Answer, Call
from bot.simulator.channels import Channel
from bot.simulator.controls.arguments import arguments, named
from bot.simulator.errors import LineError
from bot.simulator.faults import KINDS

SETTINGS = frozenset(
    {"webhook_url", "webhook_active", "webhook_timeout", "redelivery", "redelivery_after", "premium", "chat_mode"}
    | {"display_name", "any_token", "secrets"}
)


def state(call: Call) -> Answer:
    """GET state: channels, residents, groups, chats, time and version."""
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


def add_channel(call: Call) -> Answer:
    """POST channels {name, secret, token?, webhook_url?, channel_id?, bot_user_id?, display_name?}."""
    return Answer(call.world.add_channel(**arguments(call)).as_json())


def change_channel(call: Call) -> Answer:
    """POST channels/{name} {any setting, quota_limit?, quota_used?, rate_limits?, revoke?: token, issue?: token}."""
    channel = call.world.channel(named(call))
    with call.world.lock:
        for name, value in arguments(call).items():
            change(channel, name, value)
    return Answer(channel.as_json())


def change(channel: Channel, name: str, value: Any) -> None:
    """Change one setting of a channel."""
    if name in {"quota_limit", "quota_used"}:
        setattr(channel.quota, name.removeprefix("quota_"), value)
    elif name == "rate_limits":
        channel.rates.enforced = value
    elif name == "issue":
        channel.issue(value, None)
    elif name == "revoke":
        channel.tokens.pop(value, None)
        channel.any_token = False
    elif name in SETTINGS:
        setattr(channel, name, tuple(value) if name == "redelivery_after" else value)
    else:
        names = sorted({*SETTINGS, "quota_limit", "quota_used", "rate_limits", "issue", "revoke"})
        raise ValueError(f"no setting {name!r}: choose one of {', '.join(names)}")


def clock(call: Call) -> Answer:
    """GET clock."""
    return Answer({"now": call.world.clock(), "can_travel": call.world.can_travel})


def advance(call: Call) -> Answer:
    """POST clock {advance: seconds}: 409 where the clock belongs to someone else."""
    if not call.world.can_travel:
        raise LineError(409, "this simulator does not own its clock: move the time where it was started")
    return Answer({"now": call.world.advance(float(arguments(call)["advance"]))})


def reset(call: Call) -> Answer:
    """POST reset {people?: true}: forget everything but the bots (and the people, with false)."""
    call.world.reset(**arguments(call))
    return Answer()


def list_faults(call: Call) -> Answer:
    """GET faults: those in force, and the kinds there are."""
    with call.world.lock:
        return Answer({"faults": [fault.as_json() for fault in call.world.faults.active], "kinds": sorted(KINDS)})


def add_fault(call: Call) -> Answer:
    """POST faults {kind, endpoint?: "*", times?: 1 or null, rate?: 1.0, seconds?, channel?, message?}."""
    with call.world.lock:
        return Answer(call.world.faults.add(**arguments(call)).as_json())


def clear_faults(call: Call) -> Answer:
    """DELETE faults."""
    with call.world.lock:
        call.world.faults.clear()
    return Answer()


def endpoints(_call: Call) -> Answer:
    """GET endpoints: the names that faults know."""
    from bot.simulator.api.all import ROUTES

    return Answer({"endpoints": ROUTES.names})


CALLS: list[tuple[str, str, Handler]] = [
    ("GET", "state", state),
    ("POST", "channels", add_channel),
    ("POST", "channels/{name}", change_channel),
    ("GET", "clock", clock),
    ("POST", "clock", advance),
    ("POST", "reset", reset),
    ("GET", "faults", list_faults),
    ("POST", "faults", add_fault),
    ("DELETE", "faults", clear_faults),
    ("GET", "endpoints", endpoints),
]
