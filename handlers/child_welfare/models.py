"""What is counted of consultations about children: numbers by month, without anything that leads back to a person."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Date, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models import Base
from bot.models.datamap import kept


@kept(
    data=("子ども相談の件数（月ごと。個人の情報はない）", "Numbers of consultations by month (nothing personal)"),
    purpose=("相談の傾向を知り、体制を考える", "Shows how many people to have at the desk, and when"),
    retention=("5年", "Five years"),
    seen_by=("窓口の担当職員", "Staff of the office"),
)
class WelfareCount(Base):
    """How many consultations closed at `office` in a `month` (its first day) have `value` in `what` (who, age, grade …)."""

    __tablename__ = "child_welfare_counts"

    month: Mapped[dt.date] = mapped_column(Date, primary_key=True)
    office: Mapped[str] = mapped_column(String(40), primary_key=True)
    what: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[str] = mapped_column(String(40), primary_key=True)
    number: Mapped[int]
