"""Approvals: what one member of staff asked for and another one allowed or refused."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept


@kept(
    data=(
        "二人目の確認の依頼と決定（だれが、いつ、何を。理由は暗号化）",
        "What a second person was asked and decided: who, when, what; the reason encrypted",
    ),
    purpose=("一人の判断だけで住民に送らない", "Nothing goes to residents on one person's word"),
    retention=("2年", "Two years"),
    seen_by=("担当部署の職員、承認者、監査担当者", "Staff of the department, approvers, auditors"),
)
class Approval(Base):
    """One question for a second person: `kind` of thing, `subject` which one, `digest` exactly what was shown when it was asked.

    `title` is what staff read in a list: never anything personal. `decision` is granted, refused or withdrawn; empty: it waits.
    The database itself refuses a grant by whoever asked.
    """

    __tablename__ = "approvals"
    __table_args__ = (
        CheckConstraint("decision IS NULL OR decision <> 'granted' OR decided_by <> asked_by", name="two_people"),
        # One question at a time about one thing.
        Index(
            "ix_approvals_waiting",
            "kind",
            "subject",
            unique=True,
            postgresql_where=text("decision IS NULL"),
            sqlite_where=text("decision IS NULL"),
        ),
        Index("ix_approvals_subject", "kind", "subject", "id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str] = mapped_column(String(120))
    service: Mapped[str | None] = mapped_column(String(60))
    title: Mapped[str] = mapped_column(String(200))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[dt.datetime] = mapped_column(Moment)
    decided_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    decided_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    decision: Mapped[str | None] = mapped_column(String(10))
    reason: Mapped[bytes | None] = mapped_column(Sealed("approvals.reason"))
