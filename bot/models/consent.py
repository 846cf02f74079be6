"""What residents agreed to or refused, and the one-time addresses at which they fetch their own data."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept


@kept(
    data=("同意した文書の版と日時、撤回", "Version and time of consents, and withdrawals"),
    purpose=("同意の範囲だけでデータを使う", "Uses data only as agreed to"),
    retention=("住民が消去するまで", "Until the resident erases it"),
    seen_by=("担当部署の職員", "Staff of the department concerned"),
)
class Consent(Base):
    """One decision on one version of a consent; `text` is what was shown, sealed under `uid`. The latest decision counts."""

    __tablename__ = "consents"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(String(80))
    version: Mapped[str] = mapped_column(String(40))
    given: Mapped[bool]
    text: Mapped[bytes] = mapped_column(Sealed("consents.text"))
    decided_at: Mapped[dt.datetime] = mapped_column(Moment)
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(Moment)


@kept(
    data=("一度だけ使えるダウンロード用アドレスのハッシュ値", "Hash of an address that works once"),
    purpose=("住民が自分のデータを受け取る", "Lets residents take their data along"),
    retention=("使うか期限が切れるまで", "Until it is used or expires"),
    seen_by=("だれも見ない（システムが使う）", "Nobody; the system uses it"),
)
class DownloadLink(Base):
    """An address that opens a resident's own data once; only the digest of its secret part is kept."""

    __tablename__ = "download_links"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
