"""The clock's ledger: which ticks were visited, and that a clock is alive at all."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Moment
from bot.models.datamap import kept


@kept(
    data=("定時の仕事を行った時刻", "When scheduled work was begun"),
    purpose=("同じ仕事を二度行わない", "Lets nothing be done twice"),
    retention=("数日", "A few days"),
    seen_by=("だれも見ない（システムが使う）", "Nobody; the system uses it"),
)
class Tick(Base):
    """One visited tick of one job; written in the same commit as the job's work, so that two clocks do it once."""

    __tablename__ = "ticks"

    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    scheduled_for: Mapped[dt.datetime] = mapped_column(Moment, primary_key=True)
    visited_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)


@kept(
    data=("動いているプロセスの合図", "Signs of life of the processes"),
    purpose=("止まったプロセスに気づく", "Shows processes that have stopped"),
    retention=("止まるまで", "Until the process stops"),
    seen_by=("管理者", "Administrators"),
)
class Heartbeat(Base):
    """When a process was last seen working; one `instance` may be several kinds ("web", "worker", "clock") at once."""

    __tablename__ = "heartbeats"

    process: Mapped[str] = mapped_column(String(20), primary_key=True)
    instance: Mapped[str] = mapped_column(String(36), primary_key=True)
    seen_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("一度に一つのプロセスだけが行う仕事の札", "Which process does what only one may do"),
    purpose=("仕事の重なりを防ぐ", "Keeps work from being done twice"),
    retention=("数秒", "A few seconds"),
    seen_by=("だれも見ない（システムが使う）", "Nobody; the system uses it"),
)
class Lease(Base):
    """What one process at a time may do (`name`), and until when it is the one."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    owner: Mapped[str] = mapped_column(String(36))
    until: Mapped[dt.datetime] = mapped_column(Moment)
