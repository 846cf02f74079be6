"""The proof that LINE delivers a webhook again which was answered 503: kept per channel, seen by all processes."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Moment
from bot.models.datamap import kept


@kept(
    data=("Webhookの再送を確かめた日時", "When redelivery of webhooks was seen to work"),
    purpose=("LINE側の設定の誤りを見つける", "Finds a wrong setting at LINE"),
    retention=("チャネルがある間", "As long as the channel exists"),
    seen_by=("管理者", "Administrators"),
)
class Redelivery(Base):
    """One channel: until `asked_until` one event (`event_id`) may be answered 503 though stored; at `seen_at` one came again."""

    __tablename__ = "redeliveries"

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id", ondelete="CASCADE"), primary_key=True)
    asked_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    event_id: Mapped[str | None] = mapped_column(String(64))
    refused_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    seen_at: Mapped[dt.datetime | None] = mapped_column(Moment)
