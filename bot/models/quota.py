"""The month's quota of each channel, as all processes see it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Moment
from bot.models.datamap import kept


@kept(
    data=("今月送れる数", "What may still be sent this month"),
    purpose=("上限を超えないようにする", "Keeps to the limit"),
    retention=("毎月置き換える", "Replaced every month"),
    seen_by=("全職員", "All staff"),
)
class Quota(Base):
    """What LINE said at `asked_at` (`allowed` is None for an account without a limit), and what we have sent since.

    LINE's number is approximate and includes what was sent from its own console.
    """

    __tablename__ = "quotas"

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), primary_key=True, autoincrement=False)
    allowed: Mapped[int | None] = mapped_column(Integer)
    used: Mapped[int] = mapped_column(Integer)
    sent_since: Mapped[int] = mapped_column(Integer)
    asked_at: Mapped[dt.datetime] = mapped_column(Moment)
