"""What residents sent besides words: files in encrypted parts, and which pictures came as one set."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept


@kept(
    data=("住民が送った写真・ファイルの種類と大きさ", "Kind and size of files that residents sent"),
    purpose=("申請や通報に添える", "Goes with what was filed"),
    retention=("もとの受付と同じ", "As long as what it belongs to"),
    seen_by=("担当部署の職員", "Staff of the department concerned"),
)
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


@kept(
    data=("住民が送った写真・ファイルの中身（暗号化）", "Content of files that residents sent (encrypted)"),
    purpose=("申請や通報に添える", "Goes with what was filed"),
    retention=("もとの受付と同じ", "As long as what it belongs to"),
    seen_by=("担当部署の職員", "Staff of the department concerned"),
)
class AttachmentPart(Base):
    """A piece of a file, encrypted as the row "uid/number", so that no file is ever whole in memory."""

    __tablename__ = "attachment_parts"

    attachment_id: Mapped[int] = mapped_column(ForeignKey("attachments.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    content: Mapped[bytes] = mapped_column(Sealed("attachment_parts.content", row=("attachment_id.uid", "number")))


@kept(
    data=("まとめて送られた写真の組", "Pictures that were sent together"),
    purpose=("一つの答えとして受け取る", "Takes them as one answer"),
    retention=("3日", "Three days"),
    seen_by=("だれも見ない（システムが使う）", "Nobody; the system uses it"),
)
class ImageSet(Base):
    """Pictures a resident chose together come one by one in any order; `bundle` is empty when the first was no answer."""

    __tablename__ = "image_sets"

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    set_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    bundle: Mapped[str | None] = mapped_column(String(32))
    first_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
