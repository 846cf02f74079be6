"""One event of one resident on its way into a transaction, and the letters that answer it: a reply while its token lives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot import roll
from bot.claims import Claim
from bot.delivery.outbox import Dispatch, Letter, Priority
from bot.flow.talk import Turn
from bot.line.events import Event
from bot.line.messages import line_messages

_TOKEN_NEVER_AFTER = dt.timedelta(minutes=20)
"""LINE: in a redelivered webhook a reply token works again, but never later than 20 minutes after the event."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """One event of one resident, on its way into a transaction."""

    channel_id: int
    channel: str
    user_id: str
    event: Event
    received_at: dt.datetime

    @property
    def who(self) -> roll.Who:
        """Return whom it concerns."""
        return self.channel_id, self.user_id

    @property
    def claim(self) -> Claim:
        """Return under what it is claimed."""
        return self.channel_id, self.event.id


Reaction = tuple[Dispatch, ...]
"""What is to be sent after the commit because of one event."""


def answer(incoming: Incoming, who: roll.Present, done: Turn, now: dt.datetime) -> Letter:
    """Return what a turn says, as a reply where its token may still live."""
    return _letter(incoming, who, line_messages(done.messages, done.quick), now)


def _letter(incoming: Incoming, who: roll.Present, messages: Sequence[dict[str, Any]], now: dt.datetime) -> Letter:
    event = incoming.event
    age = now - dt.datetime.fromtimestamp(event.timestamp / 1000, dt.UTC)
    token = event.reply_token if age < _TOKEN_NEVER_AFTER else None
    return Letter(
        channel_id=incoming.channel_id,
        resident_id=who.id,
        purpose="conversation",
        messages=messages,
        priority=Priority.REPLY,
        reply_token=token,
        token_at=incoming.received_at if token else None,
    )


_APOLOGY = {
    "ja": "申し訳ありません。ただいまの操作を処理できませんでした。少し時間をおいて、もう一度お試しください。",
    "ja-easy": "すみません。うまく できませんでした。すこし まってから、もういちど おねがいします。",
    "en": "We are sorry: we could not process that. Please try again in a little while.",
}


def apology(incoming: Incoming, who: roll.Present, now: dt.datetime) -> Letter:
    """Return what tells a resident that we failed."""
    text = _APOLOGY.get(who.language or "ja", _APOLOGY["ja"])
    return _letter(incoming, who, [{"type": "text", "text": text}], now)
