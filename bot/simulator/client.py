"""A stand-in for LINE as a process of its own, for the tests of any LINE bot.

    with Simulator.start(webhook="http://127.0.0.1:8000/callback", secret="…") as line:
        hanako = line.resident("花子")
        hanako.say("こんにちは")
        assert hanako.wait_for("ようこそ")

Every wait is bounded; a wait in vain raises `TimeoutError` and says what the chat held.
"""

from __future__ import annotations

import base64
import http.client
import json
import select
import subprocess
import sys
import threading
import time
import urllib.parse
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

Json = dict[str, Any]
PATIENCE = 60.0
"""Seconds a wait takes at most unless told otherwise: it costs nothing where all is well, and a busy machine may stall for long."""

PAUSE = 0.02
STOP_SECONDS = 30.0


class ControlError(Exception):
    """The simulator refused a control call; the message says why."""


class Simulator:
    """A running simulator, reached over its control API. `url` is the base for the bot's LINE_API_BASE."""

    def __init__(self, url: str, process: subprocess.Popen[str] | None = None) -> None:
        self.url = url.rstrip("/")
        self._process = process
        self._target = urllib.parse.urlsplit(self.url)
        self._idle: deque[http.client.HTTPConnection] = deque()

    @classmethod
    def start(
        cls,
        *,
        webhook: str = "",
        secret: str = "secret",  # noqa: S107 - the stand-in's own default, it guards nothing
        token: str | None = None,
        port: int = 0,
        options: tuple[str, ...] = (),
        patience: float = PATIENCE,
    ) -> Self:
        """Start a process and wait until it listens; `options` are more of `madoguchi simulator --help`.

        Raises:
            RuntimeError: when it ends or says nothing within `patience` seconds.
        """
        command = [
            sys.executable,
            "-m",
            "bot.simulator",
            "--port",
            str(port),
            "--secret",
            secret,
            "--webhook",
            webhook,
            "--attached",
        ]
        if token is not None:
            command += ["--token", token]
        process = subprocess.Popen([*command, *options], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)  # noqa: S603 - our own module
        timer = threading.Timer(patience, process.kill)
        timer.start()
        try:
            line = process.stdout.readline() if process.stdout else ""
        finally:
            timer.cancel()
        if not line.startswith("simulator on "):
            process.kill()
            process.wait()
            raise RuntimeError(f"the simulator did not start: run {' '.join(command)} by hand to see why")
        return cls(line.removeprefix("simulator on ").strip(), process)

    @property
    def address(self) -> tuple[str, int]:
        """Return host and port."""
        return self._target.hostname or "127.0.0.1", self._target.port or 80

    @property
    def pid(self) -> int:
        """Return the process id (0 when this object did not start it)."""
        return self._process.pid if self._process else 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if this object started it."""
        while self._idle:
            self._idle.pop().close()
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            if self._process.stdout:
                self._process.stdout.close()

    def call(self, method: str, path: str, body: Json | None = None) -> Json:
        """Make one control call (`path` after `/_sim/`) and return its JSON.

        Raises:
            ControlError: for every answer that is not 200.
        """
        status, _, content = self.http(method, f"/_sim/{path}", None if body is None else json.dumps(body).encode())
        found: Json = json.loads(content)
        if status != 200:
            raise ControlError(f"{method} {path}: {status} {found.get('message')}")
        return found

    def http(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        """Make any HTTP call of the stand-in and return status, headers (lower case) and body."""
        connection = _kept(self._idle) or http.client.HTTPConnection(self._target.netloc, timeout=PATIENCE)
        try:
            connection.request(
                method, self._target.path + path, body, {"Content-Type": "application/json"} | (headers or {})
            )
            answer = connection.getresponse()
            content: bytes = answer.read()
        except (OSError, http.client.HTTPException):
            connection.close()
            raise
        self._idle.append(connection)
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, content

    def resident(
        self,
        name: str,
        *,
        friend: bool = True,
        language: str | None = "ja",
        channel: str = "main",
        user_id: str | None = None,
    ) -> Person:
        """Add a LINE user, already a friend of the bot unless told otherwise (no follow event is sent for that)."""
        body: Json = {"name": name, "language": language, "friend_of": [channel] if friend else []}
        found = self.call("POST", "residents", body | ({"user_id": user_id} if user_id else {}))
        return Person(self, found["id"], name, channel)

    def group(self, name: str, *members: Person, room: bool = False) -> str:
        """Add a group (or room) and return its id; the bot is not in it yet."""
        body = {"name": name, "members": [member.id for member in members], "room": room}
        return str(self.call("POST", "groups", body)["id"])

    def invite_bot(self, group: str, channel: str = "main") -> Json:
        """Let the bot join a group; return the event."""
        return self.call("POST", f"groups/{quote(group)}/join", {"channel": channel})

    def remove_bot(self, group: str, channel: str = "main") -> Json:
        """Remove the bot from a group; return the event."""
        return self.call("POST", f"groups/{quote(group)}/leave", {"channel": channel})

    def standby(self, chat: str, *, on: bool = True, channel: str = "main") -> None:
        """Let another module hold a chat: its events come in standby, without reply token."""
        self.call("POST", f"chats/{quote(channel)}/{quote(chat)}", {"standby": on})

    def emit(self, kind: str, payload: Json | None = None, **where: Any) -> Json:
        """Send an event of any type: resident=, group= (ids), channel=, reply=, mode=, after=."""
        return self.call("POST", "webhooks/emit", {"type": kind, "payload": payload or {}, **where})

    def verify(self, channel: str = "main") -> None:
        """Send what the console's Verify button sends."""
        self.call("POST", "webhooks/verify", {"channel": channel})

    def raw(self, body: bytes, *, signature: str | None = None, headers: dict[str, str] | None = None) -> None:
        """Send any bytes to the webhook, signed rightly unless a signature is given ("" for none)."""
        sending = {"base64": base64.b64encode(body).decode(), "signature": signature, "headers": headers}
        self.call("POST", "webhooks/raw", sending)

    def settled(self, patience: float = PATIENCE) -> bool:
        """Wait until no webhook is under way; return whether that came true in time."""
        return bool(self.call("GET", f"webhooks/idle?timeout={patience / 2}")["idle"])

    def configure(self, channel: str = "main", **settings: Any) -> Json:
        """Change a channel's settings: webhook_url, redelivery, quota_limit, rate_limits, premium …"""
        return self.call("POST", f"channels/{quote(channel)}", settings)

    def fault(self, kind: str, endpoint: str = "*", **options: Any) -> Json:
        """Let the next calls of an endpoint (`push`, `reply`, … or `*`) go wrong: times=1, rate=1.0, seconds=30."""
        return self.call("POST", "faults", {"kind": kind, "endpoint": endpoint, **options})

    def clear_faults(self) -> None:
        """End all faults."""
        self.call("DELETE", "faults")

    def advance(self, seconds: float) -> float:
        """Move the simulator's clock forward and return its new time."""
        return float(self.call("POST", "clock", {"advance": seconds})["now"])

    def now(self) -> float:
        """Return the simulator's time in epoch seconds."""
        return float(self.call("GET", "clock")["now"])

    def reset(self, *, people: bool = True) -> None:
        """Forget everything but the bots."""
        self.call("POST", "reset", {"people": people})

    def sends(self, since: int = 0) -> list[Json]:
        """Return every accepted send: kind, to, messages, retry_key, request_id, reply_token, delivered."""
        return list(self.call("GET", f"sends?since={since}")["sends"])

    def traffic(self, text: str = "", kind: str = "", since: int = 0, limit: int = 200) -> list[Json]:
        """Return the exchanges on the wire that contain `text`; `kind` is `api` or `webhook`."""
        query = urllib.parse.urlencode({"text": text, "kind": kind, "since": since, "limit": limit})
        return list(self.call("GET", f"traffic?{query}")["exchanges"])

    def messages(self, chat: str, *, channel: str = "main") -> list[Json]:
        """Return a chat's messages, oldest first: id, at, from (`bot` or user id), via, message, read, unsent."""
        return list(self.call("GET", f"chats/{quote(channel)}/{quote(chat)}")["messages"])

    def event(self, event_id: str) -> Json:
        """Return an event with the status of its last delivery."""
        return self.call("GET", f"events/{quote(event_id)}")

    def delivered(self, event: Json, patience: float = PATIENCE) -> int:
        """Wait until a webhook was answered and return the bot's HTTP status (0: no answer)."""
        event_id = event["webhookEventId"]
        return int(
            self.until(lambda: self.event(event_id)["status"], f"delivery of {event_id}", patience, wants_none=False)
        )

    def hold(self, channel: str = "main") -> None:
        """Keep webhooks back until `release`."""
        self.call("POST", "webhooks/hold", {"channel": channel})

    def release(
        self, order: str | list[int] = "as sent", *, batch: int = 1, copies: int = 1, channel: str = "main"
    ) -> int:
        """Send the webhooks kept back: `as sent`, `reversed`, `shuffled` or by position, n events in one POST."""
        body = {"order": order, "batch": batch, "copies": copies, "channel": channel}
        return int(self.call("POST", "webhooks/release", body)["released"])

    def redeliver(self, event: Json, after: float = 0.0) -> None:
        """Send an event again with `isRedelivery` true, `after` seconds from now."""
        self.call("POST", f"events/{quote(event['webhookEventId'])}/redeliver", {"after": after})

    def duplicate(self, event: Json, after: float = 0.0) -> None:
        """Send an event once more, unchanged."""
        self.call("POST", f"events/{quote(event['webhookEventId'])}/duplicate", {"after": after})

    def until(self, look: Callable[[], Any], what: str, patience: float = PATIENCE, *, wants_none: bool = True) -> Any:
        """Look again and again until the result is true (or, unless `wants_none`, not None).

        Raises:
            TimeoutError: after `patience` seconds.
        """
        deadline = time.monotonic() + patience
        while True:
            found = look()
            if found or (not wants_none and found is not None):
                return found
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {patience} s in vain for {what}")
            time.sleep(PAUSE)


@dataclass(frozen=True)
class Person:
    """A LINE user in the simulator; every act returns the webhook event object it sent."""

    line: Simulator
    id: str
    name: str
    channel: str = "main"

    def act(self, act: str, **arguments: Any) -> Json:
        """Do anything a resident can do."""
        return self.line.call("POST", f"residents/{self.id}/{act}", {"channel": self.channel, **arguments})

    def say(self, text: str, *, group: str | None = None, **more: Any) -> Json:
        """Send a text."""
        return self.act("say", text=text, group=group, **more)

    def send(self, message: Json, *, group: str | None = None) -> Json:
        """Send any message object of a webhook."""
        return self.act("send", message=message, group=group)

    def file(self, kind: str, body: bytes, content_type: str, **more: Any) -> Json:
        """Send an image, video, audio or file."""
        return self.act("file", kind=kind, body=base64.b64encode(body).decode(), content_type=content_type, **more)

    def press(self, data: str, *, params: Json | None = None, display_text: str | None = None, **more: Any) -> Json:
        """Press a button with a postback."""
        return self.act("press", data=data, params=params, display_text=display_text, **more)

    def follow(self) -> Json:
        """Add or unblock the bot."""
        return self.act("follow")

    def block(self) -> Json:
        """Block the bot."""
        return self.act("block")

    def unsend(self, message_id: str) -> Json:
        """Take back a message."""
        return self.act("unsend", message_id=message_id)

    def messages(self, *, sender: str | None = None) -> list[Json]:
        """Return the chat's messages, oldest first; `sender="bot"` for the bot's only."""
        found = self.line.messages(self.id, channel=self.channel)
        return [one for one in found if sender is None or one["from"] == sender]

    def answers(self) -> list[Json]:
        """Return LINE's message objects of everything the bot sent here, oldest first."""
        return [one["message"] for one in self.messages(sender="bot")]

    def wait_for(self, text: str = "", *, count: int = 1, patience: float = PATIENCE) -> list[Json]:
        """Wait until the bot has sent `count` messages that contain `text` anywhere in their JSON; return those.

        Raises:
            TimeoutError: when they do not come; it says what did.
        """
        deadline = time.monotonic() + patience
        while True:
            answers = self.answers()
            found = [one for one in answers if text in json.dumps(one, ensure_ascii=False)]
            if len(found) >= count:
                return found
            if time.monotonic() > deadline:
                held = json.dumps(answers[-5:], ensure_ascii=False)
                raise TimeoutError(f"{self.name} waited {patience} s for {count} × {text!r}; the bot had sent: {held}")
            time.sleep(PAUSE)

    def press_button(self, label: str) -> Json:
        """Press the newest button or quick reply of the bot with this label, as a thumb would.

        Raises:
            LookupError: when no message of the bot shows such a button.
        """
        for message in reversed(self.answers()):
            action = find_action(message, label)
            if action is not None:
                return self._do(action)
        raise LookupError(f"{self.name} sees no button {label!r}")

    def _do(self, action: Json) -> Json:
        if action["type"] == "postback":
            event = self.press(action["data"], display_text=action.get("displayText"))
            return self.say(action["text"]) if action.get("text") else event
        if action["type"] == "message":
            return self.say(action["text"])
        raise LookupError(f"a button of type {action['type']} sends nothing by itself: press() with its params")


def _kept(idle: deque[http.client.HTTPConnection]) -> http.client.HTTPConnection | None:
    """Return a kept connection that the server has not ended meanwhile."""
    while idle:
        try:
            connection = idle.pop()
        except IndexError:  # another thread took the last one
            break
        if connection.sock is not None and not select.select([connection.sock], [], [], 0)[0]:
            return connection
        connection.close()
    return None


def find_action(part: Any, label: str) -> Json | None:
    """Return the action with this label anywhere inside a message."""
    if isinstance(part, dict):
        if part.get("label") == label and "type" in part and ("data" in part or "text" in part or "uri" in part):
            return part
        part = list(part.values())
    if isinstance(part, list):
        return next((found for one in part if (found := find_action(one, label)) is not None), None)
    return None


def quote(text: str) -> str:
    """Return a text as one part of a path."""
    return urllib.parse.quote(text, safe="")
