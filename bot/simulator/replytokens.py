"""Reply tokens: one use, one minute from the (re)delivery, never later than twenty minutes after the event."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass

from bot.simulator.errors import LineError

USE_WITHIN = 60.0
NEVER_AFTER = 20 * 60.0
KEPT = 200_000


@dataclass(slots=True)
class ReplyToken:
    """A token for one answer in one chat; times are epoch seconds."""

    channel: str
    chat: str
    issued: float
    until: float
    used: bool = False


class ReplyTokens:
    """The tokens of all events that can be replied to."""

    def __init__(self) -> None:
        self._tokens: OrderedDict[str, ReplyToken] = OrderedDict()

    def issue(self, token: str, channel: str, chat: str, now: float) -> None:
        """Make a token usable from now on."""
        self._tokens[token] = ReplyToken(channel, chat, now, now + USE_WITHIN)
        while len(self._tokens) > KEPT:
            self._tokens.popitem(last=False)

    def renew(self, token: str | None, now: float) -> None:
        """Give a redelivered event's token its minute again, within the twenty."""
        known = self._tokens.get(token or "")
        if known is not None:
            known.until = min(now + USE_WITHIN, known.issued + NEVER_AFTER)

    def check(self, token: object, channel: str, now: float) -> ReplyToken:
        """Return the token's record without using it up.

        Raises:
            LineError: 400 for an unknown, used, expired token or one of another bot.
        """
        known = self._tokens.get(token) if isinstance(token, str) else None
        if known is None or known.used or known.channel != channel or now > known.until:
            raise LineError(400, "Invalid reply token")
        return known

    def clear(self) -> None:
        """Forget all tokens."""
        self._tokens.clear()
