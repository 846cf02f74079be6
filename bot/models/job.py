"""Jobs: on SQLite all that wait or run, on PostgreSQL (where Procrastinate has tables of its own) those that failed."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept

_WAITS = text("status = 'waiting'")


@kept(
    data=("順番を待つ仕事（内容は暗号化）", "Work that waits its turn (its content encrypted)"),
    purpose=("時間のかかる仕事を後で行う", "Does later what takes long"),
    retention=("終わるまで（失敗したものは30日）", "Until it is done (30 days if it failed)"),
    seen_by=("だれも見ない（システムが使う）", "Nobody; the system uses it"),
)
class QueuedJob(Base):
    """One job: `status` is waiting, running (until `lease_until`) or failed. A job that is done has no row.

    `key` is unique while it waits. `uid` names the row in the encryption of its arguments. Of its last error only class and place
    are kept.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        Index("ix_jobs_key_waiting", "key", unique=True, postgresql_where=_WAITS, sqlite_where=_WAITS),
        Index("ix_jobs_status", "status", "due_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    task: Mapped[str] = mapped_column(String(80))
    arguments: Mapped[bytes] = mapped_column(Sealed("jobs.arguments"))
    key: Mapped[str | None] = mapped_column(String(160))
    lock: Mapped[str | None] = mapped_column(String(160))
    priority: Mapped[int] = mapped_column(SmallInteger, default=0)
    status: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[dt.datetime] = mapped_column(Moment)
    lease_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    error: Mapped[str | None] = mapped_column(String(120))
    place: Mapped[str | None] = mapped_column(String(240))
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
