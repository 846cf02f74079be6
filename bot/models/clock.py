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
    """When a process of that kind ("clock", "worker") was last seen working."""

    __tablename__ = "heartbeats"

    process: Mapped[str] = mapped_column(String(20), primary_key=True)
    seen_at: Mapped[dt.datetime] = mapped_column(Moment)
