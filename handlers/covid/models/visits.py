"""Which places people visited, and who was told that they met the disease there."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, Integer, SmallInteger, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import NUMBERED, Base, Id, Moment, Sealed
from bot.models.datamap import kept

_OFFICERS = ("担当部署の職員", "Staff of the department")


@kept(
    data=(
        "施設の名前・種類・所在地・取組項目、連絡先（暗号化）",
        "Name, kind, address and measures of a facility; its contact (encrypted)",
    ),
    purpose=("ポスターと接触のお知らせ", "Posters and exposure notices"),
    retention=("終了してから1年", "One year after it was retired"),
    seen_by=_OFFICERS,
)
class Facility(Base):
    """A shop, hall or office that put up our poster. `kind` is a name in facility_kinds.yaml; `checklist` the measures it ticked.

    `contact` (person, telephone, mail) is sealed under `uid`. `may_be_named` says that it agreed to be named in notices. One that
    registered itself has no `registered_by`, and waits (`state` waiting) until staff have looked at it; then active, or retired.
    """

    __tablename__ = "covid_facilities"
    __table_args__ = (Index("ix_covid_facilities_state", "state", "name", "id"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    uid: Mapped[str] = mapped_column(String(32), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    kind: Mapped[str] = mapped_column(String(40))
    address: Mapped[str] = mapped_column(String(120))
    checklist: Mapped[list[str]] = mapped_column(JSON)
    contact: Mapped[bytes] = mapped_column(Sealed("covid_facilities.contact"))
    may_be_named: Mapped[bool]
    state: Mapped[str] = mapped_column(String(10))
    registered_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    registered_at: Mapped[dt.datetime] = mapped_column(Moment)
    retired_at: Mapped[dt.datetime | None] = mapped_column(Moment, index=True)


@kept(
    data=("施設の階や部屋の名前、QRコードの版", "Names of floors and rooms, version of their code"),
    purpose=("場所ごとのポスター", "One poster per place"),
    retention=("施設とともに", "With the facility"),
    seen_by=_OFFICERS,
)
class Place(Base):
    """What one poster is for: a whole facility, a floor or a room of it. Only the present `version` of its code is valid."""

    __tablename__ = "covid_places"
    __table_args__ = (UniqueConstraint("facility_id", "name"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("covid_facilities.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(40))
    version: Mapped[int] = mapped_column(SmallInteger)
    changed_at: Mapped[dt.datetime] = mapped_column(Moment)
    retired: Mapped[bool]


@kept(
    data=(
        "だれが、どの場所に、いつからいつまでいたか（ほかは何も）",
        "Who was at which place from when to when (nothing else)",
    ),
    purpose=("接触のお知らせ", "Exposure notices"),
    retention=("28日（町が変えられる）", "28 days (the town may change it)"),
    seen_by=(
        "だれも見られない（数だけ。本人は自分のものを見られる）",
        "Nobody (only numbers; residents see their own)",
    ),
)
class Visit(Base):
    """A resident was at a place. Who does not check out is taken to have stayed as long as is usual there."""

    __tablename__ = "covid_visits"
    __table_args__ = (
        Index("ix_covid_visits_place", "place_id", "entered_at", "left_at", "resident_id"),
        Index("ix_covid_visits_resident", "resident_id", "entered_at"),
        Index("ix_covid_visits_entered_at", "entered_at"),
        NUMBERED,
    )

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"))
    place_id: Mapped[int] = mapped_column(ForeignKey("covid_places.id", ondelete="CASCADE"))
    entered_at: Mapped[dt.datetime] = mapped_column(Moment)
    left_at: Mapped[dt.datetime | None] = mapped_column(Moment)


@kept(
    data=("施設と時間帯、依頼と承認をした職員、人数", "Facility and time, staff who asked and approved, numbers"),
    purpose=("接触のお知らせの記録", "Record of exposure notices"),
    retention=("2年", "Two years"),
    seen_by=_OFFICERS,
)
class Exposure(Base):
    """Somebody with the disease was at a facility (or one place of it) from–to; `padding` minutes are added before and after.

    `stay` minutes are how long people usually are there, for those who did not check out. `messages` are what residents are sent,
    by language, as it was approved; `correction` what they are sent when it is withdrawn.
    `state`: waiting (for the second person), refused, approved, told, withdrawn. `named` lets the notice name the facility.
    `matched` visits were counted when it was asked for, `told` residents were written to, `unreachable` ones had blocked us.
    """

    __tablename__ = "covid_exposures"
    __table_args__ = (Index("ix_covid_exposures_state", "state", "asked_at"), NUMBERED)

    id: Mapped[int] = mapped_column(Id, primary_key=True)
    facility_id: Mapped[int] = mapped_column(ForeignKey("covid_facilities.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("covid_places.id"))
    from_at: Mapped[dt.datetime] = mapped_column(Moment)
    to_at: Mapped[dt.datetime] = mapped_column(Moment)
    padding: Mapped[int] = mapped_column(SmallInteger)
    stay: Mapped[int] = mapped_column(SmallInteger)
    named: Mapped[bool]
    messages: Mapped[dict[str, Any]] = mapped_column(JSON)
    correction: Mapped[dict[str, Any] | None] = mapped_column(JSON)
    state: Mapped[str] = mapped_column(String(10))
    matched: Mapped[int] = mapped_column(Integer)
    told: Mapped[int] = mapped_column(Integer, default=0)
    unreachable: Mapped[int] = mapped_column(Integer, default=0)
    asked_by: Mapped[int] = mapped_column(ForeignKey("staff.id"))
    asked_at: Mapped[dt.datetime] = mapped_column(Moment)
    approved_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    approved_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    told_at: Mapped[dt.datetime | None] = mapped_column(Moment)
    withdrawn_by: Mapped[int | None] = mapped_column(ForeignKey("staff.id"))
    withdrawn_at: Mapped[dt.datetime | None] = mapped_column(Moment)


@kept(
    data=("だれにどのお知らせを送ったか", "Who was told of which exposure"),
    purpose=("同じお知らせを二度送らない、取り消しを伝える", "Nobody is told twice; corrections reach the same people"),
    retention=("90日", "90 days"),
    seen_by=("だれも見られない（数だけ）", "Nobody (only numbers)"),
)
class ExposureNotice(Base):
    """A resident was told of an exposure, once; `corrected_at` when it was taken back."""

    __tablename__ = "covid_exposure_notices"
    __table_args__ = (Index("ix_covid_exposure_notices_resident_id", "resident_id"),)

    exposure_id: Mapped[int] = mapped_column(ForeignKey("covid_exposures.id", ondelete="CASCADE"), primary_key=True)
    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    told_at: Mapped[dt.datetime] = mapped_column(Moment, index=True)
    corrected_at: Mapped[dt.datetime | None] = mapped_column(Moment)
