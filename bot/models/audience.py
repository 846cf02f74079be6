"""To whom the town may speak: topics residents receive, and the closed facts by which they are chosen."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Moment
from bot.models.datamap import kept


@kept(
    data=("お知らせの話題の名前", "Names of topics"),
    purpose=("住民が受け取る話題を選べるようにする", "Lets residents choose topics"),
    retention=("話題をやめるまで", "Until the topic ends"),
    seen_by=("全職員", "All staff"),
)
class Topic(Base):
    """Something residents can receive ("garbage"), with its title by language."""

    __tablename__ = "topics"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    titles: Mapped[dict[str, str]] = mapped_column(JSON)


@kept(
    data=("住民が受け取っている話題", "Topics a resident receives"),
    purpose=("選んだ人だけに送る", "Sends only to those who chose it"),
    retention=("やめるまで", "Until the resident stops"),
    seen_by=("担当部署の職員", "Staff of the department concerned"),
)
class Subscription(Base):
    """A resident receives a topic."""

    __tablename__ = "subscriptions"
    __table_args__ = (Index("ix_subscriptions_topic", "topic", "resident_id"),)

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str] = mapped_column(ForeignKey("topics.name", ondelete="CASCADE"), primary_key=True)
    since: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=(
        "住民が選択肢で答えた属性（年代・地区など、同意があるもの）",
        "Attributes from closed answers (age band, area), with consent",
    ),
    purpose=("関係のある人だけに送る", "Sends only to those concerned"),
    retention=("会話が定める期限まで", "As long as the flow says"),
    seen_by=("担当部署の職員", "Staff of the department concerned"),
)
class Attribute(Base):
    """One closed fact about a resident (a ward, an age band), in the clear because a flow asked for it with `segment`.

    It is forgotten after `keep_until`.
    """

    __tablename__ = "attributes"
    __table_args__ = (Index("ix_attributes_value", "name", "value", "resident_id"),)

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    value: Mapped[str] = mapped_column(String(80))
    set_at: Mapped[dt.datetime] = mapped_column(Moment)
    keep_until: Mapped[dt.datetime] = mapped_column(Moment, index=True)
