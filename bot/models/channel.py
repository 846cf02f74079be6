"""LINE channels: every resident, event and delivery belongs to one."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment
from bot.models.datamap import kept


@kept(
    data=("LINEチャネルの名前と番号", "Names and numbers of the LINE channels"),
    purpose=("届いたメッセージがどのアカウント宛てか見分ける", "Tells for which account a message came"),
    retention=("使っている間", "While in use"),
    seen_by=("管理者", "Administrators"),
)
class Channel(Base):
    """A channel of the settings; `bot_user_id` is the `destination` of its webhooks, learnt from the first signed one."""

    __tablename__ = "channels"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(40), unique=True)
    bot_user_id: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
