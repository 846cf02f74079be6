"""Signs webhook events and hands them to the postman: at once, held back, again, twice, in batches or out of order."""

from __future__ import annotations

import base64
import hashlib
import hmac
import random
import threading
from collections import OrderedDict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import orjson

from bot.simulator.channels import Channel
from bot.simulator.log import Exchange
from bot.simulator.postman import Letter

if TYPE_CHECKING:
    from bot.simulator.world import World

EVENTS_KEPT = 20_000
HELD_KEPT = 10_000


@dataclass(slots=True)
class Sent:
    """An event that happened, with the channel it is for and the chat it belongs to."""

    channel: str
    chat: str
    event: dict[str, Any]
    status: int | None = None
    outcome: str = ""
    deliveries: int = 0


def sign(secret: str, body: bytes) -> str:
    """Return LINE's `x-line-signature` for the raw body."""
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


class Webhooks:
    """The outgoing side of the platform."""

    def __init__(self, world: World, rng: random.Random) -> None:
        self._world = world
        self._rng = rng
        self._events: OrderedDict[str, Sent] = OrderedDict()
        self._held: dict[str, deque[Sent]] = {}

    def send(self, channel: Channel, chat: str, event: dict[str, Any], after: float = 0.0) -> None:
        """Deliver a new event, or keep it back while the channel is on hold."""
        sent = Sent(channel.name, chat, event)
        self._events[event["webhookEventId"]] = sent
        while len(self._events) > EVENTS_KEPT:
            self._events.popitem(last=False)
        held = self._held.get(channel.name)
        if held is not None:
            held.append(sent)
        else:
            self._post(channel, [sent], after=after)

    def hold(self, channel: str | None = None) -> None:
        """Keep back the events of a channel until they are released."""
        name = self._world.channel(channel).name
        self._held.setdefault(name, deque(maxlen=HELD_KEPT))

    def release(
        self,
        channel: str | None = None,
        *,
        order: str | Sequence[int] = "as sent",
        batch: int = 1,
        copies: int = 1,
        after: float = 0.0,
    ) -> int:
        """Deliver what was held, `batch` events in one POST, each POST `copies` times, `after` real seconds.

        `order` is `as sent`, `reversed`, `shuffled`, or the positions to send (positions left out are lost). POSTs
        leave one after the other in that order. Return how many events were sent.
        """
        bot = self._world.channel(channel)
        held = list(self._held.pop(bot.name, ()))
        if order == "reversed":
            held.reverse()
        elif order == "shuffled":
            self._rng.shuffle(held)
        elif not isinstance(order, str):
            held = [held[position] for position in order]
        for start in range(0, len(held), max(1, batch)):
            for _ in range(copies):
                self._post(bot, held[start : start + max(1, batch)], after=after, lane="released")
        return len(held)

    def redeliver(self, event_id: str, *, after: float = 0.0) -> None:
        """Deliver an event again as LINE does after a failure: all the same, but `isRedelivery` is true.

        Its reply token works for a minute again, but never later than 20 minutes after the event.
        """
        sent = self.find(event_id)
        sent.event = sent.event | {"deliveryContext": {"isRedelivery": True}}
        self._world.reply_tokens.renew(sent.event.get("replyToken"), self._world.clock())
        self._post(self._world.channel(sent.channel), [sent], after=after)

    def duplicate(self, event_id: str, *, after: float = 0.0) -> None:
        """Deliver an event once more, unchanged."""
        sent = self.find(event_id)
        self._post(self._world.channel(sent.channel), [sent], after=after)

    def verify(
        self, channel: str | None = None, done: Callable[[int, str], None] | None = None, url: str | None = None
    ) -> None:
        """Send what the console's Verify button sends, no events; to another `url` than the channel's if given."""
        bot = self._world.channel(channel)
        self.raw(self.pack(bot, []), channel=channel, done=done, url=url)

    def raw(
        self,
        body: bytes,
        *,
        channel: str | None = None,
        signature: str | None = None,
        headers: dict[str, str] | None = None,
        done: Callable[[int, str], None] | None = None,
        url: str | None = None,
    ) -> None:
        """Send any bytes, signed correctly unless a `signature` is given (empty: no signature header)."""
        self._mail(
            self._world.channel(channel), body, [], "raw", signature=signature, headers=headers, done=done, url=url
        )

    def find(self, event_id: str) -> Sent:
        """Return what happened to an event.

        Raises:
            KeyError: when it never happened or is no longer kept.
        """
        return self._events[event_id]

    @staticmethod
    def pack(channel: Channel, events: Sequence[dict[str, Any]]) -> bytes:
        """Return the raw body of a webhook."""
        return orjson.dumps({"destination": channel.bot_user_id, "events": list(events)})

    def clear(self) -> None:
        """Forget all events."""
        self._events.clear()
        self._held.clear()

    def _post(self, channel: Channel, sent: list[Sent], *, after: float = 0.0, lane: str = "") -> None:
        body = self.pack(channel, [one.event for one in sent])
        if after > 0:
            timer = threading.Timer(after, self._mail, (channel, body, sent, lane or f"late {sent[0].chat}"))
            timer.daemon = True
            timer.start()
        else:
            self._mail(channel, body, sent, lane or sent[0].chat)

    def _mail(
        self,
        channel: Channel,
        body: bytes,
        sent: list[Sent],
        lane: str,
        *,
        signature: str | None = None,
        headers: dict[str, str] | None = None,
        done: Callable[[int, str], None] | None = None,
        url: str | None = None,
    ) -> None:
        url = url or (channel.webhook_url if channel.webhook_active else "")
        if not url:
            if done is not None:
                done(0, "no_webhook")
            return
        sending = {"content-type": "application/json; charset=utf-8", "user-agent": "LineBotWebhook/2.0"}
        signed = sign(channel.secrets[0], body) if signature is None else signature
        if signed:
            sending["x-line-signature"] = signed
        sending |= headers or {}
        at = self._world.clock()

        def finish(status: int, outcome: str, answer: list[tuple[str, str]], content: bytes) -> None:
            self._record(
                Exchange(
                    kind="webhook",
                    at=at,
                    channel=channel.name,
                    method="POST",
                    url=url,
                    request_headers=list(sending.items()),
                    request_body=body,
                    status=status,
                    response_headers=answer,
                    response_body=content,
                    outcome=outcome,
                ),
                channel,
                sent,
            )
            if done is not None:
                done(status, outcome)

        self._world.postman.post(Letter(f"{channel.name} {lane}", url, sending, body, channel.webhook_timeout, finish))

    def _record(self, exchange: Exchange, channel: Channel, sent: list[Sent]) -> None:
        with self._world.lock:
            self._world.log.add(exchange)
            for one in sent:
                one.status, one.outcome = exchange.status, exchange.outcome
                one.deliveries += 1
                self._world.journal.note(
                    "webhook", event=one.event["webhookEventId"], status=exchange.status, outcome=exchange.outcome
                )
                retry = one.deliveries - 1
                if exchange.outcome and channel.redelivery and retry < len(channel.redelivery_after):
                    timer = threading.Timer(channel.redelivery_after[retry], self._again, (one,))
                    timer.daemon = True
                    timer.start()

    def _again(self, sent: Sent) -> None:
        with self._world.lock:
            if sent.event["webhookEventId"] in self._events:
                self.redeliver(sent.event["webhookEventId"])
