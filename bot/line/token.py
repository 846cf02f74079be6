"""Channel access tokens: a long-lived one from the settings, or stateless ones (15 minutes) fetched ahead of their end.

Source: Messaging API reference, "Issue stateless channel access token".
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from urllib.parse import urlencode

import orjson

from bot.config import ChannelSettings
from bot.line.connections import Answer, Connections

REFRESH_AHEAD = 240.0
"""Seconds before its end at which a token is replaced by a round."""

AT_LEAST = 60.0
"""Seconds a token must have left to be used: longer than any request."""


class NoToken(Exception):
    """LINE gave no access token; check LINE_CHANNEL_ID and LINE_CHANNEL_SECRET of the channel."""


class SecretRefused(NoToken):
    """LINE takes none of the channel's secrets; put the right one into LINE_CHANNEL_SECRET and start anew."""


class Token:
    """The access token of one channel."""

    def __init__(
        self, channel: ChannelSettings, connections: Connections, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        self._channel = channel
        self._connections = connections
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._value = channel.access_token
        self._until = float("inf") if channel.access_token else 0.0
        self._failure: NoToken | None = None

    def current(self) -> str:
        """Return a token with some life left, fetching one if needed, once for all who wait. Raises NoToken."""
        if self._value is not None and self._lives(AT_LEAST):
            return self._value
        known = self._failure
        with self._lock:
            if self._value is not None and self._lives(AT_LEAST):
                return self._value
            if self._failure is not None and self._failure is not known:
                # LINE has given none while we waited: asking one after the other would take each of us longer.
                raise self._failure
            return self._fetch_or_note()

    def _fetch_or_note(self) -> str:
        try:
            return self._fetch()
        except NoToken as error:
            self._failure = error
            raise

    def keep_fresh(self) -> None:
        """Replace a token that ends soon; those who send meanwhile use the old one."""
        if self._value is None or self._lives(REFRESH_AHEAD):
            return
        with self._lock, contextlib.suppress(NoToken):  # tried again by the next round, and by whoever needs it
            if not self._lives(REFRESH_AHEAD):
                self._fetch()

    def refuse(self, token: str) -> None:
        """Take note that LINE answered 401 to `token`: the next call fetches a new one, once for all who saw the same."""
        with self._lock:
            if token == self._value and self._channel.channel_id is not None:
                self._until = 0.0

    def _lives(self, seconds: float) -> bool:
        return self._monotonic() + seconds < self._until

    def _fetch(self) -> str:
        if self._channel.channel_id is None:
            raise NoToken(f"channel {self._channel.name} has neither an access token nor a channel id")
        answers = (self._ask(self._channel.channel_id, secret) for secret in self._channel.secrets)
        # While a secret is being replaced only one of the two is good, and nobody tells us which.
        answer = next((one for one in answers if one.status not in _WRONG_SECRET), None)
        if answer is None:
            raise SecretRefused(f"LINE answered that no secret is right when asked for a token of {self._channel.name}")
        if answer.status != 200:
            said = answer.status or answer.trouble
            raise NoToken(f"LINE answered {said} when asked for a token of {self._channel.name}")
        try:
            issued = orjson.loads(answer.body)
            value, life = str(issued["access_token"]), float(issued["expires_in"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise NoToken(f"LINE's answer held no token for {self._channel.name}") from error
        self._value, self._until = value, self._monotonic() + life
        return value

    def _ask(self, channel_id: str, secret: str) -> Answer:
        form = {"grant_type": "client_credentials", "client_id": channel_id, "client_secret": secret}
        return self._connections.post(
            "/oauth2/v3/token", urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        )


_WRONG_SECRET = frozenset({400, 401})
