"""What measured residents send: six events to fill in the form, as signed HTTP requests made before the clock runs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

STEPS = 6


@dataclass(frozen=True, slots=True)
class Account:
    """An official account: its channel's secret, and the `destination` of its webhooks."""

    secret: str
    destination: str


MAIN = Account("bench-secret", "U" + "0" * 31 + "b")
SECOND = Account("second-secret", "U" + "0" * 31 + "c")


@dataclass(frozen=True, slots=True)
class Press:
    """A button of the bot's last message, found by a part of its data; `params` are what the picker adds."""

    part: bytes
    params: Mapping[str, str] = field(default_factory=dict)

    def found_in(self, body: bytes) -> dict[str, Any]:
        """Return the postback that pressing it makes. Raises ValueError where the message has no such button."""
        at = body.index(self.part)
        start, end = body.rindex(b'"', 0, at) + 1, body.index(b'"', at)
        return postback(body[start:end].decode(), **self.params)


@dataclass(frozen=True, slots=True)
class Form:
    """How one bot wants its form to be filled in: one entry for each of the six events; residents talk with `accounts` in turn."""

    path: str
    says: Sequence[dict[str, Any] | Press]
    accounts: tuple[Account, ...] = (MAIN,)


def text(words: str) -> dict[str, Any]:
    """Return a text message's part of an event."""
    return {"type": "message", "message": {"type": "text", "id": "1", "quoteToken": "q", "text": words}}


def postback(data: str, **params: str) -> dict[str, Any]:
    """Return a postback's part of an event."""
    return {"type": "postback", "postback": {"data": data, **({"params": params} if params else {})}}


YARDSTICK = Form(
    "/callback",
    [
        text("form"),
        text("Hanako"),
        text("42"),
        text("Plan B"),
        postback("action=date", date="2026-05-31"),
        postback("confirm=yes"),
    ],
)


def token(resident: int, step: int) -> str:
    """Return the reply token of one event; the stand-in reads from it who is answered."""
    return f"t{resident:08d}s{step}"


def whom(reply_token: bytes) -> tuple[int, int]:
    """Return resident and step of a reply token."""
    return int(reply_token[1:9]), int(reply_token[10:])


def user(resident: int) -> str:
    """Return the LINE user id of a resident."""
    return f"U{resident:032d}"


def event(says: dict[str, Any], resident: int, step: int, born: int, *, again: bool = False) -> dict[str, Any]:
    """Return one event of LINE's form; `born` is when its resident was made, in ms since 1970."""
    return {
        **says,
        "webhookEventId": f"01BENCH{resident:010d}{step:05d}",
        "deliveryContext": {"isRedelivery": again},
        "timestamp": born + step,
        "source": {"type": "user", "userId": user(resident)},
        "replyToken": token(resident, step),
        "mode": "active",
    }


def request(path: str, events: Sequence[dict[str, Any]], account: Account = MAIN) -> bytes:
    """Return a whole signed HTTP request."""
    body = orjson.dumps({"destination": account.destination, "events": list(events)})
    signature = base64.b64encode(hmac.digest(account.secret.encode(), body, hashlib.sha256))
    head = (
        f"POST {path} HTTP/1.1\r\nHost: bench\r\nContent-Type: application/json; charset=utf-8\r\n"
        f"X-Line-Signature: {signature.decode()}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Group:
    """Residents whose events LINE puts into one webhook; they walk the form side by side."""

    __slots__ = ("account", "begun", "born", "first", "form", "ready", "said", "size", "step", "waiting")

    def __init__(self, form: Form, first: int, size: int) -> None:
        self.form, self.first, self.size = form, first, size
        self.account = form.accounts[first // size % len(form.accounts)]
        self.step = self.waiting = 0
        self.born = int(time.time() * 1000)
        self.begun = 0.0
        self.said: dict[int, list[dict[str, Any]]] = {
            step: [says] * size for step, says in enumerate(form.says) if isinstance(says, dict)
        }
        self.ready = {step: self.request(step) for step in self.said}

    def request(self, step: int, *, again: bool = False) -> bytes:
        """Return the webhook of one step."""
        said = enumerate(self.said[step], self.first)
        events = [event(says, resident, step, self.born, again=again) for resident, says in said]
        return request(self.form.path, events, self.account)

    def next_request(self) -> bytes:
        """Return the webhook of the step at hand; those that press a button could not be made before."""
        return self.ready.get(self.step) or self.request(self.step)

    def hear(self, resident: int, body: bytes) -> None:
        """Keep from the bot's message what the next step presses."""
        step = self.step + 1
        if step < STEPS and isinstance(press := self.form.says[step], Press):
            blank: dict[str, Any] = {}
            self.said.setdefault(step, [blank] * self.size)[resident - self.first] = press.found_in(body)
