"""The audit log: what staff did and looked at, and the chain of seals that shows whether it was changed afterwards."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment
from bot.models.datamap import kept


@kept(
    data=(
        "職員の操作と閲覧の記録（日時、職員、操作、対象の番号）。内容は入れない",
        "What staff did and viewed (time, person, action, number of the subject), never any content",
    ),
    purpose=("不正な利用を防ぎ、後から確かめる", "Prevents misuse and lets it be found out"),
    retention=("5年", "Five years"),
    seen_by=("監査担当者と管理者", "Auditors and administrators"),
)
class AuditEntry(Base):
    """One thing somebody did or looked at. Rows are added, never changed.

    `actor` is the sign-in name, or the command that acted; `subject` names a thing by kind and number ("submission:12").
    `service` is the service the subject belongs to, where it does; `detail` holds ids, counts and states, never content.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (
        Index("ix_audit_entries_staff_id", "staff_id", "id"),
        Index("ix_audit_entries_actor", "actor", "id"),
        Index("ix_audit_entries_action", "action", "id"),
        Index("ix_audit_entries_subject", "subject", "id"),
        Index("ix_audit_entries_at", "at", "id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    actor: Mapped[str] = mapped_column(String(160))
    action: Mapped[str] = mapped_column(String(60))
    subject: Mapped[str | None] = mapped_column(String(120))
    service: Mapped[str | None] = mapped_column(String(80))
    detail: Mapped[dict[str, str | int | bool | None]] = mapped_column(JSON)


@kept(
    data=("操作記録の改ざんを見つけるための印", "Seals by which changes of the log are found"),
    purpose=("操作記録が変えられていないことを示す", "Shows that the log was not changed"),
    retention=("操作記録と同じ", "As long as the log"),
    seen_by=("監査担当者と管理者", "Auditors and administrators"),
)
class AuditSeal(Base):
    """The link of one entry in the chain: a keyed hash over the entry and the link before it.

    `position` counts from 1 without gaps, in the order of sealing; `key` names the key, as sealed values do.
    """

    __tablename__ = "audit_seals"

    position: Mapped[int] = mapped_column(Id, primary_key=True, autoincrement=False)
    entry_id: Mapped[int] = mapped_column(ForeignKey("audit_entries.id"), unique=True)
    key: Mapped[bytes] = mapped_column(LargeBinary(4))
    seal: Mapped[bytes] = mapped_column(LargeBinary(32))
