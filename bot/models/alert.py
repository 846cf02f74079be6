"""Alerts: what staff must come and see, who is told of it outside the console, and how telling them went. Never any content."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept

_OPEN = text("next_at IS NOT NULL")
_WAITS = text("status = 'waiting'")
_ADMINISTRATORS = ("管理者", "Administrators")
_SERVICE_STAFF = ("担当部署の職員", "Staff of the department concerned")
_NINETY_DAYS = ("90日", "90 days")


@kept(
    data=(
        "呼び出し先の名前・メールアドレス・Webhookの宛先（暗号化）と当番の時間",
        "Names and addresses of contacts (encrypted), and their hours",
    ),
    purpose=("管理画面の外で職員に知らせる", "Tells staff outside the console"),
    retention=("名簿から消すまで", "Until they are taken off the roster"),
    seen_by=_ADMINISTRATORS,
)
class AlertContact(Base):
    """One line of the roster: whom to tell, by e-mail, webhook or both, of what, and when they are on call.

    `service` empty: of every service; `department_id` empty: of every department. `level` 1 is told first, 2 and 3 when nobody has
    acknowledged. `weekdays` holds ISO numbers ("12345"); from `from_minute` to `till_minute` after midnight in Tokyo, over
    midnight when the second is not the greater one. `uid` names the row in the encryption.
    """

    __tablename__ = "alert_contacts"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[bytes] = mapped_column(Sealed("alert_contacts.name"))
    email: Mapped[bytes | None] = mapped_column(Sealed("alert_contacts.email"))
    webhook: Mapped[bytes | None] = mapped_column(Sealed("alert_contacts.webhook"))
    service: Mapped[str | None] = mapped_column(String(60))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="SET NULL"))
    level: Mapped[int] = mapped_column(SmallInteger)
    urgent_only: Mapped[bool]
    weekdays: Mapped[str] = mapped_column(String(7))
    from_minute: Mapped[int] = mapped_column(SmallInteger)
    till_minute: Mapped[int] = mapped_column(SmallInteger)
    starts_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    ends_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    created_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("用件の種類と番号、だれがいつ引き受けたか", "Kind and number of the matter, who took it on and when"),
    purpose=("だれも気づかないままになることを防ぐ", "Lets nothing stay unseen"),
    retention=_NINETY_DAYS,
    seen_by=_SERVICE_STAFF,
)
class Alert(Base):
    """One thing staff must come and see; `key` names it, so that it is raised once. `about` is an id, never a text.

    `next_at` is when the roster is told (again), empty when that is over: acknowledged, settled (its cause is gone) or given up.
    `told` counts the rounds at this `level`; `unheard` that the last round found nobody on call.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        Index("ix_alerts_open", "next_at", postgresql_where=_OPEN, sqlite_where=_OPEN),
        Index("ix_alerts_raised_at", "raised_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    key: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    service: Mapped[str] = mapped_column(String(60))
    department_id: Mapped[int | None] = mapped_column(ForeignKey("departments.id", ondelete="SET NULL"))
    about: Mapped[str | None] = mapped_column(String(80))
    urgent: Mapped[bool]
    level: Mapped[int] = mapped_column(SmallInteger)
    told: Mapped[int] = mapped_column(SmallInteger)
    unheard: Mapped[bool]
    raised_at: Mapped[dt.datetime] = mapped_column(Moment)
    next_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    acknowledged_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    acknowledged_contact_id: Mapped[int | None] = mapped_column(ForeignKey("alert_contacts.id", ondelete="SET NULL"))
    acknowledged_staff_id: Mapped[int | None] = mapped_column(ForeignKey("staff.id", ondelete="SET NULL"))
    settled_at: Mapped[dt.datetime | None] = mapped_column(Moment)


@kept(
    data=("呼び出しの送信結果", "How each message to a contact went"),
    purpose=("呼び出しが届いたかを確かめる", "Shows whether contacts were reached"),
    retention=_NINETY_DAYS,
    seen_by=_ADMINISTRATORS,
)
class AlertSending(Base):
    """One message about an alert to one contact by one `way` (mail or webhook): waiting, sent, failed or dropped.

    `uid` names it in the address by which it is acknowledged, and to receivers that must not count a repeated one twice.
    """

    __tablename__ = "alert_sendings"
    __table_args__ = (
        Index("ix_alert_sendings_waiting", "due_at", postgresql_where=_WAITS, sqlite_where=_WAITS),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    alert_id: Mapped[int] = mapped_column(ForeignKey("alerts.id", ondelete="CASCADE"), index=True)
    contact_id: Mapped[int] = mapped_column(ForeignKey("alert_contacts.id", ondelete="CASCADE"), index=True)
    way: Mapped[str] = mapped_column(String(10))
    level: Mapped[int] = mapped_column(SmallInteger)
    status: Mapped[str] = mapped_column(String(10))
    attempts: Mapped[int] = mapped_column(SmallInteger)
    due_at: Mapped[dt.datetime] = mapped_column(Moment)
    lease_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    last_result: Mapped[str | None] = mapped_column(String(80))
    created_at: Mapped[dt.datetime] = mapped_column(Moment)
    finished_at: Mapped[dt.datetime | None] = mapped_column(Moment)
