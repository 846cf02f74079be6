"""The stand-in as a process, a bot that only writes down what it is sent, and raw HTTP between them."""

from __future__ import annotations

import http.server
import json
import random
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from bot.simulator.client import PATIENCE, Simulator
from bot.simulator.clock import Clock
from bot.simulator.people import Resident
from bot.simulator.world import World

SECRET = "8c570fa6dd201bb328f1c1eac23a96d8"
TOKEN = "token-of-the-bot"
NOON = 1_800_000_000.0


@dataclass
class Webhook:
    """One request the bot got."""

    body: bytes
    headers: dict[str, str]

    @property
    def events(self) -> list[dict[str, Any]]:
        """Return the events in it."""
        return list(json.loads(self.body)["events"])


@dataclass
class Bot:
    """A bot that answers `status` after `delay` seconds and keeps every webhook."""

    url: str = ""
    status: int = 200
    delay: float = 0.0
    webhooks: list[Webhook] = field(default_factory=list)

    def wait(self, count: int = 1, patience: float = PATIENCE) -> list[Webhook]:
        """Wait for so many webhooks and return them all."""
        deadline = time.monotonic() + patience
        while len(self.webhooks) < count:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{len(self.webhooks)} of {count} webhooks came")
            time.sleep(0.01)
        return list(self.webhooks)

    def events(self, count: int = 1) -> list[dict[str, Any]]:
        """Wait for so many webhooks and return their events."""
        return [event for webhook in self.wait(count) for event in webhook.events]


@dataclass(frozen=True)
class Answer:
    """What the API answered."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        """Return the body's JSON object."""
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def properties(self) -> list[str]:
        """Return the paths of what was refused."""
        return [one["property"] for one in self.json.get("details", [])]


@dataclass(frozen=True)
class Api:
    """LINE's API by raw HTTP."""

    line: Simulator
    token: str = TOKEN

    def __call__(self, method: str, path: str, body: Any = None, headers: dict[str, str] | None = None) -> Answer:
        """Make one call; a dict goes as JSON, bytes go as they are."""
        raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        sending = {"Authorization": f"Bearer {self.token}"} | (headers or {})
        return Answer(*self.line.http(method, path, raw, sending))

    def push(self, to: str, *messages: dict[str, Any], key: str | None = None, **more: Any) -> Answer:
        """Push messages."""
        headers = {"X-Line-Retry-Key": key} if key else {}
        return self("POST", "/v2/bot/message/push", {"to": to, "messages": list(messages), **more}, headers)

    def reply(self, token: str, *messages: dict[str, Any], **headers: str) -> Answer:
        """Reply with messages."""
        body = {"replyToken": token, "messages": list(messages)}
        return self(
            "POST", "/v2/bot/message/reply", body, {name.replace("_", "-"): one for name, one in headers.items()}
        )


@pytest.fixture(scope="session")
def bot_server() -> Iterator[Bot]:
    """The recording bot, listening."""
    bot = Bot()

    class Handler(http.server.BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            # Read before the webhook shows: a test that saw it may set the next one's answer at once.
            status, delay = bot.status, bot.delay
            bot.webhooks.append(Webhook(body, {name.lower(): value for name, value in self.headers.items()}))
            time.sleep(delay)
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name is the library's
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    bot.url = f"http://127.0.0.1:{server.server_port}/webhook"
    yield bot
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="session")
def process(bot_server: Bot) -> Iterator[Simulator]:
    """One simulator for the whole run of this worker; its time moves when a test moves it."""
    options = ("--channel-id", "1660000000", "--bot-user-id", "U8e742f61d673b39c7fff3cecb7536ef0", "--still")
    with Simulator.start(webhook=bot_server.url, secret=SECRET, token=TOKEN, options=options) as line:
        yield line


@pytest.fixture
def line(process: Simulator, bot_server: Bot) -> Iterator[Simulator]:
    """The simulator as new: nobody in it, the settings LINE begins with, only more patient with a bot on a busy machine."""
    process.reset()
    # A redelivery of the test before may have been on its way.
    assert process.settled()
    process.configure(
        webhook_url=bot_server.url,
        webhook_active=True,
        webhook_timeout=60.0,
        redelivery=False,
        redelivery_after=[0.05, 0.05, 0.05],
        premium=False,
        chat_mode="bot",
        quota_limit=None,
        quota_used=0,
        rate_limits=True,
        issue=TOKEN,
    )
    bot_server.webhooks.clear()
    bot_server.status, bot_server.delay = 200, 0.0
    yield process
    process.settled()


@pytest.fixture
def bot(line: Simulator, bot_server: Bot) -> Bot:
    """The recording bot, with nothing recorded yet."""
    return bot_server


@pytest.fixture
def api(line: Simulator) -> Api:
    """LINE's API with the bot's token."""
    return Api(line)


@pytest.fixture
def world() -> Iterator[World]:
    """A world of this process, with one bot and a clock that stands still unless it is moved."""
    clock = Clock(lambda: NOON)
    world = World(clock, advance=clock.advance, rng=random.Random(7))
    world.add_channel(secret="secret", display_name="みどり町")
    yield world
    world.close()


@pytest.fixture
def hanako(world: World) -> Resident:
    """A friend of that bot."""
    return world.add_resident("花子", friend_of="main")


def text(words: str = "こんにちは") -> dict[str, Any]:
    """Return a text message."""
    return {"type": "text", "text": words}
