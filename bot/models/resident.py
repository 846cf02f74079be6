"""Residents as one channel knows them, and the talk each of them is in."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept


@kept(
    data=(
        "LINEのユーザーID、ことば、友だちかどうか、職員用の参照番号",
        "LINE user id, language, whether a friend, the reference for staff",
    ),
    purpose=("会話の相手に返事を送る", "Answers who talks"),
    retention=("住民が消去するまで", "Until the resident erases it"),
    seen_by=("参照番号だけを担当部署の職員", "Staff of the department see only the reference"),
)
class Resident(Base):
    """A LINE user on one channel. Staff see `reference`, never `line_user_id`, which is not logged either.

    `friend` is None until a follow or unfollow event was seen; `friend_at` is the time of the latest (ms since 1970).
    """

    __tablename__ = "residents"
    __table_args__ = (UniqueConstraint("channel_id", "line_user_id"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    line_user_id: Mapped[str] = mapped_column(String(80))
    reference: Mapped[str] = mapped_column(String(12), unique=True)
    language: Mapped[str | None] = mapped_column(String(12))
    friend: Mapped[bool | None]
    friend_at: Mapped[int] = mapped_column(BigInteger, default=0)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("続いている会話の状態（暗号化）", "State of the running talk (encrypted)"),
    purpose=("会話を続ける", "Lets the talk go on"),
    retention=("会話が終わるか期限が切れるまで", "Until the talk ends or expires"),
    seen_by=("だれも見ない（システムが使う）", "Nobody; the system uses it"),
)
class Conversation(Base):
    """The running talk of one resident: the engine's state, and beside it what has to be counted without opening it.

    `last_event_at` is the LINE timestamp (ms since 1970) of the latest event applied, kept when no talk runs too.
    """

    __tablename__ = "conversations"

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[bytes | None] = mapped_column(Sealed("conversations.state", row="resident_id"))
    flow: Mapped[str | None] = mapped_column(String(80))
    revision: Mapped[str | None] = mapped_column(String(64), index=True)
    step: Mapped[str | None] = mapped_column(String(80))
    last_event_at: Mapped[int] = mapped_column(BigInteger, default=0)
    expires_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    updated_at: Mapped[dt.datetime] = mapped_column(Moment)
