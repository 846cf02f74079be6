"""Groups and rooms: what residents tell the town hall is private, so the account says so once and leaves."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import orjson
from sqlalchemy import Connection

from bot.claims import claim
from bot.jobs import Arguments, Jobs, NotYet, Task, TaskContext
from bot.line.events import Event

LEAVE = "groups.leave"
TOKEN_SECONDS = 50.0
"""A reply token this old may no longer work; then the account leaves without a word, as a push costs for every member."""

RETRY_SECONDS = 30.0

PRIVATE = (
    "個人の情報を守るため、この窓口はグループではご利用いただけません。お手数ですが、1対1のトークでお話しください。\n\n"
    "To protect your privacy, this counter cannot be used in groups. Please talk to us in a one-to-one chat."
)


@dataclass(frozen=True, slots=True)
class Invitation:
    """The account was taken into a group or room."""

    channel_id: int
    channel: str
    event: Event
    received_at: dt.datetime


def is_invitation(event: Event) -> bool:
    """Tell whether an event says that this account is in a group now and may speak there."""
    return event.type == "join" and event.group_id is not None and not event.standby


class Groups:
    """Answers invitations, each once."""

    def __init__(self, jobs: Jobs) -> None:
        self._jobs = jobs

    def apply(self, connection: Connection, batch: Sequence[Invitation]) -> list[None]:
        """Claim the events and defer the farewells."""
        now = max(invitation.received_at for invitation in batch)
        new = claim(connection, ((each.channel_id, each.event.id) for each in batch), now)
        for invitation in batch:
            if (mine := (invitation.channel_id, invitation.event.id)) in new:
                new.discard(mine)
                self._jobs.defer(connection, LEAVE, _arguments(invitation))
        return [None] * len(batch)


def _arguments(invitation: Invitation) -> Arguments:
    event = invitation.event
    return {
        "channel": invitation.channel,
        "room": event.in_room,
        "id": event.group_id,
        "token": event.reply_token,
        "received_at": invitation.received_at.timestamp(),
    }


def leave(context: TaskContext, arguments: Arguments) -> None:
    """Say that this is a private counter, then leave; LINE takes a token once, so a second run says nothing twice."""
    token, age = arguments["token"], context.now.timestamp() - arguments["received_at"]
    if token is not None and age < TOKEN_SECONDS:
        body = orjson.dumps({"replyToken": token, "messages": [{"type": "text", "text": PRIVATE}]})
        context.client.reply(arguments["channel"], body)
    answer = context.client.leave(arguments["channel"], arguments["id"], room=arguments["room"])
    # Any other 4xx says that it is not in there (any more).
    if answer.status is None or answer.status >= 500 or answer.status in {401, 429}:
        raise NotYet(RETRY_SECONDS)


TASKS = (Task(LEAVE, leave),)
