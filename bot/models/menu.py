"""Rich menus on LINE, one per language, and which resident is to see which."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from bot.models.base import Base, Id, Moment
from bot.models.datamap import kept


@kept(
    data=("LINEにのせたリッチメニューの番号と言語", "the ids and languages of the rich menus on LINE"),
    purpose=("利用者のことばのメニューを出す", "showing each resident the menu of their language"),
    retention=("次のメニューに替わるまで", "until another menu takes their place"),
    seen_by=("運用担当者", "operators"),
)
class RichMenuOnLine(Base):
    """One menu on one channel. `everybody` marks the one shown to all who are linked to none; a `retired` one is deleted soon."""

    __tablename__ = "rich_menus"

    menu_id: Mapped[str] = mapped_column(String(80), primary_key=True)
    channel_id: Mapped[int] = mapped_column(Id, ForeignKey("channels.id"), index=True)
    language: Mapped[str] = mapped_column(String(12))
    everybody: Mapped[bool]
    retired: Mapped[bool] = mapped_column(default=False)
    made_at: Mapped[dt.datetime] = mapped_column(Moment)


@kept(
    data=("利用者ごとの、LINEで出しているメニューの言語", "per resident, the language of the menu LINE shows them"),
    purpose=("ことばを変えたときに、メニューも変える", "changing the menu together with the language"),
    retention=(
        "標準のことばに戻すまで、またはデータを消すまで",
        "until they return to the usual language or erase their data",
    ),
    seen_by=("だれも見ません", "nobody"),
)
class MenuLink(Base):
    """A resident's own menu: `menu_id` is linked at LINE now; `waiting` until that is the one of their `language`."""

    __tablename__ = "menu_links"
    __table_args__ = (
        Index("ix_menu_links_waiting", "resident_id", postgresql_where=text("waiting"), sqlite_where=text("waiting")),
    )

    resident_id: Mapped[int] = mapped_column(ForeignKey("residents.id", ondelete="CASCADE"), primary_key=True)
    language: Mapped[str | None] = mapped_column(String(12))
    menu_id: Mapped[str | None] = mapped_column(String(80))
    waiting: Mapped[bool]
