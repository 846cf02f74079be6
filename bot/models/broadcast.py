"""Broadcasts: one message to many, frozen into batches when its time comes."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment
from bot.models.datamap import kept


@kept(
    data=("多くの人に送るメッセージ", "Messages to many"),
    purpose=("お知らせを送り、結果を見る", "Sends news and shows the result"),
    retention=("続けて保存（あて先は含まない）", "Kept (without recipients)"),
    seen_by=("担当部署の職員", "Staff of the department concerned"),
)
class Broadcast(Base):
    """What the town tells a segment of its residents. Its texts are public: they are not encrypted.

    `messages` holds LINE message objects by language, and by language and variant where what is said depends on what is known of a
    resident (`variants`, see `bot.delivery.variants`); `segment` the condition as `bot.audience` reads it. `planned` residents were
    frozen at `frozen_at`, `left_out` says how many were not and why ("blocked", "capped", and "withdrawn" before it left).
    `corrects_id` names the broadcast whose recipients this one goes to. After `stale_at` it is not sent unless staff say so.
    `note` says why it stands still.
    """

    __tablename__ = "broadcasts"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    title: Mapped[str] = mapped_column(String(120))
    messages: Mapped[dict[str, Any]] = mapped_column(JSON)
    segment: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    variants: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("broadcasts.id"))
    urgent: Mapped[bool]
    status: Mapped[str] = mapped_column(String(16), index=True)
    note: Mapped[str | None] = mapped_column(String(200))
    planned: Mapped[int | None]
    left_out: Mapped[dict[str, int] | None] = mapped_column(JSON)
    send_at: Mapped[dt.datetime] = mapped_column(Moment)
    stale_at: Mapped[dt.datetime] = mapped_column(Moment)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(80))
    approved_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    approved_by: Mapped[str | None] = mapped_column(String(80))
    frozen_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Moment)


@kept(
    data=("一斉送信のあて先のまとまり（住民の番号）", "Recipients of a broadcast in batches (numbers of residents)"),
    purpose=("止めても続きから送れるようにする", "Lets sending go on where it stopped"),
    retention=("2年", "Two years"),
    seen_by=("だれも見ない（システムが使う）", "Nobody; the system uses it"),
)
class Batch(Base):
    """The recipients of one delivery of a broadcast: at most 500 residents of one language, sorted by id.

    `members` holds their ids as 64-bit little-endian numbers, compressed, so that every try of a batch is the same request.
    """

    __tablename__ = "batches"
    __table_args__ = (Index("ix_batches_ids", "first_id", "last_id"),)

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True)
    broadcast_id: Mapped[int] = mapped_column(ForeignKey("broadcasts.id"), index=True)
    language: Mapped[str] = mapped_column(String(12))
    first_id: Mapped[int] = mapped_column(Id)
    last_id: Mapped[int] = mapped_column(Id)
    recipients: Mapped[int] = mapped_column(Integer)
    members: Mapped[bytes] = mapped_column(LargeBinary)
