"""Sample broadcasts for the demo: one in every state staff meet, saved segments, and an event and deliveries that went wrong."""

from __future__ import annotations

import datetime as dt
import uuid
from typing import Any

import orjson
from sqlalchemy import insert, select, update

from bot import audience, segment
from bot.campaigns import campaign, starting
from bot.campaigns.composition import Composition, Means
from bot.campaigns.content import Content, Words
from bot.campaigns.repeat import Every, Excluded, Repeat
from bot.campaigns.states import State
from bot.delivery.inspection import PAYLOAD
from bot.delivery.members import pack
from bot.delivery.outcome import Verdict
from bot.models import (
    Attempt,
    Batch,
    Broadcast,
    Campaign,
    CampaignRun,
    Delivery,
    FailedEvent,
    SavedSegment,
    SealedBytes,
)
from bot.now import TOKYO
from bot.sample import SampleContext
from bot.segment import All, Attributed, Segment, Speaks, Topic
from bot.setaside import RAW

TOPICS = {
    "water": {"ja": "断水・水道", "ja-easy": "みずの おしらせ", "en": "Water supply"},
    "events": {"ja": "行事・講座", "ja-easy": "イベント", "en": "Events"},
    "children": {"ja": "子育て", "ja-easy": "こどもの おしらせ", "en": "Children"},
}
AREAS = ("north", "central", "south")
NOON = dt.time(12, 0)

WATER = Content(
    {
        "ja": Words(
            text="【断水のお知らせ】\n明日9時から15時まで、北部で水道工事のため断水します。水のくみ置きをお願いします。"
        ),
        "ja-easy": Words(text="あした 9時から 15時まで、みずが 出ません。みずを ためて ください。"),
        "en": Words(text="No water tomorrow from 9:00 to 15:00 in the north of the town. Please store some."),
    }
)
FESTIVAL = Content(
    {
        "ja": Words(
            card_title="まどぐち町まつり",
            card_text="町民広場で開きます。屋台と盆おどりがあります。雨の日は中止です。",
            labels=("手続きを見る",),
            notice="まどぐち町まつりのご案内",
        ),
        "en": Words(
            card_title="Town festival",
            card_text="At the town square, with food stalls and dancing. Cancelled when it rains.",
            labels=("See services",),
            notice="The town festival",
        ),
    },
    targets=("メニュー",),
)
LIBRARY = Content({"ja": Words(text="{{ today|jdate('曜日') }}は、図書館のおはなし会の日です。どうぞお越しください。")})
CLINIC = Content(
    {
        "ja": Words(text="来月の乳幼児健診の受付を始めました。"),
        "en": Words(text="Check-ups for infants are open."),
    }
)


def fill(context: SampleContext) -> None:
    """Fill the database."""
    _introduce(context)
    officer, approver = context.staff["officer"], context.staff["approver"]
    _segments(context, officer)
    _compose(context, "乳幼児健診の案内（下書き）", CLINIC, Topic("children"))
    refused = _compose(context, "まつりの案内", FESTIVAL, Topic("events"))
    means = Means(context.vault, context.book.town_in, None)
    campaign.submit(context.connection, means, refused, officer, context.now, knowingly=False)
    campaign.refuse(context.connection, context.vault, refused, approver, context.now, "開始時刻も書いてください。")
    north = All((Topic("water"), Attributed("area", ("north",))))
    asked = _compose(context, "北部の断水", WATER, north, send_at=_at(context, 1))
    campaign.submit(context.connection, means, asked, officer, context.now, knowingly=False)
    monthly = Repeat(Every.NTH_WEEKDAY, weekdays=(5,), nth=2)
    repeated = _compose(
        context,
        "おはなし会",
        LIBRARY,
        Topic("events"),
        send_at=_at(context, 7),
        repeat=monthly,
        excluded=Excluded(holidays=True),
    )
    _approve(context, means, repeated)
    _sent(context, means)
    _gone_wrong(context)


def _at(context: SampleContext, days: int) -> dt.datetime:
    day = context.now.astimezone(TOKYO).date() + dt.timedelta(days=days)
    return dt.datetime.combine(day, NOON, TOKYO).astimezone(dt.UTC)


def _introduce(context: SampleContext) -> None:
    """Let residents receive topics and live somewhere."""
    for name, titles in TOPICS.items():
        audience.offer(context.connection, name, titles)
    keep_until = context.now + audience.KEPT
    for number, resident in enumerate(context.residents):
        for topic in list(TOPICS)[: 1 + number % len(TOPICS)]:
            audience.subscribe(context.connection, resident.id, topic, context.now)
        fact = audience.Fact(resident.id, "area", AREAS[number % len(AREAS)], keep_until)
        audience.learn(context.connection, [fact], context.now)


def _segments(context: SampleContext, by: int) -> None:
    saved: dict[str, Segment] = {
        "北部の水道": All((Topic("water"), Attributed("area", ("north",)))),
        "やさしい日本語と英語の人": Speaks(("ja-easy", "en")),
    }
    rows = [
        {"name": name, "segment": segment.write(who), "made_by": by, "changed_at": context.now}
        for name, who in saved.items()
    ]
    context.connection.execute(insert(SavedSegment), rows)


def _compose(context: SampleContext, title: str, content: Content, to: Segment, **more: Any) -> int:
    composition = Composition(title, content, to, **more)
    return campaign.compose(
        context.connection,
        context.vault,
        context.residents[0].channel_id if context.residents else 1,
        composition,
        context.staff["officer"],
        context.now,
        department_id=context.departments.get("campaigns"),
    )


def _approve(context: SampleContext, means: Means, id_: int) -> None:
    campaign.submit(context.connection, means, id_, context.staff["officer"], context.now, knowingly=False)
    shown = campaign.opened(context.connection, context.vault, id_).digest
    campaign.approve(context.connection, context.vault, id_, shown, context.staff["approver"], context.now)


def _sent(context: SampleContext, means: Means) -> None:
    """Enter a broadcast of three days ago, with its report; nothing is sent for it."""
    at = _at(context, -3)
    content = Content(
        {
            "ja": Words(text="【防災】今週末は大雨に注意してください。"),
            "en": Words(text="Heavy rain is expected."),
        }
    )
    id_ = _compose(context, "大雨への注意", content, All(), send_at=at)
    connection, everybody = context.connection, sorted(resident.id for resident in context.residents)
    connection.execute(update(Campaign).where(Campaign.id == id_).values(state=State.STARTED.value))
    row = {
        "channel_id": connection.execute(select(Campaign.channel_id).where(Campaign.id == id_)).scalar_one(),
        "title": "大雨への注意",
        "messages": starting.written(means, content, at.date()),
        "segment": segment.write(All()),
        "urgent": False,
        "status": "done",
        "planned": len(everybody),
        "left_out": {"blocked": 1},
        "send_at": at,
        "stale_at": at + dt.timedelta(hours=24),
        "created_at": at,
        "created_by": "見本 三葉",
        "approved_at": at,
        "approved_by": "見本 六花",
        "frozen_at": at,
        "finished_at": at + dt.timedelta(minutes=1),
    }
    sent = connection.execute(insert(Broadcast).values(row).returning(Broadcast.id)).scalar_one()
    run = {"campaign_id": id_, "scheduled_for": at, "outcome": "started", "broadcast_id": sent, "at": at}
    connection.execute(insert(CampaignRun), run)
    if everybody:
        made = _delivery(context, at, "sent", "multicast", "broadcast", None)
        batch = {
            "delivery_id": made, "broadcast_id": sent, "language": "ja", "first_id": everybody[0],
            "last_id": everybody[-1], "recipients": len(everybody), "members": pack(everybody),
        }  # fmt: skip
        connection.execute(insert(Batch), batch)


def _gone_wrong(context: SampleContext) -> None:
    """Enter a message that failed, one that came too late, and an event that our own code could not take in."""
    if not context.residents:
        return
    resident = context.residents[0]
    yesterday = context.now - dt.timedelta(hours=20)
    _delivery(context, yesterday, "failed", "push", "conversation", resident.id)
    _delivery(context, yesterday, "stale", "push", "notices.reminder", resident.id)
    event_id = uuid.uuid4().hex
    raw = {
        "type": "message",
        "webhookEventId": event_id,
        "timestamp": int(yesterday.timestamp() * 1000),
        "message": {"type": "text", "id": "1", "text": "粗大ごみ"},
    }
    failed = {
        "channel_id": resident.channel_id,
        "event_id": event_id,
        "resident_id": resident.id,
        "flow": "garbage.bulky",
        "raw": SealedBytes.seal(context.vault, RAW, event_id, orjson.dumps(raw)),
        "error": "KeyError",
        "place": "handlers.garbage.actions:1 look_up",
        "failed_at": yesterday,
    }
    context.connection.execute(insert(FailedEvent), failed)


def _delivery(
    context: SampleContext, at: dt.datetime, status: str, kind: str, purpose: str, resident_id: int | None
) -> int:
    answered = (Verdict.REFUSED.value, 400) if status == "failed" else (Verdict.ACCEPTED.value, 200)
    key = str(uuid.uuid4())
    content = orjson.dumps({"token": None, "messages": [{"type": "text", "text": "見本のメッセージです。"}]})
    row = {
        "channel_id": context.residents[0].channel_id,
        "resident_id": resident_id,
        "kind": kind,
        "purpose": purpose,
        "priority": 4,
        "status": status,
        "retry_key": key,
        "payload": None if resident_id is None else SealedBytes.seal(context.vault, PAYLOAD, key, content),
        "due_at": at,
        "attempts": 0 if status == "stale" else 1,
        "uncertain": False,
        "doubled": False,
        "last_result": None if status == "stale" else " ".join(map(str, answered)),
        "created_at": at,
        "finished_at": at,
    }
    made: int = context.connection.execute(insert(Delivery).values(row).returning(Delivery.id)).scalar_one()
    if status != "stale":
        verdict, http_status = answered
        tried = {"delivery_id": made, "number": 1, "at": at, "verdict": verdict, "http_status": http_status}
        context.connection.execute(insert(Attempt), tried)
    return made
