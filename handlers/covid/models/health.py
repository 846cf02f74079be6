"""Whom to ask how they are, what they said, and who is to be called.

Health answers and telephone numbers are sealed; in the clear stand only closed facts that lists and statistics are made of.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, ForeignKey, Index, Integer, SmallInteger, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import handed_over, kept

_OFFICERS = ("担当部署の職員", "Staff of the department")


@kept(
    data=(
        "相談センターの名前、電話番号、担当する地域の郵便番号",
        "Names and telephone numbers of the centres and the postal codes they look after",
    ),
    purpose=("相談先を案内する", "Tells residents where to turn"),
    retention=("次の取り込みまで", "Until the next import"),
    seen_by=_OFFICERS,
)
class Centre(Base):
    """Where people of an area turn to; `postal` is a postal code or its beginning (3 to 7 digits), the longest match counts."""

    __tablename__ = "covid_centres"

    postal: Mapped[str] = mapped_column(String(7), primary_key=True)
    area: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(80))
    phone: Mapped[str] = mapped_column(String(20))
    hours: Mapped[str] = mapped_column(String(80))


@kept(
    data=(
        "健康観察の予定、年代、地域、優先度。電話番号・持病・最後の答え（暗号化）",
        "Schedule of the health checks, age band, area, priority; telephone number, chronic illness and last answer (encrypted)",
    ),
    purpose=("体調をたずね、返事のない方に電話する", "Asks how people are and calls those who fall silent"),
    retention=("終わってから30日", "30 days after it has ended"),
    seen_by=_OFFICERS,
)
class FollowUp(Base):
    """A resident who is asked again and again how they are, at the times of their `cadence` (a name in follow_up.yaml).

    `step` is what happens at `due_at` unless they answer before: ask, again (the second ask) or call (onto the call list). `silent`
    counts the rounds without an answer. `risk` is 1 (high) to 3; `profile` holds telephone, chronic illness and postal code as
    JSON. `ended_by` is date, resident, staff or withdrawn (their consent).
    """

    __tablename__ = "covid_follow_ups"
    __table_args__ = (
        Index(
            "ix_covid_follow_ups_due",
            "due_at",
            "id",
            postgresql_where=text("state = 'active'"),
            sqlite_where=text("state = 'active'"),
        ),
        Index("ix_covid_follow_ups_state", "state", "cadence", "risk", "id"),
        Index("ix_covid_follow_ups_latest", "state", "id"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), unique=True)
    cadence: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10))
    step: Mapped[str] = mapped_column(String(10))
    due_at: Mapped[dt.datetime] = mapped_column(Moment)
    risk: Mapped[int] = mapped_column(SmallInteger)
    age_band: Mapped[str] = mapped_column(String(10))
    area: Mapped[str] = mapped_column(String(40))
    profile: Mapped[bytes] = mapped_column(Sealed("covid_follow_ups.profile"))
    last_answer: Mapped[bytes | None] = mapped_column(Sealed("covid_follow_ups.last_answer"))
    answered_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    asked_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    silent: Mapped[int] = mapped_column(SmallInteger, default=0)
    begun_on: Mapped[dt.date] = mapped_column(Date)
    ends_on: Mapped[dt.date] = mapped_column(Date)
    ended_at: Mapped[dt.datetime | None] = mapped_column(Moment, index=True)
    ended_by: Mapped[str | None] = mapped_column(String(10))


@kept(
    data=(
        "体調の答え（暗号化）、日、地域、年代、案内の種類",
        "Health answers (encrypted), day, area, age band, kind of advice",
    ),
    purpose=("相談先の案内、悪化の発見、地域ごとの集計", "Advice, detection of deterioration, statistics by area"),
    retention=("30日（町が変えられる）", "30 days (the town may change it)"),
    seen_by=_OFFICERS,
)
class HealthAnswer(Base):
    """One answer about someone's health, sealed under `uid`; beside it what statistics count: day, area, age band and advice given.

    `source` is support (they came of themselves) or the cadence that asked. `change` is worse, same or better than the last answer.
    """

    __tablename__ = "covid_health_answers"
    __table_args__ = (
        Index("ix_covid_health_answers_day", "day", "area", "age_band"),
        Index("ix_covid_health_answers_resident", "resident_id", "answered_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"))
    source: Mapped[str] = mapped_column(String(20))
    day: Mapped[dt.date] = mapped_column(Date)
    area: Mapped[str] = mapped_column(String(40))
    age_band: Mapped[str] = mapped_column(String(10))
    advice: Mapped[str] = mapped_column(String(12))
    change: Mapped[str | None] = mapped_column(String(8))
    answers: Mapped[bytes] = mapped_column(Sealed("covid_health_answers.answers"))
    answered_at: Mapped[dt.datetime] = mapped_column(Moment)
    keep_until: Mapped[dt.datetime] = mapped_column(Moment, index=True)


@kept(
    data=("日・地域・年代・案内ごとの人数", "Numbers of residents by day, area, age band and advice"),
    purpose=("答えを消したあとの統計", "Statistics after the answers are deleted"),
    retention=("なし（個人の情報ではない）", "Not deleted (nothing personal)"),
    seen_by=_OFFICERS,
)
class DayCount(Base):
    """How many residents of an area and age band got which advice on a day: what is left when the answers are deleted."""

    __tablename__ = "covid_day_counts"

    day: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    area: Mapped[str] = mapped_column(String(40), primary_key=True)
    age_band: Mapped[str] = mapped_column(String(10), primary_key=True)
    advice: Mapped[str] = mapped_column(String(12), primary_key=True)
    residents: Mapped[int] = mapped_column(Integer)


@kept(
    data=("電話する相手、理由、優先度、結果", "Who is to be called, why, how urgently, with what result"),
    purpose=("返事のない方・悪くなった方に電話する", "Calls those who fell silent or became worse"),
    retention=("健康観察とともに（終わってから30日）", "With the health checks (30 days after their end)"),
    seen_by=_OFFICERS,
)
class CallEntry(Base):
    """Someone to be called, because they fell silent or became worse. At most one open entry per resident.

    `state` is open or done; `taken_by` has it in hand until `taken_until`, so that two officers do not call the same person.
    `call_at` is when it may be tried next.
    """

    __tablename__ = "covid_call_entries"
    __table_args__ = (
        Index("ix_covid_call_entries_list", "state", "risk", "call_at", "id"),
        Index(
            "uq_covid_call_entries_open",
            "resident_id",
            unique=True,
            postgresql_where=text("state = 'open'"),
            sqlite_where=text("state = 'open'"),
        ),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    follow_up_id: Mapped[int] = mapped_column(ForeignKey("covid_follow_ups.id", ondelete="CASCADE"), index=True)
    reason: Mapped[str] = mapped_column(String(10))
    state: Mapped[str] = mapped_column(String(10))
    risk: Mapped[int] = mapped_column(SmallInteger)
    area: Mapped[str] = mapped_column(String(40))
    opened_at: Mapped[dt.datetime] = mapped_column(Moment)
    call_at: Mapped[dt.datetime] = mapped_column(Moment)
    calls: Mapped[int] = mapped_column(SmallInteger, default=0)
    last_outcome: Mapped[str | None] = mapped_column(String(12))
    taken_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"), info=handed_over("state = 'open'"))
    taken_until: Mapped[dt.datetime | None] = mapped_column(Moment)
    done_at: Mapped[dt.datetime | None] = mapped_column(Moment, index=True)


@kept(
    data=("電話した職員・日時・結果、メモ（暗号化）", "Who called when with what result; a note (encrypted)"),
    purpose=("電話の記録", "Record of the calls"),
    retention=("健康観察とともに（終わってから30日）", "With the health checks (30 days after their end)"),
    seen_by=_OFFICERS,
)
class Call(Base):
    """One call that was tried, by whom and with what outcome; `note` is sealed under `uid`."""

    __tablename__ = "covid_calls"
    __table_args__ = NUMBERED

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    entry_id: Mapped[int] = mapped_column(ForeignKey("covid_call_entries.id", ondelete="CASCADE"), index=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), index=True)
    outcome: Mapped[str] = mapped_column(String(12))
    note: Mapped[bytes | None] = mapped_column(Sealed("covid_calls.note"))
    called_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    called_at: Mapped[dt.datetime] = mapped_column(Moment)
