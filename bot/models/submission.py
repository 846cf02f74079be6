"""What residents filed: the kept answers of a finished flow, and what staff did with them."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, ForeignKey, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import handed_over, kept


@kept(
    data=(
        "申請・通報などの回答（暗号化）、対応状況、担当者",
        "Answers residents filed (encrypted), how far the work is, who does it",
    ),
    purpose=("届け出られたことに対応する", "Deals with what was filed"),
    retention=(
        "フローごとの保存期間（retain_answers）まで。保留中のものは解除まで",
        "As long as the flow says (retain_answers); longer while on hold",
    ),
    seen_by=("サービスの担当職員", "Staff of the service"),
)
class Submission(Base):
    """The answers of one finished talk, as encrypted JSON bound to `uid`, kept as long as its flow says (`retain_answers`).

    `source` says how it came (line, telephone, counter); one that staff took down has no resident and names who entered it.
    `status` is new, working, waiting (for the resident), done or cancelled; `version` counts the changes, so that two people
    cannot overwrite each other unseen. While it is `on_hold` it is kept past its time.
    """

    __tablename__ = "submissions"
    __table_args__ = (
        # What the console's list filters by, in its order; a search by several of them reads one of these from its newest end.
        Index("ix_submissions_flow_filed_at", "flow", "filed_at", "id"),
        Index("ix_submissions_flow_status_filed_at", "flow", "status", "filed_at", "id"),
        Index("ix_submissions_assigned_to", "assigned_to", "flow", "status", "filed_at", "id"),
        Index(
            "ix_submissions_entered",
            "flow",
            "status",
            "filed_at",
            "id",
            postgresql_where=text("source != 'line'"),
            sqlite_where=text("source != 'line'"),
        ),
        Index(
            "ix_submissions_held",
            "flow",
            "status",
            "filed_at",
            "id",
            postgresql_where=text("on_hold"),
            sqlite_where=text("on_hold"),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    flow: Mapped[str] = mapped_column(String(80))
    revision: Mapped[str] = mapped_column(String(64))
    answers: Mapped[bytes] = mapped_column(Sealed("submissions.answers"))
    filed_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    keep_until: Mapped[dt.datetime | None] = mapped_column(Moment, index=True)
    source: Mapped[str] = mapped_column(String(10), server_default="line")
    status: Mapped[str] = mapped_column(String(10), server_default="new")
    assigned_to: Mapped[int | None] = mapped_column(
        ForeignKey("staff.id", ondelete="SET NULL"), info=handed_over("status NOT IN ('done', 'cancelled')")
    )
    entered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    on_hold: Mapped[bool] = mapped_column(server_default=text("false"))
    version: Mapped[int] = mapped_column(Integer, server_default="0")


@kept(
    data=("職員が行ったことと、そのメモ（暗号化）", "What staff did, and their notes (encrypted)"),
    purpose=("対応の経過をたどれるようにする", "Shows how a case was dealt with"),
    retention=("もとの受付と同じ", "As long as the submission"),
    seen_by=("サービスの担当職員", "Staff of the service"),
)
class SubmissionChange(Base):
    """One thing staff did with a submission: `kind` is entered, status, assignment, note, message or hold.

    `before` and `after` are codes or numbers of staff; what people wrote is in `text`, encrypted as the row `uid`.
    """

    __tablename__ = "submission_changes"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    submission_id: Mapped[int] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    kind: Mapped[str] = mapped_column(String(12))
    before: Mapped[str | None] = mapped_column(String(40))
    after: Mapped[str | None] = mapped_column(String(40))
    text: Mapped[bytes | None] = mapped_column(Sealed("submission_changes.text"))
    at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("住民に送る文例", "Sentences sent to residents"),
    purpose=("同じ文面を毎回書かずに済ませる", "Saves writing the same words again"),
    retention=("削除するまで", "Until deleted"),
    seen_by=("サービスの担当職員", "Staff of the service"),
)
class MessageTemplate(Base):
    """Words staff send again and again, by language; for the submissions of one flow, or of any where `flow` is empty."""

    __tablename__ = "message_templates"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    flow: Mapped[str | None] = mapped_column(String(80), index=True)
    name: Mapped[str] = mapped_column(String(80))
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)
