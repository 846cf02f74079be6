"""LINE's side of the world, all in memory: bots, residents, groups, chats, and what passes between them.

Every public method may be called from any thread or greenlet.
"""

from __future__ import annotations

import random
import threading
from collections import OrderedDict
from collections.abc import Callable
from typing import Any

from bot.simulator.acts import Acts
from bot.simulator.channels import Channel
from bot.simulator.chats import Chat, Entry, Happening
from bot.simulator.contents import Contents
from bot.simulator.faults import Faults
from bot.simulator.ids import Ids
from bot.simulator.journal import Journal
from bot.simulator.log import Send, SendLog, TrafficLog
from bot.simulator.menus import Menu
from bot.simulator.people import FRIEND, STRANGER, Friendship, Group, Resident
from bot.simulator.postman import Postman
from bot.simulator.replytokens import ReplyTokens
from bot.simulator.retrykeys import RetryKeys
from bot.simulator.webhooks import Webhooks

RESIDENTS_KEPT = 200_000
READ_TOKENS_KEPT = 50_000
QUOTE_TOKENS_KEPT = 200_000


class World:
    """All state of the stand-in.

    `clock` gives epoch seconds, `advance` moves it forward where its owner allows that, `rng` is the source of ids.
    Time travel ages reply tokens, retry keys, access tokens, rates and months; network pauses stay on real time.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        *,
        advance: Callable[[float], None] | None = None,
        rng: random.Random | None = None,
    ) -> None:
        rng = rng or random.SystemRandom()
        self.clock = clock
        self.lock = threading.RLock()
        self.ids = Ids(rng)
        self.journal = Journal()
        self.log = TrafficLog()
        self.sends = SendLog()
        self.faults = Faults(rng)
        self.channels: dict[str, Channel] = {}
        self.residents: dict[str, Resident] = {}
        self.groups: dict[str, Group] = {}
        self.chats: OrderedDict[tuple[str, str], Chat] = OrderedDict()
        self.reply_tokens = ReplyTokens()
        self.retry_keys = RetryKeys()
        self.contents = Contents()
        self.read_tokens: OrderedDict[str, tuple[str, str, str]] = OrderedDict()
        self.quote_tokens: OrderedDict[str, tuple[str, str]] = OrderedDict()
        self.postman = Postman()
        self.webhooks = Webhooks(self, rng)
        self.acts = Acts(self)
        self._advance = advance

    def add_channel(
        self,
        name: str = "main",
        *,
        secret: str | list[str],
        token: str | None = None,
        webhook_url: str = "",
        channel_id: str | None = None,
        bot_user_id: str | None = None,
        display_name: str = "",
    ) -> Channel:
        """Add a bot; without a `token` every access token opens the channel. Several secrets: the first signs."""
        with self.lock:
            number = 1_660_000_000 + len(self.channels)
            channel = Channel(
                name=name,
                id=channel_id or str(number),
                bot_user_id=bot_user_id or self.ids.hex("U"),
                secrets=[secret] if isinstance(secret, str) else list(secret),
                own_token=self.ids.opaque(40),
                webhook_url=webhook_url,
                any_token=token is None,
                display_name=display_name or name,
            )
            if token is not None:
                channel.issue(token, None)
            self.channels[name] = channel
            self.journal.note("channel", channel=channel.as_json())
            return channel

    def channel(self, name: str | None = None) -> Channel:
        """Return a bot by name; without one, the first.

        Raises:
            KeyError: when there is none of that name.
        """
        if name is None:
            return next(iter(self.channels.values()))
        return self.channels[name]

    def channel_of(self, token: str) -> Channel | None:
        """Return the bot an access token opens now."""
        now = self.clock()
        for channel in self.channels.values():
            if token in channel.tokens or token == channel.own_token:
                return channel if channel.admits(token, now) else None
        return next((channel for channel in self.channels.values() if channel.admits(token, now)), None)

    def own_token(self, channel: str) -> str | None:
        """Return the access token with which the stand-in itself calls for the bot named `channel`, None when there is none."""
        found = self.channels.get(channel)
        return None if found is None else found.own_token

    def add_resident(
        self,
        name: str,
        *,
        language: str | None = "ja",
        picture_url: str | None = None,
        friend_of: str | list[str] | None = None,
        user_id: str | None = None,
    ) -> Resident:
        """Add a LINE user; `friend_of` names bots that are already a friend (no event is sent for that).

        Raises:
            ValueError: when the id is taken or there are too many residents.
        """
        with self.lock:
            user_id = user_id or self.ids.hex("U")
            if user_id in self.residents:
                raise ValueError(f"there is already a resident {user_id}")
            if len(self.residents) >= RESIDENTS_KEPT:
                raise ValueError(f"there are {RESIDENTS_KEPT} residents already: reset the simulator")
            resident = Resident(self, user_id, name, language, picture_url)
            self.residents[user_id] = resident
            names = [friend_of] if isinstance(friend_of, str) else friend_of or []
            for bot in names:
                resident.friendships[self.channel(bot).name] = Friendship(FRIEND, self.clock())
            self.journal.note("resident", resident=resident.as_json())
            return resident

    def resident(self, key: str) -> Resident:
        """Return a resident by id, else by name.

        Raises:
            KeyError: when there is none.
        """
        found = self.residents.get(key)
        if found is None:
            found = next((one for one in self.residents.values() if one.name == key), None)
        if found is None:
            raise KeyError(f"no resident {key}")
        return found

    def befriend(self, resident: Resident, status: str, channel: str | None = None) -> None:
        """Set how a resident stands to a bot (`friend`, `blocked`, `stranger`) without any event."""
        with self.lock:
            friendship = resident.friendship(channel)
            friendship.status, friendship.since = status, self.clock()
            if status == STRANGER:
                friendship.wrote_at = None
            self.journal.note("resident", resident=resident.as_json())

    def add_group(
        self, name: str, members: list[Resident], *, room: bool = False, group_id: str | None = None
    ) -> Group:
        """Add a group (or a room); bots join it with `acts.join`."""
        with self.lock:
            group = Group(group_id or self.ids.hex("R" if room else "C"), name, None)
            group.members = dict.fromkeys(member.id for member in members)
            self.groups[group.id] = group
            self.journal.note("group", group=group.as_json())
            return group

    def chat(self, channel: str, chat_id: str) -> Chat:
        """Return a bot's chat with a user, group or room, opened when needed; the longest unused one may close."""
        with self.lock:
            key = (channel, chat_id)
            chat = self.chats.get(key)
            if chat is None:
                group = self.groups.get(chat_id)
                chat = self.chats[key] = Chat(channel, group.kind if group else "user", chat_id)
                if len(self.chats) > RESIDENTS_KEPT:
                    self.chats.popitem(last=False)
            return chat

    def show(self, chat: Chat, entry: Entry) -> None:
        """Let a message of the bot appear in a chat; it ends the loading dots."""
        chat.entries.append(entry)
        chat.loading_until = 0.0
        self.keep_quote_token(entry.quote_token, chat)
        self.journal.note("message", channel=chat.channel, chat=chat.id, message=entry.as_json())

    def happen(self, chat: Chat, kind: str, detail: dict[str, Any]) -> None:
        """Remember what happened in a chat beside its messages."""
        with self.lock:
            now = self.clock()
            chat.happenings.append(Happening(self.ids.message(now), now, kind, detail))

    def keep_read_token(self, token: str, channel: str, chat: str, message_id: str) -> None:
        """Remember which message a `markAsReadToken` marks."""
        self.read_tokens[token] = (channel, chat, message_id)
        while len(self.read_tokens) > READ_TOKENS_KEPT:
            self.read_tokens.popitem(last=False)

    def keep_quote_token(self, token: str, chat: Chat) -> None:
        """Remember in which chat a message can be quoted."""
        if token:
            self.quote_tokens[token] = (chat.channel, chat.id)
            while len(self.quote_tokens) > QUOTE_TOKENS_KEPT:
                self.quote_tokens.popitem(last=False)

    def rich_menu(self, user_id: str, channel: str | None = None) -> Menu | None:
        """Return the rich menu a user sees in a bot's chat."""
        return self.channel(channel).menus.shown_to(user_id)

    def note_menus(self, channel: Channel) -> None:
        """Tell readers that what residents see of a bot's rich menus may have changed."""
        self.journal.note("menu", channel=channel.name)

    def note_send(self, send: Send) -> None:
        """Record an accepted send."""
        self.sends.add(send)

    def updates(self, since: int = 0) -> dict[str, Any]:
        """Return `{"version", "reload", "changes"}` for a reader that knows everything up to version `since`."""
        with self.lock:
            return self.journal.since(since)

    @property
    def can_travel(self) -> bool:
        """Return whether this world's clock may be moved from here."""
        return self._advance is not None

    def advance(self, seconds: float) -> float:
        """Move the clock forward and return the new time.

        Raises:
            ValueError: when the clock belongs to someone else, or for a step back.
        """
        if self._advance is None:
            raise ValueError("this simulator does not own its clock: move the time where it was started")
        self._advance(seconds)
        with self.lock:
            self.journal.note("clock", now=self.clock())
        return self.clock()

    def reset(self, *, people: bool = True) -> None:
        """Forget chats, logs, tokens and faults, and the people too unless asked to keep them; the bots stay."""
        with self.lock:
            self.chats.clear()
            self.contents.clear()
            self.reply_tokens.clear()
            self.retry_keys.clear()
            self.read_tokens.clear()
            self.quote_tokens.clear()
            self.webhooks.clear()
            self.faults.clear()
            self.log = TrafficLog()
            self.sends = SendLog()
            for channel in self.channels.values():
                channel.clear()
            if people:
                self.residents.clear()
                self.groups.clear()
            self.journal.note("reset", people=people)

    def close(self) -> None:
        """Deliver nothing more."""
        self.postman.close()
