"""How flows are used, counted by day and step without saying by whom."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base
from bot.models.datamap import kept


@kept(
    data=(
        "会話の件数（日・会話・ステップごとの合計。だれのものかは含まない）",
        "Numbers of talks by day, flow and step, without saying whose",
    ),
    purpose=("利用のようすと、住民がやめてしまう場所を知る", "Shows use, and where residents give up"),
    retention=("3年", "Three years"),
    seen_by=("全職員", "All staff"),
)
class FlowCount(Base):
    """A total of one day in Tokyo: `what` is a value of `bot.usage.What`; `step` is empty where no step is concerned."""

    __tablename__ = "flow_counts"

    day: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    flow: Mapped[str] = mapped_column(String(80), primary_key=True)
    step: Mapped[str] = mapped_column(String(80), primary_key=True)
    what: Mapped[str] = mapped_column(String(12), primary_key=True)
    number: Mapped[int]
