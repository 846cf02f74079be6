"""Insight: followers, deliveries, and the units messages were sent under; counted from what the stand-in saw."""

from __future__ import annotations

import datetime as dt

from bot.simulator.api.addressing import friends
from bot.simulator.api.consumption import FIRST_DAY, date_of
from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError, not_found
from bot.simulator.people import BLOCKED
from bot.simulator.rates import HOUR, Rate
from bot.simulator.statistics import UNIT_NAMES_MOST, day

PACE = Rate(60, HOUR)


def readiness(call: Call) -> str:
    """Return LINE's status for the `date` of a call."""
    if not call.query("date"):
        raise LineError(400, "date is required")
    try:
        date = date_of(call)
    except LineError as error:
        raise LineError(400, "Bad Request") from error
    return "out_of_service" if date < FIRST_DAY else "unready" if date >= day(call.now) else "ready"


def followers(call: Call) -> Answer:
    """GET /v2/bot/insight/followers?date=…"""
    status = readiness(call)
    if status != "ready":
        return Answer({"status": status})
    name = call.channel.name
    blocks = sum(
        1
        for one in call.world.residents.values()
        if name in one.friendships and one.friendships[name].status == BLOCKED
    )
    reached = len(friends(call))
    return Answer({"status": status, "followers": reached + blocks, "targetedReaches": reached, "blocks": blocks})


def deliveries(call: Call) -> Answer:
    """GET /v2/bot/insight/message/delivery?date=…"""
    status = readiness(call)
    if status != "ready":
        return Answer({"status": status})
    names = {
        "broadcast": "apiBroadcast",
        "push": "apiPush",
        "multicast": "apiMulticast",
        "narrowcast": "apiNarrowcast",
        "reply": "apiReply",
    }
    sent, date = call.channel.statistics.sent, date_of(call)
    counts = {name: sent[kind, date] for kind, name in names.items() if (kind, date) in sent}
    return Answer({"status": status, **counts})


def demographic(_call: Call) -> Answer:
    """GET /v2/bot/insight/demographic: unavailable below LINE's threshold, as it always is here."""
    return Answer({"available": False})


def events(call: Call) -> Answer:
    """GET /v2/bot/insight/message/event?requestId=…: of narrowcasts and broadcasts; numbers below 20 stay hidden."""
    request_id = call.query("requestId")
    if not request_id:
        raise LineError(400, "The value for the 'requestId' parameter is invalid")
    sends = [one for one in call.world.sends.since() if one.request_id == request_id]
    if not sends:
        raise not_found()
    overview = {
        "requestId": request_id,
        "timestamp": int(sends[0].at),
        "delivered": len(sends[0].delivered),
        "uniqueImpression": None,
        "uniqueClick": None,
        "uniqueMediaPlayed": None,
        "uniqueMediaPlayed100Percent": None,
    }
    return Answer({"overview": overview, "messages": [], "clicks": []})


def unit_statistics(call: Call) -> Answer:
    """GET /v2/bot/insight/message/event/aggregation?customAggregationUnit=…&from=…&to=…"""
    if not call.query("customAggregationUnit"):
        raise LineError(400, "The value for the 'customAggregationUnit' parameter is invalid")
    hidden = ("uniqueImpression", "uniqueClick", "uniqueMediaPlayed", "uniqueMediaPlayed100Percent")
    return Answer({"overview": dict.fromkeys(hidden), "messages": [], "clicks": []})


def rich_menu(call: Call) -> Answer:
    """GET /v2/bot/insight/richmenu/{richMenuId}/summary or daily: below LINE's threshold only the id is told."""
    if call.path[0] not in call.channel.menus.menus:
        raise not_found()
    most = 396 if call.endpoint.endswith("summary") else 99
    first, last = (period(call, name) for name in ("from", "to"))
    if last < first:
        raise LineError(400, "Parameter to must be the same date as, or after parameter from.")
    if (last - first).days > most:
        raise LineError(400, f"Date range exceeds. Max range is {most} days.")
    return Answer({"richMenuId": call.path[0]})


def period(call: Call, name: str) -> dt.date:
    """Return one end of a period, or refuse it as these endpoints do."""
    try:
        return dt.datetime.strptime(date_of(call, name), "%Y%m%d").date()  # noqa: DTZ007 - a calendar day of Japan
    except LineError as error:
        raise LineError(400, "Bad Request") from error


def unit_count(call: Call) -> Answer:
    """GET /v2/bot/message/aggregation/info: how many names were assigned this month."""
    return Answer({"numOfCustomAggregationUnits": len(units(call))})


def units(call: Call) -> list[str]:
    """Return this month's unit names."""
    return list(call.channel.statistics.units.get(day(call.now)[:6], {}))


def unit_list(call: Call) -> Answer:
    """GET /v2/bot/message/aggregation/list?limit=100&start=…"""
    limit = call.query("limit", "100") or ""
    if not limit.isdecimal() or not 1 <= int(limit) <= UNIT_NAMES_MOST:
        raise LineError(400, "The value for the 'limit' parameter is invalid")
    token = call.query("start") or "0"
    if not token.isdecimal():
        raise LineError(400, "Invalid start param")
    start = int(token)
    names = units(call)
    following = {"next": str(start + int(limit))} if start + int(limit) < len(names) else {}
    return Answer({"customAggregationUnits": names[start : start + int(limit)], **following})


ROUTES = [
    Route("insight-followers", "GET", "/v2/bot/insight/followers", followers, PACE),
    Route("insight-delivery", "GET", "/v2/bot/insight/message/delivery", deliveries, PACE),
    Route("insight-demographic", "GET", "/v2/bot/insight/demographic", demographic, PACE),
    Route("insight-event", "GET", "/v2/bot/insight/message/event", events, PACE),
    Route("insight-units", "GET", "/v2/bot/insight/message/event/aggregation", unit_statistics, PACE),
    Route("insight-richmenu-summary", "GET", "/v2/bot/insight/richmenu/{richMenuId}/summary", rich_menu, PACE),
    Route("insight-richmenu-daily", "GET", "/v2/bot/insight/richmenu/{richMenuId}/daily", rich_menu, PACE),
    Route("unit-count", "GET", "/v2/bot/message/aggregation/info", unit_count),
    Route("unit-list", "GET", "/v2/bot/message/aggregation/list", unit_list),
]
