"""The audience: what residents receive, what is known of them for segments, how many a segment means, and who was a friend before.

Nobody is chosen by anything but what a flow asked for with `segment`, what they subscribed to, and their language.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson
from sqlalchemy import Connection, delete, func, select

from bot import roll, segment
from bot.db import Database
from bot.line.client import LineClient
from bot.models import Attribute, Resident, StoppedTopic, Subscription, Topic
from bot.now import Now
from bot.upsert import insert_into, upsert

FRIENDS_A_PAGE = 1000
KEPT = dt.timedelta(days=400)
"""How long an answer serves for segments unless it is given again: a yearly service asks in time."""


class FriendsUnknown(Exception):
    """LINE does not tell who the friends are; the message says why."""


def offer(connection: Connection, topic: str, titles: Mapping[str, str]) -> None:
    """Make a topic known, or change its titles (by language)."""
    statement = upsert(connection, Topic, ("name",), ("titles",))
    connection.execute(statement, {"name": topic, "titles": dict(titles)})


def subscribe(connection: Connection, resident_id: int, topic: str, now: dt.datetime) -> None:
    """Let a resident receive a topic from now on; LookupError when nobody offers it."""
    if connection.execute(select(Topic.name).where(Topic.name == topic)).first() is None:
        raise LookupError(f"no topic {topic!r} is offered")
    statement = insert_into(connection, Subscription).on_conflict_do_nothing()
    connection.execute(statement, {"resident_id": resident_id, "topic": topic, "since": now})
    hear_again(connection, resident_id, topic)


def unsubscribe(connection: Connection, resident_id: int, topic: str) -> None:
    """Stop a topic for a resident."""
    gone = delete(Subscription).where(Subscription.resident_id == resident_id, Subscription.topic == topic)
    connection.execute(gone)


def stop(connection: Connection, resident_id: int, topic: str, now: dt.datetime) -> None:
    """Tell a resident nothing more of a topic, neither what they subscribed to nor what a flow reminds them of."""
    unsubscribe(connection, resident_id, topic)
    statement = insert_into(connection, StoppedTopic).on_conflict_do_nothing()
    connection.execute(statement, {"resident_id": resident_id, "topic": topic[:60], "since": now})


def hear_again(connection: Connection, resident_id: int, topic: str) -> None:
    """Forget that a resident stopped a topic: they have just asked to be told of something in it."""
    again = delete(StoppedTopic).where(StoppedTopic.resident_id == resident_id, StoppedTopic.topic == topic)
    connection.execute(again)


def stopped_by(connection: Connection, resident_id: int) -> set[str]:
    """Return the topics of which a resident wants to hear nothing."""
    found = select(StoppedTopic.topic).where(StoppedTopic.resident_id == resident_id)
    return set(connection.execute(found).scalars())


def who_stopped(topic: str) -> Any:
    """Return the ids of those who want to hear nothing of a topic, as a subquery: `resident_id.not_in(who_stopped("tax"))`."""
    return select(StoppedTopic.resident_id).where(StoppedTopic.topic == topic)


def topics_of(connection: Connection, resident_id: int) -> dict[str, dict[str, str]]:
    """Return the topics a resident receives, by name, with their titles by language."""
    found = select(Topic.name, Topic.titles).join(Subscription, Subscription.topic == Topic.name)
    rows = connection.execute(found.where(Subscription.resident_id == resident_id).order_by(Topic.name))
    return {row.name: row.titles for row in rows}


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a closed question, to be kept until `keep_until`; `value` None forgets what was known."""

    resident_id: int
    name: str
    value: str | None
    keep_until: dt.datetime


def learn(connection: Connection, facts: Sequence[Fact], now: dt.datetime) -> None:
    """Remember facts for segments; the latest answer replaces the one before."""
    for fact in facts:
        if fact.value is None:
            gone = delete(Attribute).where(Attribute.resident_id == fact.resident_id, Attribute.name == fact.name)
            connection.execute(gone)
    rows = [
        {
            "resident_id": fact.resident_id,
            "name": fact.name,
            "value": fact.value,
            "set_at": now,
            "keep_until": fact.keep_until,
        }
        for fact in facts
        if fact.value is not None
    ]
    if rows:
        statement = upsert(connection, Attribute, ("resident_id", "name"), ("value", "set_at", "keep_until"))
        connection.execute(statement, rows)


def count(connection: Connection, channel_id: int, who: segment.Segment) -> int:
    """Return how many residents of a channel a segment means now, those who blocked the account left out."""
    return connection.execute(
        select(func.count()).select_from(Resident).where(*_reachable(channel_id, who))
    ).scalar_one()


def sample(connection: Connection, channel_id: int, who: segment.Segment, size: int = 10) -> list[str]:
    """Return the references of a few residents whom a segment means: the latest to have come."""
    found = select(Resident.reference).where(*_reachable(channel_id, who)).order_by(Resident.id.desc()).limit(size)
    return list(connection.execute(found).scalars())


def _reachable(channel_id: int, who: segment.Segment) -> tuple[Any, ...]:
    return Resident.channel_id == channel_id, Resident.friend.is_not(False), segment.condition(who, whole=True)


def import_friends(client: LineClient, database: Database, channel: str, channel_id: int, now: Now) -> Iterator[int]:
    """Enter everybody who is a friend of the account by LINE's own list; yield the number read after each page.

    It can be repeated at any time. Source: Messaging API reference, "Get a list of users who added your LINE Official Account as a
    friend"; verified and premium accounts only. Raises FriendsUnknown.
    """
    start, read = "", 0
    while True:
        asked_at = now()
        query = urlencode({"limit": FRIENDS_A_PAGE} | ({"start": start} if start else {}))
        page = _page(client, channel, query)
        with database.write() as connection:
            _befriend(connection, channel_id, page.get("userIds", []), asked_at)
        read += len(page.get("userIds", []))
        yield read
        start = page.get("next", "")
        if not start:
            return


def _befriend(connection: Connection, channel_id: int, users: Sequence[str], now: dt.datetime) -> None:
    """Enter friends; whoever we have heard of since keeps what we heard."""
    statement = insert_into(connection, Resident)
    statement = statement.on_conflict_do_update(
        index_elements=["channel_id", "line_user_id"],
        set_={"friend": statement.excluded.friend, "friend_at": statement.excluded.friend_at},
        where=Resident.friend.is_not(True) & (Resident.friend_at < statement.excluded.friend_at),
    )
    rows = [
        {
            "channel_id": channel_id,
            "line_user_id": user,
            "reference": roll.new_reference(),
            "friend": True,
            "friend_at": int(now.timestamp() * 1000),
            "created_at": now,
        }
        for user in sorted(set(users))
    ]
    if rows:
        connection.execute(statement, rows)


def _page(client: LineClient, channel: str, query: str) -> dict[str, Any]:
    answer = client.get(channel, f"/v2/bot/followers/ids?{query}")
    if answer.status == 403:
        raise FriendsUnknown("LINE tells verified and premium accounts only who their friends are (403)")
    if answer.status != 200:
        raise FriendsUnknown(f"LINE answered {answer.status or answer.trouble}: try again, nothing is lost")
    page: dict[str, Any] = orjson.loads(answer.body)
    return page
