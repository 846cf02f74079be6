"""LINE's rate table, row by row: so many calls pass, the next is 429, and the bucket fills with time."""

from __future__ import annotations

import pytest

from bot.simulator.api.all import ROUTES
from bot.simulator.client import Simulator
from bot.simulator.errors import LineError
from bot.simulator.rates import Rate, Rates
from tests.simulator.conftest import Api

EXCEEDED = {"message": "The API rate limit has been exceeded. Try again later."}
TABLE = {
    "narrowcast": (60, 3600),
    "broadcast": (60, 3600),
    "insight-delivery": (60, 3600),
    "insight-followers": (60, 3600),
    "insight-demographic": (60, 3600),
    "insight-event": (60, 3600),
    "insight-units": (60, 3600),
    "insight-richmenu-summary": (60, 3600),
    "insight-richmenu-daily": (60, 3600),
    "webhook-test": (60, 3600),
    "audience-create": (60, 60),
    "audience-create-file": (60, 60),
    "audience-add": (60, 60),
    "audience-add-file": (60, 60),
    "audience-click": (60, 60),
    "audience-imp": (60, 60),
    "audience-rename": (60, 60),
    "audience-delete": (60, 60),
    "audience-get": (60, 60),
    "audience-list": (60, 60),
    "audience-shared-get": (60, 60),
    "audience-shared-list": (60, 60),
    "webhook-set": (1000, 60),
    "webhook-get": (1000, 60),
    "richmenu-create": (100, 3600),
    "richmenu-delete": (100, 3600),
    "richmenu-alias-delete": (100, 3600),
    "richmenu-batch-progress": (100, 3600),
    "richmenu-batch": (3, 3600),
    "richmenu-list": (10, 1),
    "multicast": (200, 1),
    "membership-subscription": (200, 1),
    "membership-list": (200, 1),
    "coupon-create": (200, 1),
    "coupon-close": (200, 1),
    "coupon-list": (200, 1),
    "coupon-get": (200, 1),
    "loading": (100, 1),
    "token-short": (370, 1),
    "reply": (2000, 1),
    "push": (2000, 1),
    "profile": (2000, 1),
    "content": (2000, 1),
    "quota": (2000, 1),
}
FEW = {
    "narrowcast": ("POST", "/v2/bot/message/narrowcast", 60, 60.0),
    "broadcast": ("POST", "/v2/bot/message/broadcast", 60, 60.0),
    "insight": ("GET", "/v2/bot/insight/demographic", 60, 60.0),
    "audience": ("GET", "/v2/bot/audienceGroup/list", 60, 1.0),
    "rich menu creation": ("POST", "/v2/bot/richmenu", 100, 36.0),
    "rich menu batch": ("POST", "/v2/bot/richmenu/batch", 3, 1200.0),
    "audience creation": ("POST", "/v2/bot/audienceGroup/upload", 60, 1.0),
}


@pytest.mark.parametrize(("endpoint", "row"), TABLE.items(), ids=TABLE.keys())
def test_an_endpoint_has_the_rate_of_lines_table(endpoint: str, row: tuple[int, float]) -> None:
    rates = [one.rate for one in ROUTES.all if one.name == endpoint]

    assert rates == [Rate(row[0], float(row[1]))]


def test_every_other_endpoint_has_the_usual_2000_a_second() -> None:
    others = {one.name for one in ROUTES.all if one.rate != Rate(2000, 1.0)}

    assert others <= set(TABLE)


@pytest.mark.parametrize(("method", "path", "calls", "refill"), FEW.values(), ids=FEW.keys())
def test_calls_beyond_the_rate_are_429_until_the_bucket_has_filled_a_little(
    line: Simulator, api: Api, method: str, path: str, calls: int, refill: float
) -> None:
    answers = [api(method, path, {}) for _ in range(calls + 1)]
    assert all(one.status != 429 for one in answers[:calls])
    assert (answers[calls].status, answers[calls].json) == (429, EXCEEDED)
    assert "retry-after" not in answers[calls].headers

    line.advance(refill + 0.5)
    assert api(method, path, {}).status != 429


def test_the_rate_does_not_look_at_parameters_but_at_channel_and_method(line: Simulator, api: Api) -> None:
    for number in range(10):
        assert api("GET", f"/v2/bot/richmenu/list?n={number}").status == 200
    assert api("GET", "/v2/bot/richmenu/list").status == 429
    assert api("POST", "/v2/bot/richmenu/validate", {}).status == 400

    line.call("POST", "channels", {"name": "second", "secret": "s", "token": "second-token"})
    assert Api(line, "second-token")("GET", "/v2/bot/richmenu/list").status == 200


def test_a_burst_of_a_whole_period_passes_and_the_next_call_does_not() -> None:
    rates, rate = Rates(), Rate(2000, 1.0)
    for _ in range(2000):
        rates.take("push", rate, 100.0)
    with pytest.raises(LineError) as refused:
        rates.take("push", rate, 100.0)

    assert refused.value.status == 429
    rates.take("push", rate, 100.001)


def test_rates_can_be_switched_off_for_load_tests(line: Simulator, api: Api) -> None:
    line.configure(rate_limits=False)

    assert [api("GET", "/v2/bot/richmenu/list").status for _ in range(12)] == [200] * 12
