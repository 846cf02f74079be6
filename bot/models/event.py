"""Webhook events: which were applied (their ids only), and the few that failed, kept to be run again."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept


@kept(
    data=("処理したLINEイベントの番号（内容はない）", "Numbers of events from LINE that were applied (no content)"),
    purpose=("同じイベントを二度処理しない", "Applies no event twice"),
    retention=("3日", "Three days"),
    seen_by=("だれも見ない（システムが使う）", "Nobody; the system uses it"),
)
class AppliedEvent(Base):
    """The claim on one event: a second copy, redelivered or not, finds it and is skipped."""

    __tablename__ = "applied_events"

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), primary_key=True)
    event_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    applied_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)


@kept(
    data=("処理できなかったイベント（暗号化）", "Events that could not be handled (encrypted)"),
    purpose=("原因を直してからやり直す", "Lets them be run again once the cause is mended"),
    retention=("14日", "14 days"),
    seen_by=("担当部署の職員", "Staff of the department concerned"),
)
class FailedEvent(Base):
    """An event our own code could not apply: raw and encrypted, its error as class and place, never a message or value."""

    __tablename__ = "failed_events"
    __table_args__ = (UniqueConstraint("channel_id", "event_id"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    event_id: Mapped[str] = mapped_column(String(64))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    flow: Mapped[str | None] = mapped_column(String(80))
    raw: Mapped[bytes] = mapped_column(Sealed("failed_events.raw", row="event_id"))
    error: Mapped[str] = mapped_column(String(120))
    place: Mapped[str] = mapped_column(String(240))
    failed_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
