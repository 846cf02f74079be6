"""What residents filed: the kept answers of a finished flow."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed


class Submission(Base):
    """The answers of one finished talk, as encrypted JSON bound to `uid`, kept as long as its flow says (`retain_answers`)."""

    __tablename__ = "submissions"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    flow: Mapped[str] = mapped_column(String(80))
    revision: Mapped[str] = mapped_column(String(64))
    answers: Mapped[bytes] = mapped_column(Sealed("submissions.answers"))
    filed_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    keep_until: Mapped[dt.datetime | None] = mapped_column(Moment, index=True)
