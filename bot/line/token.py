"""Channel access tokens: a long-lived one from the settings, or stateless ones (15 minutes) fetched ahead of their end.

Source: Messaging API reference, "Issue stateless channel access token".
"""

from __future__ import annotations

import threading
import time
from urllib.parse import urlencode

import orjson

from bot.config import ChannelSettings
from bot.line.connections import Connections

REFRESH_AHEAD = 120.0


class NoToken(Exception):
    """LINE gave no access token; check LINE_CHANNEL_ID and LINE_CHANNEL_SECRET of the channel."""


class Token:
    """The access token of one channel."""

    def __init__(self, channel: ChannelSettings, connections: Connections) -> None:
        self._channel = channel
        self._connections = connections
        self._lock = threading.Lock()
        self._value = channel.access_token
        self._until = float("inf") if channel.access_token else 0.0

    def current(self) -> str:
        """Return a token with some life left, fetching one if needed. Raises NoToken."""
        if time.monotonic() < self._until and self._value is not None:
            return self._value
        with self._lock:
            if time.monotonic() < self._until and self._value is not None:
                return self._value
            return self._fetch()

    def refuse(self, token: str) -> None:
        """Take note that LINE answered 401 to `token`: the next call fetches a new one, once for all who saw the same."""
        with self._lock:
            if token == self._value and self._channel.channel_id is not None:
                self._until = 0.0

    def _fetch(self) -> str:
        if self._channel.channel_id is None:
            raise NoToken(f"channel {self._channel.name} has neither an access token nor a channel id")
        form = {
            "grant_type": "client_credentials",
            "client_id": self._channel.channel_id,
            "client_secret": self._channel.secrets[0],
        }
        answer = self._connections.post(
            "/oauth2/v3/token", urlencode(form).encode(), {"Content-Type": "application/x-www-form-urlencoded"}
        )
        if answer.status != 200:
            raise NoToken(
                f"LINE answered {answer.status or answer.trouble} when asked for a token of {self._channel.name}"
            )
        try:
            issued = orjson.loads(answer.body)
            self._value = str(issued["access_token"])
            self._until = time.monotonic() + float(issued["expires_in"]) - REFRESH_AHEAD
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
            raise NoToken(f"LINE's answer held no token for {self._channel.name}") from error
        return self._value
