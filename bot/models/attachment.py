"""What residents sent besides words: files in encrypted parts, and which pictures came as one set."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed


class Attachment(Base):
    """One file: `status` is waiting (to be fetched), kept, refused or gone. An answer names its `bundle`, which a set shares.

    `message_id` is LINE's. `size` counts the bytes kept; `total` how many pictures the set has, where LINE said so. It belongs to
    `submission_id` once the talk was filed.
    """

    __tablename__ = "attachments"
    __table_args__ = (Index("ix_attachments_resident_id_message_id", "resident_id", "message_id"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    bundle: Mapped[str] = mapped_column(String(32), index=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"))
    submission_id: Mapped[int | None] = mapped_column(ForeignKey("submissions.id", ondelete="CASCADE"), index=True)
    message_id: Mapped[str] = mapped_column(String(64))
    kind: Mapped[str] = mapped_column(String(10))
    name: Mapped[bytes | None] = mapped_column(Sealed("attachments.name"))
    status: Mapped[str] = mapped_column(String(10))
    reason: Mapped[str | None] = mapped_column(String(40))
    content_type: Mapped[str | None] = mapped_column(String(40))
    size: Mapped[int | None] = mapped_column(BigInteger)
    total: Mapped[int | None] = mapped_column(SmallInteger)
    created_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)


class AttachmentPart(Base):
    """A piece of a file, encrypted as the row "uid/number", so that no file is ever whole in memory."""

    __tablename__ = "attachment_parts"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    content: Mapped[bytes] = mapped_column(Sealed("attachment_parts.content"))


class ImageSet(Base):
    """Pictures a resident chose together come one by one in any order; `bundle` is empty when the first was no answer."""

    __tablename__ = "image_sets"

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    set_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    bundle: Mapped[str | None] = mapped_column(String(32))
    first_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
