"""The desk: offices where people answer, the consultations before them, what was said, and what was noted of it."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import BigInteger, ForeignKey, Index, LargeBinary, SmallInteger, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import handed_over, kept

_OPEN = text("state <> 'closed'")
_OFFICE = ("窓口の担当職員", "Staff of the office")
_AS_CONSULTATION = ("相談の記録と同じ", "As long as the consultation")


@kept(
    data=("相談窓口の設定（方式、担当部署、保存期間など）", "Settings of the offices: mode, department, retention"),
    purpose=("相談をどこで、どう受けるかを決める", "Decides where and how consultations are taken"),
    retention=("窓口を廃止するまで", "Until the office is closed for good"),
    seen_by=("全職員", "All staff"),
)
class Office(Base):
    """What an office of `offices.yaml` (by its name there, `key`) has chosen for itself.

    `mode` is "chat" (on LINE) or "page" (secure page); without one the office cannot open. `retention` is "record" (kept for
    `keep_days` whatever happens) or "erasable" (goes too when residents erase their data). With `four_eyes` one counsellor
    drafts and another sends. Until `closed_until` nothing is admitted, whatever the hours say. `personal_limit` is how many talks
    one counsellor may have at a time.
    """

    __tablename__ = "offices"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(40), unique=True)
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id"))
    mode: Mapped[str | None] = mapped_column(String(10))
    retention: Mapped[str] = mapped_column(String(12))
    keep_days: Mapped[int]
    personal_limit: Mapped[int] = mapped_column(SmallInteger)
    four_eyes: Mapped[bool]
    closed_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    updated_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=(
        "相談の経過（窓口、受付番号、緊急度とその理由、担当、時刻）と受付での答え（暗号化）",
        "Course of a consultation (office, number, urgency and why, counsellors, times), answers of its intake (encrypted)",
    ),
    purpose=("相談に応じ、危険のある人を先に助ける", "Answers people, those in danger first"),
    retention=(
        "窓口ごとに決めた期間。保全の印がある間は消さない",
        "As each office decides; never while under legal hold",
    ),
    seen_by=_OFFICE,
)
class Consultation(Base):
    """One resident at one office: a record of the town, which stays when residents erase their data, unless the office allows it.

    `flow` and `begun` name the talk that waits in it. `state` is waiting, active, paused or closed; `grade` the urgency
    (AA, A, B, C) and `reason` the rules that gave it. `left_at` is set while the resident is elsewhere (they ended the talk or
    changed the screen). `level` counts how far the clock has called for help. `reply_token` is the newest that nobody has used.
    `seen_at` is when the resident last looked at the secure page, `noticed_at` when they were told of a reply there.
    `resident_at` is since when they wait for us: their first word after our latest (`staff_at`), so that who goes on writing is
    not put back in the queue. `changed_at` moves with everything a counsellor should see at once. `asked_by` is who asked for
    its deletion.
    """

    __tablename__ = "consultations"
    __table_args__ = (
        Index(
            "ix_consultations_open", "office_id", "state", postgresql_where=_OPEN, sqlite_where=_OPEN
        ),
        Index(
            "uq_consultations_talk", "resident_id", "flow", unique=True, postgresql_where=_OPEN, sqlite_where=_OPEN
        ),
        Index("ix_consultations_resident_id", "resident_id"),
        Index("ix_consultations_office_id_closed_at", "office_id", "closed_at"),
        NUMBERED,
    )  # fmt: skip

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id"))
    office_id: Mapped[int] = mapped_column(ForeignKey("offices.id"))
    flow: Mapped[str] = mapped_column(String(80))
    revision: Mapped[str] = mapped_column(String(64))
    begun: Mapped[int] = mapped_column(BigInteger)
    mode: Mapped[str] = mapped_column(String(10))
    number: Mapped[int]
    state: Mapped[str] = mapped_column(String(10))
    grade: Mapped[str] = mapped_column(String(2))
    reason: Mapped[str] = mapped_column(String(200))
    danger: Mapped[bool]
    carried: Mapped[bytes] = mapped_column(Sealed("consultations.carried"))
    outside: Mapped[bool]
    opened_at: Mapped[dt.datetime] = mapped_column(Moment)
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), info=handed_over("state <> 'closed'"))
    second_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    taken_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    answered_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    resident_at: Mapped[dt.datetime] = mapped_column(Moment)
    staff_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)
    level: Mapped[int] = mapped_column(SmallInteger)
    left_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    reply_token: Mapped[bytes | None] = mapped_column(Sealed("consultations.reply_token"))
    token_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    seen_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    noticed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    closed_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    closed_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    close_reason: Mapped[str | None] = mapped_column(String(30))
    keep_until: Mapped[dt.datetime | None] = mapped_column(Moment, index=True)
    held: Mapped[bool]
    asked_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[dt.datetime | None] = mapped_column(Moment)


@kept(
    data=("相談で交わされた文章（暗号化）", "What was said in a consultation (encrypted)"),
    purpose=("相談に応じる", "Answers people"),
    retention=_AS_CONSULTATION,
    seen_by=_OFFICE,
)
class DeskMessage(Base):
    """One message: `direction` is in, out or note to all ("system"); `status` draft, sent or unsent (taken back by the resident).

    `kind` is text or what else was sent (image, sticker, location …), `bundle` the files of it. `text` is sealed under `uid`. A
    draft's author is not the one who may send it where the office wants four eyes. `message_id` is LINE's, `delivery_key` the
    outbox's.
    """

    __tablename__ = "desk_messages"
    __table_args__ = (
        Index("ix_desk_messages_consultation_id", "consultation_id", "id"),
        Index("ix_desk_messages_message_id", "message_id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id", ondelete="CASCADE"))
    direction: Mapped[str] = mapped_column(String(6))
    status: Mapped[str] = mapped_column(String(8))
    kind: Mapped[str] = mapped_column(String(12))
    text: Mapped[bytes | None] = mapped_column(Sealed("desk_messages.text"))
    danger: Mapped[bool]
    bundle: Mapped[str | None] = mapped_column(String(32), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    sent_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    message_id: Mapped[str | None] = mapped_column(String(64))
    delivery_key: Mapped[str | None] = mapped_column(String(60))
    at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("相談についての職員のメモ（暗号化）", "Notes of staff on a consultation (encrypted)"),
    purpose=("担当者のあいだで引き継ぐ", "Passed between counsellors"),
    retention=_AS_CONSULTATION,
    seen_by=_OFFICE,
)
class DeskNote(Base):
    """A note for colleagues; residents never see it."""

    __tablename__ = "desk_notes"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    text: Mapped[bytes] = mapped_column(Sealed("desk_notes.text"))
    at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("職員が書きかけの文章（暗号化）", "What a counsellor has begun to write (encrypted)"),
    purpose=("画面を閉じても書きかけを失わない", "Keeps it when the page is closed"),
    retention=("送信するまで", "Until it is sent"),
    seen_by=("書いた本人", "Its author"),
)
class DeskScratch(Base):
    """What one counsellor has typed and not sent; sealed under "consultation/staff"."""

    __tablename__ = "desk_scratches"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id", ondelete="CASCADE"), primary_key=True)
    staff_id: Mapped[int] = mapped_column(ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True)
    text: Mapped[bytes] = mapped_column(Sealed("desk_scratches.text", row=("consultation_id", "staff_id")))
    at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("よく使う返事の文例（個人情報は入れない）", "Replies prepared for frequent use (nothing personal)"),
    purpose=("早く、同じ言葉で答える", "Answers quickly and in the same words"),
    retention=("窓口が消すまで", "Until the office deletes them"),
    seen_by=_OFFICE,
)
class CannedReply(Base):
    """A reply to choose from, of one office or (without one) of all."""

    __tablename__ = "canned_replies"
    __table_args__ = (UniqueConstraint("office_id", "title"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    office_id: Mapped[int | None] = mapped_column(ForeignKey("offices.id", ondelete="CASCADE"))
    title: Mapped[str] = mapped_column(String(60))
    text: Mapped[str] = mapped_column(Text)
    position: Mapped[int] = mapped_column(SmallInteger)


@kept(
    data=("受付票の項目（暗号化）", "The fact sheet of a consultation (encrypted)"),
    purpose=("相談の内容を決まった形で記録し、引き継ぐ", "Records a case in a fixed form and hands it over"),
    retention=_AS_CONSULTATION,
    seen_by=_OFFICE,
)
class FactSheet(Base):
    """What a counsellor filled in, as sealed JSON {field: {"text": …, "messages": [ids]}}; `version` guards it."""

    __tablename__ = "fact_sheets"

    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id", ondelete="CASCADE"), primary_key=True)
    fields: Mapped[bytes] = mapped_column(Sealed("fact_sheets.fields", row="consultation_id"))
    version: Mapped[int]
    updated_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    updated_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("ほかの機関への送致・連絡とその時刻", "Referrals to other bodies and their times"),
    purpose=("受理から48時間以内の安全確認を見守る", "Watches over the 48 hours in which a child is to be seen"),
    retention=_AS_CONSULTATION,
    seen_by=_OFFICE,
)
class Referral(Base):
    """A consultation handed to another body (a child guidance centre). `safe_by` is 48 hours after `accepted_at`."""

    __tablename__ = "referrals"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id", ondelete="CASCADE"), index=True)
    body: Mapped[str] = mapped_column(String(80))
    sent_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    sent_at: Mapped[dt.datetime] = mapped_column(Moment)
    accepted_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    safe_by: Mapped[dt.datetime | None] = mapped_column(Moment, index=True)
    safe_at: Mapped[dt.datetime | None] = mapped_column(Moment)


@kept(
    data=("相談の経過の記録（だれが、いつ、何をしたか）", "What happened to a consultation: who did what, when"),
    purpose=("引き継ぎと、あとからの確認", "Hand-over, and looking back"),
    retention=_AS_CONSULTATION,
    seen_by=_OFFICE,
)
class DeskEvent(Base):
    """One thing that happened: `kind` is a word of `bot.desk.states.Kind`, `detail` a code or a number, never content."""

    __tablename__ = "desk_events"
    __table_args__ = (Index("ix_desk_events_at", "at"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    consultation_id: Mapped[int] = mapped_column(ForeignKey("consultations.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    detail: Mapped[str | None] = mapped_column(String(120))
    at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("安全な相談ページを開くための印（ハッシュ値）", "Keyed digests that open the secure consultation page"),
    purpose=("LINEに内容を残さずに相談できるようにする", "Lets people talk without leaving anything on LINE"),
    retention=("最長12時間", "Twelve hours at most"),
    seen_by=("だれも見ない", "Nobody"),
)
class PageKey(Base):
    """What opens the secure page for `flow`: a link (`kind` "link", once) or the browser that used one (`kind` "session").

    Only the digest of its secret is kept.
    """

    __tablename__ = "page_keys"

    digest: Mapped[bytes] = mapped_column(LargeBinary, primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    expires_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    flow: Mapped[str] = mapped_column(String(80))


@kept(
    data=("安全な相談ページでのやりとり（暗号化）", "The talk on the secure page (encrypted)"),
    purpose=("ページを開き直しても続きから話せるようにする", "Lets people go on after they have closed the page"),
    retention=("最後のやりとりから2日。相談の記録は別に残る", "Two days; the consultation's record is kept apart"),
    seen_by=("本人", "The resident"),
)
class PageTalk(Base):
    """The talk of one resident on the secure page: the engine's state, and what the page shows as sealed JSON.

    `shown` is a list of {"who": "me" or "bot", "text": …, "at": seconds, "calls": [[label, tel]]} and what can be pressed now.
    """

    __tablename__ = "page_talks"

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    state: Mapped[bytes | None] = mapped_column(Sealed("page_talks.state", row="resident_id"))
    shown: Mapped[bytes] = mapped_column(Sealed("page_talks.shown", row="resident_id"))
    updated_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
