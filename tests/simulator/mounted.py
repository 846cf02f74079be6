"""A bot with the stand-in under a prefix of its own server, as the demo has it; it echoes within its webhook."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Iterable
from typing import Any

from werkzeug.middleware.dispatcher import DispatcherMiddleware

from bot.simulator import create_app
from bot.simulator.clock import Clock
from bot.simulator.world import World

WORLD = World(Clock(time.time))
WORLD.add_channel(secret="secret", token="token")


def bot(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """Answer each text with itself, by a call to the very process that sent it."""
    port = environ["SERVER_PORT"]
    for event in json.loads(environ["wsgi.input"].read())["events"]:
        body = {"replyToken": event["replyToken"], "messages": [{"type": "text", "text": event["message"]["text"]}]}
        connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=60)
        headers = {"Authorization": "Bearer token", "Content-Type": "application/json"}
        connection.request("POST", "/simulator/v2/bot/message/reply", json.dumps(body), headers)
        connection.getresponse().read()
        connection.close()
    start_response("200 OK", [("Content-Length", "0")])
    return [b""]


app = DispatcherMiddleware(bot, {"/simulator": create_app(WORLD)})
