"""Narrowcast: accepted at once, worked on for a while, holding back the quota of its whole reach meanwhile."""

from __future__ import annotations

from typing import Any

from bot.simulator.api.addressing import check_flags, friends
from bot.simulator.api.messaging import accept, checked, deliver
from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError, Problem, invalid_body, not_found
from bot.simulator.rates import HOUR, Rate
from bot.simulator.statistics import Narrowcast
from bot.simulator.times import iso

WAITING_SECONDS = 2.0
SENDING_SECONDS = 10.0
KNOWN_FOR = 14 * 24 * 3600.0
LEAST_RECIPIENTS = 50
LEAST_REACH = 100


def narrowcast(call: Call) -> Answer:
    """POST /v2/bot/message/narrowcast: 202; ask for the progress by request id."""
    body = call.json()
    check_flags(body)
    messages = checked(call, body)
    everyone = friends(call)
    if len(everyone) < LEAST_REACH and (body.get("recipient") or body.get("filter")):
        raise LineError(403, "Your account does not have enough friends")
    addressed = chosen(call, body.get("recipient"), "recipient", everyone)
    wanted = [one for one in everyone if one in addressed]
    most = limit_of(body)
    call.channel.quota.check(len(everyone), call.now)
    code, reason = 0, ""
    if len(wanted) < LEAST_RECIPIENTS:
        code, reason, wanted = 2, "There weren't enough recipients", []
    wanted = wanted if most is None else wanted[:most]
    call.channel.quota.spend(len(wanted), call.now)
    call.channel.quota.reserve(len(everyone) - len(wanted), call.now + SENDING_SECONDS)
    if wanted:
        deliver(call, wanted, messages, silent=body.get("notificationDisabled", False))
    call.channel.statistics.keep(call.request_id, Narrowcast(call.now, len(wanted), len(wanted), code, reason))
    accept(call, None)
    return Answer(status=202)


def limit_of(body: dict[str, Any]) -> int | None:
    """Return the most recipients a narrowcast asks for."""
    limit = body.get("limit")
    most = limit.get("max") if isinstance(limit, dict) else None
    if most is not None and (not isinstance(most, int) or isinstance(most, bool) or most < 1):
        raise invalid_body([Problem("must be greater than 0", "limit.max")])
    if isinstance(limit, dict) and limit.get("forbidPartialDelivery") and not limit.get("upToRemainingQuota"):
        raise LineError(400, "The option forbidPartialDelivery must be used with upToRemainingQuota.")
    return most


def chosen(call: Call, recipient: Any, path: str, everyone: list[str]) -> set[str]:
    """Return the users a recipient object stands for: audiences, earlier sends, and/or/not of them."""
    if recipient is None:
        return set(everyone)
    if not isinstance(recipient, dict):
        raise invalid_body([Problem("Must be an object", path)])
    kind = recipient.get("type")
    if kind == "audience":
        number = recipient.get("audienceGroupId")
        audience = call.channel.audiences.get(number) if isinstance(number, int) else None
        if audience is None or audience.status(call.now) != "READY":
            raise LineError(400, f"Invalid audience group id: {number}")
        return set(audience.members)
    if kind == "redelivery":
        past = [send for send in call.world.sends.since() if send.request_id == recipient.get("requestId")]
        if not past:
            raise LineError(400, f"Invalid request id: {recipient.get('requestId')}")
        return {one for send in past for one in send.delivered}
    if kind == "operator":
        return combined(call, recipient, path, everyone)
    raise invalid_body(
        [Problem("Must be one of the following values: [audience, redelivery, operator]", f"{path}.type")]
    )


def combined(call: Call, operator: dict[str, Any], path: str, everyone: list[str]) -> set[str]:
    """Return the users of a logical operator."""
    if "not" in operator:
        return set(everyone) - chosen(call, operator["not"], f"{path}.not", everyone)
    name = "and" if "and" in operator else "or"
    parts = operator.get(name)
    if not isinstance(parts, list) or not 1 <= len(parts) <= 10:
        raise invalid_body([Problem("Size must be between 1 and 10", f"{path}.{name}")])
    sets = [chosen(call, one, f"{path}.{name}[{index}]", everyone) for index, one in enumerate(parts)]
    return set.intersection(*sets) if name == "and" else set.union(*sets)


def progress(call: Call) -> Answer:
    """GET /v2/bot/message/progress/narrowcast?requestId=…: for 14 days."""
    request_id = call.query("requestId")
    if not request_id:
        raise LineError(400, "The value for the 'requestId' parameter is invalid")
    found = call.channel.statistics.narrowcasts.get(request_id)
    if found is None or call.now - found.accepted > KNOWN_FOR:
        raise not_found()
    age = call.now - found.accepted
    accepted = {"acceptedTime": iso(found.accepted)}
    if age < WAITING_SECONDS:
        return Answer({"phase": "waiting", **accepted})
    counts = {"successCount": found.success, "failureCount": found.target - found.success, "targetCount": found.target}
    if age < SENDING_SECONDS:
        return Answer({"phase": "sending", **counts, **accepted})
    completed = accepted | {"completedTime": iso(found.accepted + SENDING_SECONDS)}
    if found.error_code:
        failed = {"failedDescription": found.description, "errorCode": found.error_code}
        return Answer({"phase": "failed", **counts, **failed, **completed})
    return Answer({"phase": "succeeded", **counts, **completed})


ROUTES = [
    Route("narrowcast", "POST", "/v2/bot/message/narrowcast", narrowcast, Rate(60, HOUR), retry_key=True),
    Route("narrowcast-progress", "GET", "/v2/bot/message/progress/narrowcast", progress),
]
