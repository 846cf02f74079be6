"""The only place that talks to LINE: lean requests for messages, the SDK's client for everything else."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, BinaryIO
from urllib.parse import quote

import orjson

from bot.config import ChannelSettings, Settings
from bot.crash import CrashPoint, no_crash
from bot.line.connections import Answer, Connections
from bot.line.download import Fetched, download
from bot.line.token import NoToken, SecretRefused, Token

if TYPE_CHECKING:
    from linebot.v3.messaging import MessagingApi

SMALL_ANSWER = 10_000


class LineClient:
    """Sends for all channels of the settings. Outcomes are values: nothing LINE or the network does raises here."""

    def __init__(
        self,
        channels: Iterable[ChannelSettings],
        base: str,
        crash: CrashPoint = no_crash,
        data_base: str | None = None,
    ) -> None:
        self._base = base
        self._data_base = data_base or base
        self._connections = Connections(base, crash)
        self._token_connections = Connections(base)
        self._tokens = {channel.name: Token(channel, self._token_connections) for channel in channels}

    @classmethod
    def from_settings(cls, settings: Settings, crash: CrashPoint = no_crash) -> LineClient:
        """Make the client of one process."""
        return cls(settings.channels, settings.line_api_base, crash, settings.line_data_base)

    def reply(self, channel: str, body: bytes) -> Answer:
        """Send `{"replyToken", "messages"}`; a reply takes no retry key."""
        return self._send(channel, "/v2/bot/message/reply", body, {})

    def push(self, channel: str, body: bytes, retry_key: str) -> Answer:
        """Send `{"to", "messages"}` under `retry_key` (a UUID), the same one at every try."""
        return self._send(channel, "/v2/bot/message/push", body, {"X-Line-Retry-Key": retry_key})

    def content(self, channel: str, message_id: str, target: BinaryIO, limit: int) -> Fetched:
        """Write the file of a message to `target`, at most `limit` bytes."""
        address = f"{self._data_base}/v2/bot/message/{quote(message_id, safe='')}/content"
        return self._fetch(channel, address, target, limit)

    def transcoding(self, channel: str, message_id: str) -> str:
        """Return how far LINE is with a film or sound: processing, succeeded or failed; unknown when it does not say."""
        answer = io.BytesIO()
        address = f"{self._data_base}/v2/bot/message/{quote(message_id, safe='')}/content/transcoding"
        self._fetch(channel, address, answer, SMALL_ANSWER)
        try:
            return str(orjson.loads(answer.getvalue())["status"])
        except (orjson.JSONDecodeError, KeyError, TypeError):
            return "unknown"

    def _fetch(self, channel: str, address: str, target: BinaryIO, limit: int) -> Fetched:
        token = self._tokens[channel]
        try:
            used = token.current()
            fetched = download(address, {"Authorization": f"Bearer {used}"}, target, limit)
            if fetched.status != 401:
                return fetched
            token.refuse(used)
            if (fresh := token.current()) == used:
                return fetched
            return download(address, {"Authorization": f"Bearer {fresh}"}, target, limit)
        except NoToken:
            return Fetched(None)

    def leave(self, channel: str, group_id: str, *, room: bool) -> Answer:
        """Leave a group or room."""
        kind = "room" if room else "group"
        return self._send(channel, f"/v2/bot/{kind}/{quote(group_id, safe='')}/leave", b"", {})

    def multicast(self, channel: str, body: bytes, retry_key: str) -> Answer:
        """Send `{"to": […], "messages"}` to at most 500 users under `retry_key`, the same one and the same body at every try."""
        return self._send(channel, "/v2/bot/message/multicast", body, {"X-Line-Retry-Key": retry_key})

    def loading(self, channel: str, user_id: str, seconds: int) -> Answer:
        """Show the loading dots in a one-to-one chat for 5 to 60 seconds, or until the next message."""
        body = orjson.dumps({"chatId": user_id, "loadingSeconds": seconds})
        return self._send(channel, "/v2/bot/chat/loading/start", body, {})

    def get(self, channel: str, path: str) -> Answer:
        """Ask LINE something small: the quota, a page of friends' ids."""
        return self._authorised(channel, lambda headers: self._connections.get(path, headers))

    def knows(self, channel: str) -> bool:
        """Tell whether the settings name that channel: a row may outlive its settings."""
        return channel in self._tokens

    def keep_fresh(self) -> None:
        """Fetch the tokens that end soon, so that no message waits for one."""
        for token in self._tokens.values():
            token.keep_fresh()

    def _send(self, channel: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        return self._authorised(channel, lambda ours: self._connections.post(path, body, ours | headers))

    def _authorised(self, channel: str, request: Callable[[dict[str, str]], Answer]) -> Answer:
        token = self._tokens[channel]
        try:
            used = token.current()
            answer = request(_headers(used))
            if answer.status != 401:
                return answer
            token.refuse(used)
            if (fresh := token.current()) == used:
                return answer
            return request(_headers(fresh))
        except SecretRefused:
            # No time heals it: it is treated like a token that LINE refuses, and staff are told.
            return Answer(401)
        except NoToken as error:
            return Answer(None, trouble=f"connect: {type(error).__name__}")

    def sdk(self, channel: str) -> MessagingApi:
        """Return the SDK's client for what is not a message (profile, bot info, rich menus); importing it takes over a second."""
        from linebot.v3.messaging import ApiClient, Configuration, MessagingApi

        configuration = Configuration(host=self._base, access_token=self._tokens[channel].current())
        configuration.retries = False
        return MessagingApi(ApiClient(configuration))

    def close(self) -> None:
        """Close idle connections."""
        self._connections.close()
        self._token_connections.close()


def _headers(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
