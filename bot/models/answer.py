"""Where answers came from: LINE lets people take a message back, and then what it said must be found again."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Moment
from bot.models.datamap import kept


@kept(
    data=("どのメッセージで答えたか（番号）", "Which message gave an answer (numbers)"),
    purpose=("送信取り消しのとき答えも消す", "Deletes an answer whose message was unsent"),
    retention=("3日", "Three days"),
    seen_by=("だれも見ない（システムが使う）", "Nobody; the system uses it"),
)
class AnswerSource(Base):
    """The message `message_id` was taken as the answer to the question `name`; of its value only a keyed digest is kept."""

    __tablename__ = "answer_sources"

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    message_id: Mapped[str] = mapped_column(String(64), primary_key=True)
    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    answered_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
