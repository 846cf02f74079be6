"""Sending: reply, push, multicast, broadcast, and the endpoints that only validate."""

from __future__ import annotations

from typing import Any

from bot.simulator.api.addressing import (
    addressee,
    bad_property,
    check_flags,
    friends,
    member,
    reaches,
    receivers,
)
from bot.simulator.api.routes import Handler, Route
from bot.simulator.calls import Answer, Call
from bot.simulator.chats import Entry
from bot.simulator.errors import LineError, Problem, invalid_body
from bot.simulator.log import Send
from bot.simulator.rates import HOUR, Rate
from bot.simulator.rules.messages import Target, check_messages

MULTICAST_MOST = 500
QUOTABLE = frozenset({"text", "textV2", "sticker", "image", "video", "template", "flex"})
Messages = list[dict[str, Any]]


def reply(call: Call) -> Answer:
    """POST /v2/bot/message/reply: free of charge, one use of the token, to the chat of the event."""
    body = call.json()
    check_flags(body)
    token = call.world.reply_tokens.check(body.get("replyToken"), call.channel.name, call.now)
    messages = checked(call, body, token.chat)
    token.used = True
    sent = deliver(
        call, [token.chat], messages, silent=body.get("notificationDisabled", False), token=body["replyToken"]
    )
    return Answer({"sentMessages": sent})


def push(call: Call) -> Answer:
    """POST /v2/bot/message/push: to a user, group or room; counted per member who can receive it."""
    body = call.json()
    unit = check_flags(body)
    if not isinstance(body.get("to"), str):
        raise bad_property("to")
    messages = checked(call, body, body["to"])
    to = addressee(call, body)
    spend(call, len(receivers(call, to)), unit)
    sent = deliver(call, [to], messages, silent=body.get("notificationDisabled", False))
    accept(call, sent)
    return Answer({"sentMessages": sent})


def multicast(call: Call) -> Answer:
    """POST /v2/bot/message/multicast: up to 500 users; unknown ones are passed over."""
    body = call.json()
    unit = check_flags(body)
    to = body.get("to")
    if not isinstance(to, list) or not 1 <= len(to) <= MULTICAST_MOST or not all(isinstance(one, str) for one in to):
        raise invalid_body([Problem(f"Size must be between 1 and {MULTICAST_MOST}", "to")])
    for index, one in enumerate(to):
        if not one.lstrip("L").startswith("U"):
            raise LineError(400, f"The property, to[{index}], in the request body is invalid (line: -, column: -)")
    messages = checked(call, body)
    people = list(dict.fromkeys(to))
    spend(call, sum(1 for one in people if reaches(call, one)), unit)
    deliver(call, people, messages, silent=body.get("notificationDisabled", False))
    accept(call, None)
    return Answer()


def broadcast(call: Call) -> Answer:
    """POST /v2/bot/message/broadcast: to every friend."""
    body = call.json()
    check_flags(body)
    messages = checked(call, body)
    everyone = friends(call)
    spend(call, len(everyone), None)
    deliver(call, everyone, messages, silent=body.get("notificationDisabled", False))
    accept(call, None)
    return Answer()


def validator(endpoint: str) -> Handler:
    """Return the endpoint that looks at the `messages` of a kind of send and sends nothing."""

    def validate(call: Call) -> Answer:
        check_messages(call.json().get("messages"), Target(endpoint, validating=True))
        return Answer()

    return validate


def checked(call: Call, body: dict[str, Any], to: str | None = None) -> Messages:
    """Return the messages of a send, or refuse them by LINE's rules."""
    messages = body.get("messages")
    check_messages(messages, Target(call.endpoint, None if to is None else member(call, to)))
    found: Messages = messages or []
    for index, message in enumerate(found):
        token = message.get("quoteToken")
        if token is not None and call.world.quote_tokens.get(token) != (call.channel.name, to):
            raise invalid_body([Problem("Invalid quote token", f"messages[{index}].quoteToken")])
    return found


def spend(call: Call, recipients: int, unit: str | None) -> None:
    """Count a send against the month and its unit."""
    call.channel.quota.spend(recipients, call.now)
    if unit is not None:
        call.channel.statistics.assign(unit, recipients, call.now)


def accept(call: Call, sent: list[dict[str, Any]] | None) -> None:
    """Remember the retry key of an accepted send."""
    key = call.header("X_LINE_RETRY_KEY")
    call.world.retry_keys.accept(call.channel.name, key, call.now, call.request_id, sent)


def deliver(
    call: Call, to: list[str], messages: Messages, *, silent: bool, token: str | None = None
) -> list[dict[str, Any]]:
    """Put the messages into the chats of those they reach and return LINE's `sentMessages`."""
    world, now, kind = call.world, call.now, call.endpoint
    sent: list[dict[str, Any]] = []
    for message in messages:
        about = {"id": world.ids.message(now)}
        if message["type"] in QUOTABLE:
            about["quoteToken"] = world.ids.opaque(64)
        sent.append(about)
    delivered = [one for one in to if receivers(call, one)]
    for chat_id in delivered:
        chat = world.chat(call.channel.name, chat_id)
        for message, about in zip(messages, sent, strict=True):
            quote = about.get("quoteToken", "")
            world.show(chat, Entry(about["id"], now, "bot", kind, message, call.request_id, quote, silent=silent))
    call.channel.statistics.count(kind, len(delivered), now)
    world.note_send(
        Send(
            number=0,
            at=now,
            channel=call.channel.name,
            kind=kind,
            to=to,
            messages=messages,
            request_id=call.request_id,
            retry_key=call.header("X_LINE_RETRY_KEY"),
            reply_token=token,
            message_ids=[about["id"] for about in sent],
            delivered=delivered,
            fault=call.fault,
        )
    )
    return sent


ROUTES = [
    Route("reply", "POST", "/v2/bot/message/reply", reply),
    Route("push", "POST", "/v2/bot/message/push", push, retry_key=True),
    Route("multicast", "POST", "/v2/bot/message/multicast", multicast, Rate(200, 1.0), retry_key=True),
    Route("broadcast", "POST", "/v2/bot/message/broadcast", broadcast, Rate(60, HOUR), retry_key=True),
    *(
        Route(f"validate-{kind}", "POST", f"/v2/bot/message/validate/{kind}", validator(kind))
        for kind in ("reply", "push", "multicast", "narrowcast", "broadcast")
    ),
]
