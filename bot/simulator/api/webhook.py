"""The webhook settings a bot may read, change and test over the API."""

from __future__ import annotations

import threading
import urllib.parse
from typing import Any

from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.errors import LineError
from bot.simulator.rates import HOUR, MINUTE, Rate
from bot.simulator.times import iso

URL_MOST = 500


def get_endpoint(call: Call) -> Answer:
    """GET /v2/bot/channel/webhook/endpoint."""
    if not call.channel.webhook_url:
        raise LineError(404, "Webhook endpoint not found")
    return Answer({"endpoint": call.channel.webhook_url, "active": call.channel.webhook_active})


def set_endpoint(call: Call) -> Answer:
    """PUT /v2/bot/channel/webhook/endpoint: https, at most 500 characters; http on loopback is the stand-in's own leave."""
    url = call.json().get("endpoint")
    check_url(url)
    call.channel.webhook_url = str(url)
    return Answer()


def check_url(url: Any) -> None:
    """Refuse what is no webhook URL."""
    if not isinstance(url, str) or not url or len(url) > URL_MOST:
        raise LineError(400, "Invalid webhook endpoint URL")
    target = urllib.parse.urlsplit(url)
    local = target.hostname in {"127.0.0.1", "localhost", "::1"}
    if target.scheme != "https" and not (target.scheme == "http" and local):
        raise LineError(400, "Invalid webhook endpoint URL")


def test_endpoint(call: Call) -> Answer:
    """POST /v2/bot/channel/webhook/test: sends a webhook without events and tells how it went."""
    given = call.json() if call.body else {}
    url = given.get("endpoint") or call.channel.webhook_url
    if not url:
        raise LineError(404, "Webhook endpoint not found")
    check_url(url)
    answered = threading.Event()
    result: list[tuple[int, str]] = []

    def done(status: int, outcome: str) -> None:
        result.append((status, outcome))
        answered.set()

    call.world.webhooks.verify(call.channel.name, done, url=url)
    answered.wait(call.channel.webhook_timeout + 5)
    status, outcome = result[0] if result else (0, "request_timeout")
    details = {"could_not_connect": "Failure to connect", "request_timeout": "Request timeout", "unclassified": "N/A"}
    return Answer(
        {
            "success": not outcome,
            "timestamp": iso(call.now),
            "statusCode": status,
            "reason": outcome.upper() or "OK",
            "detail": details.get(outcome, str(status)),
        }
    )


ROUTES = [
    Route("webhook-get", "GET", "/v2/bot/channel/webhook/endpoint", get_endpoint, Rate(1000, MINUTE)),
    Route("webhook-set", "PUT", "/v2/bot/channel/webhook/endpoint", set_endpoint, Rate(1000, MINUTE)),
    Route("webhook-test", "POST", "/v2/bot/channel/webhook/test", test_endpoint, Rate(60, HOUR), locked=False),
]
