"""The webhook: verifies the raw bytes, hands the events to the conversation, and says 200 only when they are committed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

import structlog
from flask import Blueprint, Response, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import RequestEntityTooLarge

from bot.line.channels import Channels, KnownChannel
from bot.line.events import Event, UnreadableBody, read_webhook
from bot.line.forward import Forwarder

log = structlog.get_logger(__name__)

MAX_BODY_BYTES = 1_000_000
ANSWER_WITHIN = 1.5
"""Seconds until the webhook is answered in any case; LINE counts anything over two as a failure."""


class Receiver(Protocol):
    """What the webhook hands its events to."""

    def receive(self, channel: KnownChannel, events: Sequence[Event], deadline: float) -> bool:
        """Apply `events` by `deadline` (monotonic seconds); tell whether all of them are committed."""


Refuses = Callable[[int, Sequence[Event]], bool]
"""Tells, for a channel's id, whether a webhook that is stored is to be answered 503 all the same, to prove that it comes again."""


def webhook_blueprint(
    channels: Channels,
    receiver: Receiver,
    refuses: Refuses | None = None,
    forwarders: Mapping[str, Forwarder] | None = None,
) -> Blueprint:
    """Return `POST /line/webhook`; what a channel with a forwarder has stored is passed on."""
    blueprint = Blueprint("line", __name__)

    @blueprint.post("/line/webhook")
    def webhook() -> Response:
        deadline = time.monotonic() + ANSWER_WITHIN
        body = _read_body()
        if body is None:
            return _plain(413, "a webhook holds at most one megabyte")
        signature = request.headers.get("X-Line-Signature", "").encode("utf-8", "surrogateescape")
        channel = channels.signer_of(body, signature)
        if channel is None:
            return _plain(401, "the signature is missing or wrong")
        try:
            content = read_webhook(body)
        except UnreadableBody as error:
            return _plain(400, str(error))
        try:
            if not channels.accepts(channel, content.destination):
                log.warning("webhook.other_destination", channel=channel.name)
                return _plain(403, "this webhook is meant for another account")
            committed = not content.events or receiver.receive(channel, content.events, deadline)
            committed = committed and not (refuses is not None and refuses(channel.id, content.events))
        except SQLAlchemyError as error:
            log.warning("webhook.database", channel=channel.name, error=type(error).__name__)
            committed = False
        forwarder = (forwarders or {}).get(channel.name)
        if committed and forwarder is not None and content.events:
            forwarder.pass_on(body, request.headers.get("X-Line-Signature", ""))
        # Without a word more, which would be a packet more.
        return Response(status=200) if committed else _plain(503, "not stored; please deliver it again")

    return blueprint


def _read_body() -> bytes | None:
    """Return the raw body, None when it is too large, with or without a length announced."""
    length = request.content_length
    if length is not None:
        # Straight from the server: a wrapper that counts would take longer than to check the signature.
        return bytes(request.environ["wsgi.input"].read(length)) if length <= MAX_BODY_BYTES else None
    # One byte more: a body without a length is cut off at the limit, which only the byte after it shows.
    request.max_content_length = MAX_BODY_BYTES + 1
    try:
        body = request.get_data(cache=False)
    except RequestEntityTooLarge:
        return None
    return body if len(body) <= MAX_BODY_BYTES else None


def _plain(status: int, text: str) -> Response:
    return Response(text + "\n", status, mimetype="text/plain")
