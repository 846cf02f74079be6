"""The month's quota, what of it is used, and how much was sent by which kind of send on a day."""

from __future__ import annotations

import datetime as dt

from bot.simulator.api.routes import Handler, Route
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError
from bot.simulator.statistics import day

FIRST_DAY = "20180331"


def quota(call: Call) -> Answer:
    """GET /v2/bot/message/quota: `none`, or `limited` with the number of messages."""
    limit = call.channel.quota.limit
    return Answer({"type": "none"} if limit is None else {"type": "limited", "value": limit})


def consumption(call: Call) -> Answer:
    """GET /v2/bot/message/quota/consumption: counted messages of this month."""
    call.channel.quota.turn(call.now)
    return Answer({"totalUsage": call.channel.quota.used})


def date_of(call: Call, name: str = "date") -> str:
    """Return a date parameter as `yyyyMMdd`, or refuse it with 400."""
    date = call.query(name) or ""
    try:
        dt.date.fromisoformat(f"{date[:4]}-{date[4:6]}-{date[6:]}")
    except ValueError as error:
        raise LineError(400, f"The value for the '{name}' parameter is invalid") from error
    return date


def delivered(kind: str) -> Handler:
    """Return the endpoint that tells a day's number of one kind of send: ready from the next day on."""

    def count(call: Call) -> Answer:
        date = date_of(call)
        if date < FIRST_DAY:
            return Answer({"status": "out_of_service"})
        if date >= day(call.now):
            return Answer({"status": "unready"})
        return Answer({"status": "ready", "success": call.channel.statistics.sent.get((kind, date), 0)})

    return count


ROUTES = [
    Route("quota", "GET", "/v2/bot/message/quota", quota),
    Route("quota-consumption", "GET", "/v2/bot/message/quota/consumption", consumption),
    *(
        Route(f"delivery-{kind}", "GET", f"/v2/bot/message/delivery/{kind}", delivered(kind))
        for kind in ("reply", "push", "multicast", "broadcast")
    ),
]
