"""Campaigns: broadcasts as staff compose them, when and how often they are sent, and what hangs on them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, LargeBinary, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept

_SENDERS = ("一斉配信を扱う職員", "Staff who work on broadcasts")


@kept(
    data=(
        "一斉配信の文面（暗号化）、配信先の条件、予定",
        "What a broadcast says (encrypted), its segment and schedule",
    ),
    purpose=("多くの住民にお知らせを送る", "Tells many residents something"),
    retention=("2年", "Two years"),
    seen_by=_SENDERS,
)
class Campaign(Base):
    """What staff wrote for many. Each time it is sent, a broadcast is made of it.

    `contents` holds the parts by language as `bot.campaigns.content` reads them, `segment` whom it is for. `send_at` is the first
    time (None: as soon as it is approved), `repeat` when again, `excluded` on which days not; `next_at` is when the clock takes it
    up. `digest` covers all that is approved, `likeness` content and audience alone: by it copies are found, and `knowingly` says
    that staff saw one and go on. `corrects_id` names the broadcast whose recipients this one goes to. `edition` counts changes, so
    that nobody overwrites what another has just saved.
    """

    __tablename__ = "campaigns"
    __table_args__ = (
        Index(
            "ix_campaigns_next",
            "next_at",
            postgresql_where=text("next_at IS NOT NULL"),
            sqlite_where=text("next_at IS NOT NULL"),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    title: Mapped[str] = mapped_column(String(120))
    contents: Mapped[bytes] = mapped_column(Sealed("campaigns.contents"))
    segment: Mapped[dict[str, Any]] = mapped_column(JSON)
    segment_name: Mapped[str | None] = mapped_column(String(80))
    urgent: Mapped[bool]
    send_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    stale_hours: Mapped[int]
    repeat: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    excluded: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(16), index=True)
    note: Mapped[str | None] = mapped_column(String(200))
    corrects_id: Mapped[int | None] = mapped_column(ForeignKey("broadcasts.id"))
    digest: Mapped[bytes] = mapped_column(LargeBinary(32))
    likeness: Mapped[bytes] = mapped_column(LargeBinary(32), index=True)
    knowingly: Mapped[bool]
    edition: Mapped[int]
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    edited_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    edited_at: Mapped[dt.datetime] = mapped_column(Moment)
    next_at: Mapped[dt.datetime | None] = mapped_column(Moment)


@kept(
    data=("一斉配信をいつ始めたか", "When a broadcast was begun"),
    purpose=("二重に送らない", "Nothing is sent twice"),
    retention=("配信と同じ", "As long as the campaign"),
    seen_by=_SENDERS,
)
class CampaignRun(Base):
    """One time a campaign was due: `outcome` is started (then `broadcast_id` says as what) or stale (too late: shown, not sent)."""

    __tablename__ = "campaign_runs"

    campaign_id: Mapped[int] = mapped_column(ForeignKey("campaigns.id", ondelete="CASCADE"), primary_key=True)
    scheduled_for: Mapped[dt.datetime] = mapped_column(Moment, primary_key=True)
    outcome: Mapped[str] = mapped_column(String(10))
    broadcast_id: Mapped[int | None] = mapped_column(ForeignKey("broadcasts.id"), unique=True)
    at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("名前をつけた配信先の条件（個人は入らない）", "Conditions of segments under a name (no persons)"),
    purpose=("同じ条件をまた使う", "Uses the same conditions again"),
    retention=("職員が消すまで", "Until staff delete them"),
    seen_by=_SENDERS,
)
class SavedSegment(Base):
    """A segment under a name, to be used again."""

    __tablename__ = "saved_segments"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(80), unique=True)
    segment: Mapped[dict[str, Any]] = mapped_column(JSON)
    made_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=(
        "配信に使う公開の画像（位置情報などは除いたもの）",
        "Public pictures for broadcasts, without place or camera",
    ),
    purpose=("LINEが画像を取りに来る", "LINE fetches the pictures"),
    retention=("2年", "Two years"),
    seen_by=("だれでも（推測できないアドレスを知っていれば）", "Anybody who knows an address that cannot be guessed"),
)
class PublishedImage(Base):
    """A picture for LINE to fetch, drawn anew and public for whoever knows its `token`; `preview` is the small one.

    `used_at` is when it was uploaded, or sent last.
    """

    __tablename__ = "published_images"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    token: Mapped[str] = mapped_column(String(43), unique=True)
    content_type: Mapped[str] = mapped_column(String(40))
    width: Mapped[int]
    height: Mapped[int]
    content: Mapped[bytes] = mapped_column(LargeBinary)
    preview: Mapped[bytes] = mapped_column(LargeBinary)
    uploaded_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    used_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("職員が自分で登録したLINEアカウントの番号", "Numbers of LINE accounts that staff registered as their own"),
    purpose=("試し送りを職員だけに届ける", "Test sends reach staff only"),
    retention=(
        "本人が外すか、アカウントのデータを消すまで",
        "Until their owner removes it or erases the account's data",
    ),
    seen_by=_SENDERS,
)
class Tester(Base):
    """A LINE account of a member of staff, registered by its owner with a code of the console: test sends reach these alone."""

    __tablename__ = "testers"

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id"), index=True)
    since: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("登録用コードのハッシュ値", "Hashes of codes for registering"),
    purpose=("職員本人のアカウントだけを登録する", "Registers the account of staff themselves only"),
    retention=("15分", "Fifteen minutes"),
    seen_by=("だれも見ない", "Nobody"),
)
class TesterCode(Base):
    """A code by which a member of staff registers a LINE account as theirs, once, until `expires_at`; only its digest is kept."""

    __tablename__ = "tester_codes"

    digest: Mapped[bytes] = mapped_column(LargeBinary(32), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"))
    expires_at: Mapped[dt.datetime] = mapped_column(Moment)
