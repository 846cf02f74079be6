"""Coupons and memberships, as far as messages and events refer to them."""

from __future__ import annotations

from typing import Any

from bot.simulator.api.addressing import check_user_id
from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError, Problem, invalid_body, not_found
from bot.simulator.rates import Rate

PACE = Rate(200, 1.0)
COUPONS_MOST = 1000


def create(call: Call) -> Answer:
    """POST /v2/bot/coupon."""
    body = call.json()
    if not isinstance(body.get("title"), str) or not 1 <= len(body["title"]) <= 60:
        raise invalid_body([Problem("Size must be between 1 and 60", "title")])
    if len(call.channel.coupons) >= COUPONS_MOST:
        raise invalid_body([Problem("You have too many coupons created.", "")])
    coupon_id = call.world.ids.hex()
    call.channel.coupons[coupon_id] = body | {"couponId": coupon_id, "status": "RUNNING"}
    return Answer({"couponId": coupon_id})


def get_list(call: Call) -> Answer:
    """GET /v2/bot/coupon."""
    found = [{"couponId": key, "title": one["title"]} for key, one in call.channel.coupons.items()]
    return Answer({"items": found})


def get(call: Call) -> Answer:
    """GET /v2/bot/coupon/{couponId}."""
    return Answer(coupon_of(call))


def coupon_of(call: Call) -> dict[str, Any]:
    """Return the coupon of the path, or 404."""
    coupon = call.channel.coupons.get(call.path[0])
    if coupon is None:
        raise LineError(404, "The request body has 1 error(s)", [Problem("coupon not found", "")])
    return coupon


def close(call: Call) -> Answer:
    """PUT /v2/bot/coupon/{couponId}/close."""
    coupon = coupon_of(call)
    if coupon["status"] == "CLOSED":
        raise LineError(410, "The request body has 1 error(s)", [Problem("The coupon has already been closed.", "")])
    coupon["status"] = "CLOSED"
    return Answer()


def memberships(call: Call) -> Answer:
    """GET /v2/bot/membership/list: the plans the bot offers."""
    if not call.channel.memberships:
        raise LineError(404, "Membership plan not found")
    return Answer({"memberships": call.channel.memberships})


def subscription(call: Call) -> Answer:
    """GET /v2/bot/membership/subscription/{userId}: nobody here pays for a membership."""
    check_user_id(call.path[0])
    raise not_found()


def members(call: Call) -> Answer:
    """GET /v2/bot/membership/{membershipId}/users/ids: nobody."""
    if call.path[0] not in {str(one.get("membershipId")) for one in call.channel.memberships}:
        raise LineError(404, "Membership ID is not found")
    return Answer({"userIds": []})


ROUTES = [
    Route("coupon-create", "POST", "/v2/bot/coupon", create, PACE),
    Route("coupon-list", "GET", "/v2/bot/coupon", get_list, PACE),
    Route("coupon-get", "GET", "/v2/bot/coupon/{couponId}", get, PACE),
    Route("coupon-close", "PUT", "/v2/bot/coupon/{couponId}/close", close, PACE),
    Route("membership-list", "GET", "/v2/bot/membership/list", memberships, PACE),
    Route("membership-subscription", "GET", "/v2/bot/membership/subscription/{userId}", subscription, PACE),
    Route("membership-users", "GET", "/v2/bot/membership/{membershipId}/users/ids", members),
]
