"""Published flows: every version ever put in force, the one in force now, and services that are paused."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import JSON, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment
from bot.models.datamap import kept


@kept(
    data=("公開した会話の文面", "Texts of published flows"),
    purpose=("公開と、以前の版への復帰", "Publishing, and going back to an earlier version"),
    retention=("続けて保存", "Kept"),
    seen_by=("全職員", "All staff"),
)
class Publication(Base):
    """All flow files of one moment, as compressed JSON {file name: text}; `digest` is the SHA-256 of that JSON."""

    __tablename__ = "publications"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    files: Mapped[bytes] = mapped_column(LargeBinary)
    published_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("会話の版の一覧", "Revisions of the flows"),
    purpose=("途中の会話を始めた版で続ける", "Lets a running talk go on in the revision it began with"),
    retention=("続けて保存", "Kept"),
    seen_by=("全職員", "All staff"),
)
class FlowRevision(Base):
    """Where a revision of a flow can be read again: the first publication that held it."""

    __tablename__ = "flow_revisions"

    flow: Mapped[str] = mapped_column(String(80), primary_key=True)
    revision: Mapped[str] = mapped_column(String(64), primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id", ondelete="CASCADE"))


@kept(
    data=("どの公開を、いつ、だれが有効にしたか", "Which publication was put in force, when and by whom"),
    purpose=("会話の切り替え", "Switches the flows"),
    retention=("続けて保存", "Kept"),
    seen_by=("全職員", "All staff"),
)
class Activation(Base):
    """That a publication was put in force, and by whom; the latest row is what all processes obey."""

    __tablename__ = "activations"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    publication_id: Mapped[int] = mapped_column(ForeignKey("publications.id", ondelete="CASCADE"))
    activated_at: Mapped[dt.datetime] = mapped_column(Moment)
    activated_by: Mapped[str] = mapped_column(String(80))


@kept(
    data=("止めているサービスと、住民への案内", "Paused services and what residents are told"),
    purpose=("サービスを一時的に止める", "Pauses services"),
    retention=("再開するまで", "Until it is resumed"),
    seen_by=("全職員", "All staff"),
)
class Pause(Base):
    """A service that is paused; `texts` tells residents by language where to turn instead."""

    __tablename__ = "pauses"

    service: Mapped[str] = mapped_column(String(80), primary_key=True)
    texts: Mapped[dict[str, str]] = mapped_column(JSON)
    paused_at: Mapped[dt.datetime] = mapped_column(Moment)
    paused_by: Mapped[str] = mapped_column(String(80))
