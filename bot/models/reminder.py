"""What residents will be told later because a flow set it, and how they want to be told: at which hour, and which topics not."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept


@kept(
    data=(
        "利用者ごとの、あとで知らせる予定（いつ・どのフローの・そこで使う答え）",
        "per resident, what is to be said later, when, and the answers it uses",
    ),
    purpose=("頼まれたお知らせを、その日に送る", "sending on its day what the resident asked to be told"),
    retention=(
        "送り終わるまで、または本人が止めるまで",
        "until it was sent for the last time, or the resident stops it",
    ),
    seen_by=("本人のみ（答えは暗号化）", "the resident only; the answers are encrypted"),
)
class Reminder(Base):
    """One reminder of one resident, replaced when the same service sets one of the same name again.

    It says what the flow `flow` says, or one `step` of it, filled with `values` (sealed under `uid`). `rule` is how it goes
    on after `due_at` (`bot.flow.timing.Plan` as JSON). `topic`, where set, is what residents may stop as a whole.
    """

    __tablename__ = "reminders"
    __table_args__ = (UniqueConstraint("resident_id", "service", "name"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"))
    service: Mapped[str] = mapped_column(String(60))
    name: Mapped[str] = mapped_column(String(40))
    flow: Mapped[str] = mapped_column(String(60))
    step: Mapped[str | None] = mapped_column(String(100))
    topic: Mapped[str | None] = mapped_column(String(60))
    rule: Mapped[dict[str, Any]] = mapped_column(JSON)
    values: Mapped[bytes] = mapped_column(Sealed("reminders.values"))
    due_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    updated_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("お知らせを受け取りたい時間", "the time of day at which a resident wants to be told"),
    purpose=("本人の望む時間に送る", "sending at the hour they wish"),
    retention=("本人がデータを消すまで", "until they erase their data"),
    seen_by=("本人のみ", "the resident only"),
)
class Preference(Base):
    """At which time of day ("18:00", Tokyo) a resident wants what has no hour of its own."""

    __tablename__ = "preferences"

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    time_of_day: Mapped[str] = mapped_column(String(5))
    updated_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("本人が止めたお知らせの種類", "the topics a resident has stopped"),
    purpose=("止めたものを、もう送らない", "not sending what they stopped"),
    retention=(
        "もう一度受け取ることにするまで、またはデータを消すまで",
        "until they take it up again or erase their data",
    ),
    seen_by=("本人のみ", "the resident only"),
)
class StoppedTopic(Base):
    """A resident does not want to hear of a topic again, whoever would send it, until they take it up themselves."""

    __tablename__ = "stopped_topics"

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    topic: Mapped[str] = mapped_column(String(60), primary_key=True, index=True)
    since: Mapped[dt.datetime] = mapped_column(Moment)
