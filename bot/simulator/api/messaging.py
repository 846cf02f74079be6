"""Sending: reply, push, multicast; what is accepted, who gets it, what it costs."""

from __future__ import annotations

from typing import Any

from bot.simulator.api.routes import Route
from bot.simulator.calls import Answer, Call
from bot.simulator.chats import Entry
from bot.simulator.errors import LineError, Problem, invalid_body
from bot.simulator.log import Send
from bot.simulator.people import FRIEND
from bot.simulator.rates import Rate
from bot.simulator.rules.messages import check_messages

WEEK = 7 * 24 * 3600.0
MULTICAST_MOST = 500


def reply(call: Call) -> Answer:
    """POST /v2/bot/message/reply: free of charge, one use of the token, to the chat of the event."""
    body = call.json()
    messages = _messages(body)
    token = call.world.reply_tokens.check(body.get("replyToken"), call.channel.name, call.now)
    token.used = True
    sent = _deliver(call, "reply", [token.chat], messages, reply_token=body["replyToken"])
    return Answer({"sentMessages": sent})


def push(call: Call) -> Answer:
    """POST /v2/bot/message/push: to a user, group or room; counted per member who can receive it."""
    body = call.json()
    to = _addressee(body)
    messages = _messages(body)
    if not _reachable(call, to):
        raise LineError(400, "Failed to send messages")
    call.channel.quota.spend(len(_receivers(call, to)), call.now)
    sent = _deliver(call, "push", [to], messages)
    call.world.retry_keys.accept(call.channel.name, call.header("X_LINE_RETRY_KEY"), call.now, call.request_id, sent)
    return Answer({"sentMessages": sent})


def multicast(call: Call) -> Answer:
    """POST /v2/bot/message/multicast: up to 500 users; unknown ones are passed over."""
    body = call.json()
    to = body.get("to")
    if not isinstance(to, list) or not 1 <= len(to) <= MULTICAST_MOST or not all(isinstance(one, str) for one in to):
        raise invalid_body([Problem(f"Size must be between 1 and {MULTICAST_MOST}", "to")])
    if any(one.startswith(("C", "R")) for one in to):
        raise LineError(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
    messages = _messages(body)
    people = list(dict.fromkeys(to))
    call.channel.quota.spend(sum(len(_receivers(call, one)) for one in people), call.now)
    _deliver(call, "multicast", people, messages)
    call.world.retry_keys.accept(call.channel.name, call.header("X_LINE_RETRY_KEY"), call.now, call.request_id, None)
    return Answer()


def _addressee(body: dict[str, Any]) -> str:
    to = body.get("to")
    if not isinstance(to, str) or not to:
        raise LineError(400, "The property, 'to', in the request body is invalid (line: -, column: -)")
    return to


def _messages(body: dict[str, Any]) -> list[dict[str, Any]]:
    messages = body.get("messages")
    check_messages(messages)
    found: list[dict[str, Any]] = messages or []
    return found


def _reachable(call: Call, to: str) -> bool:
    group = call.world.groups.get(to)
    if group is not None:
        return call.channel.name in group.bots
    return to in call.world.residents


def _receivers(call: Call, to: str) -> list[str]:
    """Return the users a message to this user, group or room reaches and is counted for."""
    group = call.world.groups.get(to)
    if group is not None:
        return list(group.members)
    resident = call.world.residents.get(to)
    if resident is None:
        return []
    friendship = resident.friendship(call.channel.name)
    if friendship.status == FRIEND:
        return [to]
    wrote = friendship.wrote_at
    return [to] if friendship.status == "stranger" and wrote is not None and call.now - wrote <= WEEK else []


def _deliver(
    call: Call, kind: str, to: list[str], messages: list[dict[str, Any]], reply_token: str | None = None
) -> list[dict[str, Any]]:
    """Put the messages into the chats of those they reach and return LINE's `sentMessages`."""
    world, now = call.world, call.now
    sent = []
    for message in messages:
        entry = {"id": world.ids.message(now)}
        if message["type"] in {"text", "textV2", "sticker", "image", "video", "template", "flex"}:
            entry["quoteToken"] = world.ids.opaque(64)
        sent.append(entry)
    delivered = [one for one in to if _receivers(call, one)]
    for chat_id in delivered:
        chat = world.chat(call.channel.name, chat_id)
        for message, about in zip(messages, sent, strict=True):
            quote = about.get("quoteToken", "")
            world.show(chat, Entry(about["id"], now, "bot", kind, message, call.request_id, quote))
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
            reply_token=reply_token,
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
]
