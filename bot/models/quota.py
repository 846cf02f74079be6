"""The month's quota of each channel, as all processes see it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Integer
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Moment


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
