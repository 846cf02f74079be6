"""Published flows: every version ever put in force, the one in force now, and services that are paused."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment


class Publication(Base):
    """All flow files of one moment, as compressed JSON {file name: text}; `digest` is the SHA-256 of that JSON."""

    __tablename__ = "publications"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    files: Mapped[bytes] = mapped_column(LargeBinary)
    published_at: Mapped[dt.datetime] = mapped_column(Moment)


class FlowRevision(Base):
    """Where a revision of a flow can be read again: the first publication that held it."""

    __tablename__ = "flow_revisions"

    flow: Mapped[str] = mapped_column(String(80), primary_key=True)
    revision: Mapped[str] = mapped_column(String(64), primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id", ondelete="CASCADE"))


class Activation(Base):
    """That a publication was put in force, and by whom; the latest row is what all processes obey."""

    __tablename__ = "activations"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id", ondelete="CASCADE"))
    activated_at: Mapped[dt.datetime] = mapped_column(Moment)
    activated_by: Mapped[str] = mapped_column(String(80))


class Pause(Base):
    """A service that is paused; `texts` tells residents by language where to turn instead."""

    __tablename__ = "pauses"

    service: Mapped[str] = mapped_column(String(80), primary_key=True)
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    paused_at: Mapped[dt.datetime] = mapped_column(Moment)
    paused_by: Mapped[str] = mapped_column(String(80))
