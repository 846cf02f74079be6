"""A bot for the page's tests: it notes the webhook events it gets and sends what the test tells it to send."""

from __future__ import annotations

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from bot.simulator.client import Person, Simulator

MESSAGES = Path(__file__).parent / "messages"
Json = dict[str, Any]


class Bot:
    """Answers every webhook with 200 and keeps its events."""

    def __init__(self, line: Simulator) -> None:
        self.line = line
        self.events: list[Json] = []
        events = self.events

        class Webhook(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                events.extend(json.loads(self.rfile.read(length))["events"])
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
                """Say nothing: the stand-in keeps the log."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Webhook)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()
        line.configure(webhook_url=f"http://127.0.0.1:{self._server.server_port}/webhook")

    def close(self) -> None:
        """Answer nothing more."""
        self.line.configure(webhook_url="")
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def push(self, to: Person | str, *messages: Json, silently: bool = False) -> None:
        """Send messages over the stand-in's Messaging API, which must accept them."""
        body = {"to": to if isinstance(to, str) else to.id, "messages": messages, "notificationDisabled": silently}
        status, answer = self.call("POST", "/v2/bot/message/push", body)
        assert status == 200, answer

    def call(self, method: str, path: str, body: Json) -> tuple[int, str]:
        """Make any call of the Messaging API."""
        status, _, answer = self.line.http(method, path, json.dumps(body).encode(), {"Authorization": "Bearer token"})
        return status, answer.decode()

    def got(self, kind: str) -> Json:
        """Return the latest event of a type, waiting for the first one."""

        def latest() -> Json | None:
            return next((event for event in reversed(self.events) if event["type"] == kind), None)

        event: Json = self.line.until(latest, f"an event {kind}")
        return event


def text(words: str, **more: Any) -> Json:
    """Return a text message."""
    return {"type": "text", "text": words, **more}


def press(label: str, data: str = "pressed", **more: Any) -> Json:
    """Return a postback action."""
    return {"type": "postback", "label": label, "data": data, **more}


def quick_replies(*actions: Json) -> Json:
    """Return a `quickReply` object with these actions."""
    return {"items": [{"type": "action", "action": action} for action in actions]}


def flex(contents: Json, alt: str = "お知らせ") -> Json:
    """Return a Flex Message."""
    return {"type": "flex", "altText": alt, "contents": contents}


def bubble(*components: Json, **more: Any) -> Json:
    """Return a Flex Message with one bubble whose body holds the components in a column."""
    return flex({"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": list(components)}, **more})


def stored(name: str) -> Json:
    """Return one of the messages a town would really send, kept as JSON beside the tests."""
    message: Json = json.loads((MESSAGES / f"{name}.json").read_text(encoding="utf-8"))
    return message
