"""The people on LINE's side of the counter, and what each of them can do: talk, press, follow, block, join a group."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from bot.simulator.world import World

FRIEND = "friend"
BLOCKED = "blocked"
STRANGER = "stranger"


@dataclass(eq=False, slots=True)
class Friendship:
    """How a resident stands to one bot: `friend`, `blocked` or `stranger`; when they last wrote (epoch seconds)."""

    status: str = STRANGER
    since: float = 0.0
    wrote_at: float | None = None


@dataclass(eq=False, slots=True)
class Group:
    """A group (id `C…`) or a room (id `R…`); `bots` are the names of the channels whose bot is a member."""

    id: str
    name: str
    picture_url: str | None
    members: dict[str, None] = field(default_factory=dict)
    bots: dict[str, None] = field(default_factory=dict)

    @property
    def kind(self) -> str:
        """Return `group` or `room`."""
        return "room" if self.id.startswith("R") else "group"

    def as_json(self) -> dict[str, Any]:
        """Return the group for page and tests."""
        return {
            "id": self.id,
            "kind": self.kind,
            "name": self.name,
            "picture_url": self.picture_url,
            "members": list(self.members),
            "bots": list(self.bots),
        }


@dataclass(eq=False, slots=True)
class Resident:
    """A LINE user. Every act sends the webhook LINE would send and returns its event object.

    `channel` names the bot (default: the world's first), `group` the group or room the act happens in (default: the
    chat with the bot).
    """

    world: World
    id: str
    name: str
    language: str | None = "ja"
    picture_url: str | None = None
    status_message: str | None = None
    consented: bool = True
    friendships: dict[str, Friendship] = field(default_factory=dict)

    def friendship(self, channel: str | None = None) -> Friendship:
        """Return how this resident stands to a bot."""
        return self.friendships.setdefault(self.world.channel(channel).name, Friendship())

    def as_json(self) -> dict[str, Any]:
        """Return the resident for page and tests."""
        return {
            "id": self.id,
            "name": self.name,
            "language": self.language,
            "picture_url": self.picture_url,
            "status_message": self.status_message,
            "consented": self.consented,
            "friendships": {
                name: {"status": one.status, "since": one.since, "wrote_at": one.wrote_at}
                for name, one in self.friendships.items()
            },
        }

    def say(
        self,
        text: str,
        *,
        channel: str | None = None,
        group: Group | None = None,
        quote: str | None = None,
        mentionees: list[dict[str, Any]] | None = None,
        emojis: list[dict[str, Any]] | None = None,
    ) -> dict[str, Any]:
        """Send a text; `quote` is the id of a quoted message, `mentionees` and `emojis` LINE's own objects."""
        message: dict[str, Any] = {"type": "text", "text": text}
        if emojis:
            message["emojis"] = emojis
        if mentionees:
            message["mention"] = {"mentionees": mentionees}
        if quote:
            message["quotedMessageId"] = quote
        return self.send(message, channel=channel, group=group)

    def send(
        self,
        message: dict[str, Any],
        *,
        channel: str | None = None,
        group: Group | None = None,
        anonymous: bool = False,
    ) -> dict[str, Any]:
        """Send any message object of a webhook (`{"type": "sticker", …}`); ids and tokens are added here.

        `anonymous` leaves out `source.userId`, as in groups for people who use LINE on a PC only.
        """
        return self.world.acts.message(self, message, channel=channel, group=group, anonymous=anonymous)

    def send_file(
        self,
        kind: str,
        body: bytes,
        content_type: str,
        *,
        name: str = "",
        duration: int | None = None,
        channel: str | None = None,
        group: Group | None = None,
        preparing: float = 0.0,
        failed: bool = False,
        image_set: dict[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Send an `image`, `video`, `audio` or `file`; the bot can fetch the bytes `preparing` seconds later."""
        return self.world.acts.file(
            self,
            kind,
            body,
            content_type,
            name=name,
            duration=duration,
            channel=channel,
            group=group,
            preparing=preparing,
            failed=failed,
            image_set=image_set,
        )

    def sticker(
        self,
        package_id: str = "446",
        sticker_id: str = "1988",
        *,
        channel: str | None = None,
        group: Group | None = None,
    ) -> dict[str, Any]:
        """Send a sticker."""
        message = {"type": "sticker", "packageId": package_id, "stickerId": sticker_id, "stickerResourceType": "STATIC"}
        return self.send(message, channel=channel, group=group)

    def location(
        self,
        latitude: float,
        longitude: float,
        *,
        title: str | None = None,
        address: str | None = None,
        channel: str | None = None,
        group: Group | None = None,
    ) -> dict[str, Any]:
        """Send a place, degrees in WGS 84."""
        message: dict[str, Any] = {"type": "location", "latitude": latitude, "longitude": longitude}
        message |= {"title": title} if title else {}
        message |= {"address": address} if address else {}
        return self.send(message, channel=channel, group=group)

    def press(
        self,
        data: str,
        *,
        params: dict[str, Any] | None = None,
        display_text: str | None = None,
        channel: str | None = None,
        group: Group | None = None,
    ) -> dict[str, Any]:
        """Press a button with a postback; `params` of a date picker (`{"date": "2027-05-31"}`) or rich menu switch."""
        return self.world.acts.postback(
            self, data, params=params, display_text=display_text, channel=channel, group=group
        )

    def follow(self, *, channel: str | None = None) -> dict[str, Any]:
        """Add the bot as a friend, or unblock it."""
        return self.world.acts.follow(self, channel=channel)

    def block(self, *, channel: str | None = None) -> dict[str, Any]:
        """Block the bot; from now on nothing reaches this resident."""
        return self.world.acts.unfollow(self, channel=channel)

    unfollow = block

    def switch_menu(self, alias: str, data: str, *, channel: str | None = None) -> dict[str, Any]:
        """Tap a rich menu's switch to the menu with this alias."""
        return self.world.acts.switch_menu(self, alias, data, channel=channel)

    def unsend(self, message_id: str, *, channel: str | None = None, group: Group | None = None) -> dict[str, Any]:
        """Take back a message; its content answers 410 from now on."""
        return self.world.acts.unsend(self, message_id, channel=channel, group=group)

    def edit(self, message_id: str, text: str, *, group: Group, channel: str | None = None) -> dict[str, Any]:
        """Edit a text in a group."""
        return self.world.acts.edit(self, message_id, text, group=group, channel=channel)

    def join(self, group: Group) -> list[dict[str, Any]]:
        """Join a group; every bot in it gets an event."""
        return self.world.acts.member_joined(self, group)

    def leave(self, group: Group) -> list[dict[str, Any]]:
        """Leave a group; every bot in it gets an event."""
        return self.world.acts.member_left(self, group)
