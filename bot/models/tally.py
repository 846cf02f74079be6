"""Running totals of outcomes, for those who watch: the rows themselves are deleted in time, the totals only grow."""

from __future__ import annotations

from sqlalchemy import BigInteger, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base
from bot.models.datamap import kept


@kept(
    data=("送信結果の累計", "Totals of outcomes"),
    purpose=("運用のようすを見る", "Shows how sending goes"),
    retention=("続けて保存", "Kept"),
    seen_by=("管理者", "Administrators"),
)
class Tally(Base):
    """How many recipients a channel has had by kind of request and outcome, since the installation began."""

    __tablename__ = "tallies"

    channel_id: Mapped[int] = mapped_column(ForeignKey("channels.id"), primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)
    outcome: Mapped[str] = mapped_column(String(16), primary_key=True)
    recipients: Mapped[int] = mapped_column(BigInteger)
