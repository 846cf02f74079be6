"""The outbox: every message to a resident is a row here before it is a request to LINE."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept

TROUBLED = "status IN ('held', 'stale', 'failed', 'unknown', 'presumed', 'stopped')"
"""What few rows are: what staff look for; written as the index has it."""


@kept(
    data=("送るメッセージ（暗号化）と結果", "Messages to be sent (encrypted) and what became of them"),
    purpose=("確実に届け、届かなかったことがわかる", "Delivers for certain, and shows what did not arrive"),
    retention=(
        "内容は届くまで（届かなかったものは14日）、結果は90日",
        "Content until it has arrived (14 days if it failed), the outcome for 90 days",
    ),
    seen_by=("結果だけを担当部署の職員", "Staff of the department see the outcome only"),
)
class Delivery(Base):
    """One request to LINE: a reply (with its token in the payload), a push to one resident, or a multicast to one batch.

    `retry_key` is fixed at birth and names the row in the payload's encryption. `purpose` says what the message is for
    ("conversation", "tax.reminder"); `key`, where set, keeps a second row for the same purpose out. `payload` is emptied
    when it is sent, and a fortnight after it failed. After `stale_at` it is not sent unless staff release it. `lease_until` is how
    long one sender may work on it undisturbed. `tried_at` is the first try that may have been accepted unknown to us: from then
    on LINE remembers the retry key for a day. `doubled` marks a message that may have arrived twice.
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        # What a sweep looks for, in its order; finished rows, nearly all of them, are not in it.
        Index(
            "ix_deliveries_open",
            "priority",
            "id",
            postgresql_where=text("status IN ('waiting', 'held')"),
            sqlite_where=text("status IN ('waiting', 'held')"),
        ),
        # What staff look for: few rows, and none of those that went as they should.
        Index("ix_deliveries_troubled", "status", "id", postgresql_where=text(TROUBLED), sqlite_where=text(TROUBLED)),
        Index(
            "ix_deliveries_troubled_at",
            "status",
            "finished_at",
            postgresql_where=text(TROUBLED),
            sqlite_where=text(TROUBLED),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    resident_id: Mapped[int | None] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    purpose: Mapped[str] = mapped_column(String(60))
    key: Mapped[str | None] = mapped_column(String(120), unique=True)
    priority: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(String(16))
    retry_key: Mapped[str] = mapped_column(String(36))
    payload: Mapped[bytes | None] = mapped_column(Sealed("deliveries.payload", row="retry_key"))
    token_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    due_at: Mapped[dt.datetime] = mapped_column(Moment)
    stale_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    lease_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    lease_by: Mapped[str | None] = mapped_column(String(36))
    tried_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    uncertain: Mapped[bool] = mapped_column(default=False)
    doubled: Mapped[bool] = mapped_column(default=False)
    last_result: Mapped[str | None] = mapped_column(String(60))
    line_request_id: Mapped[str | None] = mapped_column(String(60))
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Moment)
