"""The attempt log: what LINE answered to each request, in numbers only."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, SmallInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Moment
from bot.models.datamap import kept


@kept(
    data=("送信のたびの結果（LINEの受付番号）", "Each try to send, with LINE's request id"),
    purpose=("届かない原因を調べる", "Shows why something did not arrive"),
    retention=("90日（一斉送信は2年）", "90 days (broadcasts two years)"),
    seen_by=("管理者", "Administrators"),
)
class Attempt(Base):
    """One request made for a delivery, the first being number 1; it goes when its delivery goes.

    What LINE took at the first try has none: its delivery tells all of it.

    `http_status` is None when no answer came. `line_request_id` is what LINE asks for when it is asked about a request.
    """

    __tablename__ = "attempts"
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it as it is

    delivery_id: Mapped[int] = mapped_column(ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True)
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[dt.datetime] = mapped_column(Moment)
    verdict: Mapped[str] = mapped_column(String(16))
    http_status: Mapped[int | None] = mapped_column(SmallInteger)
    line_request_id: Mapped[str | None] = mapped_column(String(60))
