"""The channels of this installation: whose signature a webhook bears, and whether it is meant for that account."""

from __future__ import annotations

import base64
import hmac
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select, update

from bot.config import ChannelSettings
from bot.db import Database
from bot.models import Channel
from bot.now import Now
from bot.upsert import insert_into


@dataclass(slots=True)
class KnownChannel:
    """One channel: its row's id, its secrets, and the `destination` of its webhooks once one was seen."""

    id: int
    name: str
    secrets: tuple[bytes, ...]
    bot_user_id: str | None

    def signed(self, body: bytes, signature: bytes) -> bool:
        """Tell whether `signature` (Base64 of HMAC-SHA256 over the raw body) was made with one of our secrets."""
        return any(
            hmac.compare_digest(base64.b64encode(hmac.digest(secret, body, "sha256")), signature)
            for secret in self.secrets
        )


class Channels:
    """All channels, with their rows in the database."""

    def __init__(self, database: Database, settings: Iterable[ChannelSettings], now: Now) -> None:
        self._database = database
        self._learning = threading.Lock()
        self._known = [self._enter(channel, now) for channel in settings]

    def only(self) -> KnownChannel:
        """Return the channel of settings that name just one."""
        [channel] = self._known
        return channel

    def signer_of(self, body: bytes, signature: bytes) -> KnownChannel | None:
        """Return the channel that signed `body`, None when none did."""
        return next((channel for channel in self._known if channel.signed(body, signature)), None)

    def accepts(self, channel: KnownChannel, destination: str | None) -> bool:
        """Tell whether a webhook signed by `channel` is meant for its account, which the first one makes known."""
        if destination is None or channel.bot_user_id == destination:
            return True
        # One asks the database, and the others who came together with it wait for what it learns.
        with self._learning:
            if channel.bot_user_id is None:
                channel.bot_user_id = self._learn(channel.id, destination[:80])
        return channel.bot_user_id == destination

    def _learn(self, channel_id: int, destination: str) -> str:
        """Enter `destination` as the account unless another process has entered one; return which it is."""
        statement = update(Channel).where(Channel.id == channel_id, Channel.bot_user_id.is_(None))
        with self._database.write(patience=1.0) as connection:
            connection.execute(statement.values(bot_user_id=destination))
            found = select(Channel.bot_user_id).where(Channel.id == channel_id)
            return str(connection.execute(found).scalar_one())

    def _enter(self, channel: ChannelSettings, now: Now) -> KnownChannel:
        find = select(Channel.id, Channel.bot_user_id).where(Channel.name == channel.name)
        secrets = tuple(secret.encode() for secret in channel.secrets)
        with self._database.write() as connection:
            row = connection.execute(find).one_or_none()
            if row is None:
                # Another process may start at the same moment: of the two inserts one waits and then does nothing.
                statement = insert_into(connection, Channel).on_conflict_do_nothing(index_elements=["name"])
                connection.execute(statement, {"name": channel.name, "created_at": now()})
                row = connection.execute(find).one()
            return KnownChannel(row.id, channel.name, secrets, row.bot_user_id)
