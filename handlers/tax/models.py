"""Who asked to be reminded of which vehicle tax, and when the next reminder is due."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import NUMBERED, Base, Id, Moment


class TaxReminder(Base):
    """One wish of one resident, without identity: nothing but a kind of tax and days before its due date.

    `remind_at` is when the next one goes out, for the due date `due_on`; it is empty when the town no longer has that tax.
    """

    __tablename__ = "tax_reminders"
    __table_args__ = (
        UniqueConstraint("resident_id", "kind"),
        Index("ix_tax_reminders_remind_at", "remind_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(40))
    days_before: Mapped[int] = mapped_column(SmallInteger)
    due_on: Mapped[dt.date] = mapped_column(Date)
    remind_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    updated_at: Mapped[dt.datetime] = mapped_column(Moment)
