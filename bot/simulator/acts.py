"""What residents do, turned into LINE's webhook event objects with true fields (reference: Webhook Event Objects)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.simulator.channels import Channel
from bot.simulator.chats import Entry
from bot.simulator.contents import Content
from bot.simulator.people import BLOCKED, FRIEND, Group, Resident

if TYPE_CHECKING:
    from bot.simulator.world import World

QUOTABLE = frozenset({"text", "image", "video", "sticker"})
STORED = frozenset({"image", "video", "audio", "file"})


class Acts:
    """One method per thing that can happen; each returns the event it sent."""

    def __init__(self, world: World) -> None:
        self._world = world

    def emit(
        self,
        kind: str,
        payload: dict[str, Any],
        *,
        channel: Channel,
        chat: str,
        source: dict[str, Any] | None,
        reply: bool,
        mode: str | None = None,
        after: float = 0.0,
    ) -> dict[str, Any]:
        """Send an event of any type; `reply` gives it a reply token (never in standby, as LINE holds it)."""
        world = self._world
        with world.lock:
            now = world.clock()
            standby = world.chat(channel.name, chat).standby if chat else False
            mode = mode or ("standby" if standby else "active")
            event: dict[str, Any] = {
                "type": kind,
                **payload,
                "webhookEventId": world.ids.ulid(now),
                "deliveryContext": {"isRedelivery": False},
                "timestamp": int(now * 1000),
                "mode": mode,
            }
            if source is not None:
                event["source"] = source
            if reply and mode == "active":
                event["replyToken"] = world.ids.hex()
                world.reply_tokens.issue(event["replyToken"], channel.name, chat, now)
            world.webhooks.send(channel, chat, event, after)
            return event

    def message(
        self,
        resident: Resident,
        message: dict[str, Any],
        *,
        channel: str | None = None,
        group: Group | None = None,
        anonymous: bool = False,
        content: Content | None = None,
        mode: str | None = None,
        after: float = 0.0,
    ) -> dict[str, Any]:
        """A resident sends a message."""
        world = self._world
        with world.lock:
            bot = world.channel(channel)
            now = world.clock()
            whole = {**message, "id": world.ids.message(now), "markAsReadToken": world.ids.opaque(64)}
            if whole["type"] in QUOTABLE:
                whole["quoteToken"] = world.ids.opaque(64)
            if whole["type"] in STORED:
                whole.setdefault("contentProvider", {"type": "line"})
            chat = world.chat(bot.name, group.id if group else resident.id)
            friendship = resident.friendship(bot.name)
            if group is None:
                friendship.wrote_at = now
                if friendship.status == BLOCKED:
                    raise ValueError(f"{resident.name} has blocked the bot and must unblock it (follow) to write")
            entry = Entry(whole["id"], now, resident.id, "webhook", whole, quote_token=whole.get("quoteToken", ""))
            entry.read = bot.chat_mode == "bot"
            chat.entries.append(entry)
            world.keep_quote_token(entry.quote_token, chat)
            world.keep_read_token(whole["markAsReadToken"], bot.name, chat.id, whole["id"])
            if content is not None:
                world.contents.put(whole["id"], bot.name, content)
            world.journal.note("message", channel=bot.name, chat=chat.id, message=entry.as_json())
            return self.emit(
                "message",
                {"message": whole},
                channel=bot,
                chat=chat.id,
                source=source_of(resident, group, anonymous=anonymous),
                reply=True,
                mode=mode,
                after=after,
            )

    def file(
        self,
        resident: Resident,
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
        """A resident sends an image, video, audio or file; `duration` is in milliseconds.

        The bot may fetch it `preparing` seconds later, or never when its preparation `failed`. `image_set` is LINE's
        `{"id", "index", "total"}` for pictures sent together.
        """
        message: dict[str, Any] = {"type": kind}
        if kind == "file":
            message |= {"fileName": name, "fileSize": len(body)}
        if duration is not None:
            message["duration"] = duration
        if image_set:
            message["imageSet"] = image_set
        content = Content(body, content_type, self._world.clock() + preparing, failed=failed)
        return self.message(resident, message, channel=channel, group=group, content=content)

    def postback(
        self,
        resident: Resident,
        data: str,
        *,
        params: dict[str, Any] | None = None,
        display_text: str | None = None,
        channel: str | None = None,
        group: Group | None = None,
    ) -> dict[str, Any]:
        """A resident presses a button; `display_text` appears in the chat and, as on LINE, in no event."""
        world = self._world
        with world.lock:
            bot = world.channel(channel)
            now = world.clock()
            chat = world.chat(bot.name, group.id if group else resident.id)
            world.happen(chat, "press", {"data": data, "params": params, "shown": display_text})
            if display_text:
                shown = Entry(
                    world.ids.message(now), now, resident.id, "postback", {"type": "text", "text": display_text}
                )
                chat.entries.append(shown)
                world.journal.note("message", channel=bot.name, chat=chat.id, message=shown.as_json())
            payload: dict[str, Any] = {"data": data}
            if params is not None:
                payload["params"] = params
            return self.emit(
                "postback",
                {"postback": payload},
                channel=bot,
                chat=chat.id,
                source=source_of(resident, group),
                reply=True,
            )

    def switch_menu(self, resident: Resident, alias: str, data: str, *, channel: str | None = None) -> dict[str, Any]:
        """A resident taps the switch of a rich menu; the event says whether the other menu could be shown."""
        world = self._world
        with world.lock:
            bot = world.channel(channel)
            target = bot.menus.aliases.get(alias)
            if target is None:
                status = "RICHMENU_ALIAS_ID_NOTFOUND"
            elif target not in bot.menus.menus:
                status = "RICHMENU_NOTFOUND"
            else:
                status = "SUCCESS"
                bot.menus.links[resident.id] = target
                world.note_menus(bot)
            params = {"newRichMenuAliasId": alias, "status": status}
            return self.postback(resident, data, params=params, channel=bot.name)

    def video_watched(self, resident: Resident, tracking_id: str, *, channel: str | None = None) -> dict[str, Any]:
        """A resident finished watching a video that was sent with a tracking id."""
        return self._alone("videoPlayComplete", {"videoPlayComplete": {"trackingId": tracking_id}}, resident, channel)

    def beacon(
        self, resident: Resident, hwid: str, kind: str = "enter", dm: str | None = None, *, channel: str | None = None
    ) -> dict[str, Any]:
        """A resident comes near a beacon (`enter`, `banner`, `stay`); `dm` is its device message in hex."""
        beacon = {"hwid": hwid, "type": kind} | ({"dm": dm} if dm else {})
        return self._alone("beacon", {"beacon": beacon}, resident, channel)

    def account_link(
        self, resident: Resident, nonce: str, *, failed: bool = False, channel: str | None = None
    ) -> dict[str, Any]:
        """A resident links an account of the service; a failed one has neither source nor reply token."""
        link = {"link": {"result": "failed" if failed else "ok", "nonce": nonce}}
        if not failed:
            return self._alone("accountLink", link, resident, channel)
        bot = self._world.channel(channel)
        return self.emit("accountLink", link, channel=bot, chat=resident.id, source=None, reply=False)

    def membership(
        self, resident: Resident, kind: str, membership_id: int, *, channel: str | None = None
    ) -> dict[str, Any]:
        """A resident's paid membership: `joined`, `left`, `renewed`."""
        return self._alone(
            "membership", {"membership": {"type": kind, "membershipId": membership_id}}, resident, channel
        )

    def delivery(self, data: str, *, channel: str | None = None) -> dict[str, Any]:
        """A notification message arrived; the event has no source."""
        bot = self._world.channel(channel)
        return self.emit("delivery", {"delivery": {"data": data}}, channel=bot, chat="", source=None, reply=False)

    def platform(
        self, kind: str, payload: dict[str, Any] | None = None, *, channel: str | None = None
    ) -> dict[str, Any]:
        """Events of the platform to module channels: `module`, `activated`, `deactivated`, `botSuspended`, `botResumed`."""
        bot = self._world.channel(channel)
        return self.emit(kind, payload or {}, channel=bot, chat="", source=None, reply=False)

    def _alone(self, kind: str, payload: dict[str, Any], resident: Resident, channel: str | None) -> dict[str, Any]:
        bot = self._world.channel(channel)
        return self.emit(kind, payload, channel=bot, chat=resident.id, source=source_of(resident, None), reply=True)

    def follow(self, resident: Resident, *, channel: str | None = None) -> dict[str, Any]:
        """A resident adds the bot as a friend, for the first time or after having blocked it."""
        world = self._world
        with world.lock:
            bot = world.channel(channel)
            friendship = resident.friendship(bot.name)
            unblocked = friendship.status == BLOCKED
            world.befriend(resident, FRIEND, bot.name)
            world.happen(world.chat(bot.name, resident.id), "follow", {"again": unblocked})
            return self.emit(
                "follow",
                {"follow": {"isUnblocked": unblocked}},
                channel=bot,
                chat=resident.id,
                source=source_of(resident, None),
                reply=True,
            )

    def unfollow(self, resident: Resident, *, channel: str | None = None) -> dict[str, Any]:
        """A resident blocks the bot."""
        world = self._world
        with world.lock:
            bot = world.channel(channel)
            world.befriend(resident, BLOCKED, bot.name)
            return self.emit(
                "unfollow", {}, channel=bot, chat=resident.id, source=source_of(resident, None), reply=False
            )

    def unsend(
        self, resident: Resident, message_id: str, *, channel: str | None = None, group: Group | None = None
    ) -> dict[str, Any]:
        """A resident takes back a message of theirs."""
        world = self._world
        with world.lock:
            bot = world.channel(channel)
            chat = world.chat(bot.name, group.id if group else resident.id)
            entry = chat.find(message_id)
            if entry is None or entry.sender != resident.id:
                raise KeyError(f"{resident.name} sent no message {message_id} here")
            entry.unsent = True
            world.contents.unsend(message_id)
            world.journal.note("message", channel=bot.name, chat=chat.id, message=entry.as_json())
            return self.emit(
                "unsend",
                {"unsend": {"messageId": message_id}},
                channel=bot,
                chat=chat.id,
                source=source_of(resident, group),
                reply=False,
            )

    def edit(
        self, resident: Resident, message_id: str, text: str, *, group: Group, channel: str | None = None
    ) -> dict[str, Any]:
        """A resident edits a text in a group: same id, new quote token, no read token."""
        world = self._world
        with world.lock:
            bot = world.channel(channel)
            chat = world.chat(bot.name, group.id)
            entry = chat.find(message_id)
            if entry is None or entry.sender != resident.id or entry.message["type"] != "text":
                raise KeyError(f"{resident.name} sent no text {message_id} in this group")
            entry.quote_token = world.ids.opaque(64)
            world.keep_quote_token(entry.quote_token, chat)
            entry.message = {"type": "text", "id": message_id, "text": text, "quoteToken": entry.quote_token}
            entry.edited = True
            world.journal.note("message", channel=bot.name, chat=chat.id, message=entry.as_json())
            return self.emit(
                "messageEdited",
                {"message": entry.message},
                channel=bot,
                chat=chat.id,
                source=source_of(resident, group),
                reply=True,
            )

    def member_joined(self, resident: Resident, group: Group) -> list[dict[str, Any]]:
        """A resident joins a group."""
        with self._world.lock:
            group.members[resident.id] = None
            self._world.journal.note("group", group=group.as_json())
            joined = {"joined": {"members": [{"type": "user", "userId": resident.id}]}}
            return [self._in_group("memberJoined", joined, group, bot, reply=True) for bot in group.bots]

    def member_left(self, resident: Resident, group: Group) -> list[dict[str, Any]]:
        """A resident leaves a group."""
        with self._world.lock:
            group.members.pop(resident.id, None)
            self._world.journal.note("group", group=group.as_json())
            left = {"left": {"members": [{"type": "user", "userId": resident.id}]}}
            return [self._in_group("memberLeft", left, group, bot, reply=False) for bot in group.bots]

    def join(self, group: Group, *, channel: str | None = None) -> dict[str, Any]:
        """The bot is invited to a group."""
        with self._world.lock:
            bot = self._world.channel(channel).name
            group.bots[bot] = None
            self._world.journal.note("group", group=group.as_json())
            return self._in_group("join", {}, group, bot, reply=True)

    def leave(self, group: Group, *, channel: str | None = None) -> dict[str, Any]:
        """The bot is removed from a group."""
        with self._world.lock:
            bot = self._world.channel(channel).name
            group.bots.pop(bot, None)
            self._world.journal.note("group", group=group.as_json())
            return self._in_group("leave", {}, group, bot, reply=False)

    def _in_group(self, kind: str, payload: dict[str, Any], group: Group, bot: str, *, reply: bool) -> dict[str, Any]:
        source = source_of(None, group)
        channel = self._world.channel(bot)
        return self.emit(kind, payload, channel=channel, chat=group.id, source=source, reply=reply)


def source_of(resident: Resident | None, group: Group | None, *, anonymous: bool = False) -> dict[str, Any]:
    """Return an event's `source`."""
    if group is None:
        if resident is None:
            raise ValueError("an event comes from a resident, a group or both")
        return {"type": "user", "userId": resident.id}
    source = {"type": group.kind, f"{group.kind}Id": group.id}
    if resident is not None and not anonymous:
        source["userId"] = resident.id
    return source
