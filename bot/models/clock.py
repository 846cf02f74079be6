"""The clock's ledger: which ticks were visited, and that a clock is alive at all."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Moment


class Tick(Base):
    """One visited tick of one job; written in the same commit as the job's work, so that two clocks do it once."""

    __tablename__ = "ticks"

    job: Mapped[str] = mapped_column(String(60), primary_key=True)
    scheduled_for: Mapped[dt.datetime] = mapped_column(Moment, primary_key=True)
    visited_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)


class Heartbeat(Base):
    """When a process was last seen working; one `instance` may be several kinds ("web", "worker", "clock") at once."""

    __tablename__ = "heartbeats"

    process: Mapped[str] = mapped_column(String(20), primary_key=True)
    instance: Mapped[str] = mapped_column(String(36), primary_key=True)
    seen_at: Mapped[dt.datetime] = mapped_column(Moment)


class Lease(Base):
    """What one process at a time may do (`name`), and until when it is the one."""

    __tablename__ = "leases"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    owner: Mapped[str] = mapped_column(String(36))
    until: Mapped[dt.datetime] = mapped_column(Moment)
