"""What a resident will be told about taxes, for 「通知の設定」: the reminders they set, and what comes for notices they linked."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import Connection, delete, func, literal_column, select

from bot.now import TOKYO
from bot.service import Ahead, Upcoming
from handlers.tax.kinds import tax_name
from handlers.tax.models import TaxLink, TaxNotice, TaxReminder, TaxSend
from handlers.tax.schedule import Phase
from handlers.tax.state import State

TOPIC = "tax"
"""The topic of all that is sent about taxes: whoever stops it hears nothing more, neither before nor after the due date."""

SENT_AT = dt.time(10, 5)
"""Local time at which what is due for linked notices leaves, at the earliest."""

_TITLES = {
    "ja": "{tax}の納期限のお知らせ",
    "ja-easy": "{tax}を はらう日の おしらせ",
    "en": "Due date of the {tax}",
}
_notices: Any = TaxNotice.__table__
_links: Any = TaxLink.__table__
_sends: Any = TaxSend.__table__


def tell(connection: Connection, resident_id: int, language: str) -> list[Upcoming]:
    """Return the reminders a resident set, and the next message before the due date of what they linked."""
    mine = select(TaxReminder.kind, TaxReminder.remind_at).where(TaxReminder.resident_id == resident_id)
    wished = [
        Upcoming(row.kind, _title(row.kind, language), row.remind_at, TOPIC)
        for row in connection.execute(mine.where(TaxReminder.remind_at.is_not(None)))
    ]
    # What comes for a notice ends with its link, or with the topic.
    linked = [
        Upcoming("", _title(row.kind, language), dt.datetime.combine(row.send_on, SENT_AT, TOKYO), TOPIC)
        for row in connection.execute(_LINKED.where(_links.c.resident_id == resident_id))
    ]
    return wished + linked


def stop(connection: Connection, resident_id: int, key: str) -> bool:
    """Delete the reminder for one kind of tax; tell whether there was one."""
    gone = delete(TaxReminder).where(TaxReminder.resident_id == resident_id, TaxReminder.kind == key)
    return connection.execute(gone).rowcount > 0


def topics(connection: Connection, resident_id: int) -> tuple[str, ...]:
    """Return the topic of taxes for who has linked a notice that is not settled: what comes after its due date is not listed."""
    open_ones = (
        select(_links.c.id)
        .join(_notices, _notices.c.id == _links.c.notice_id)
        .where(_links.c.resident_id == resident_id, _notices.c.state == State.OPEN.value)
    )
    return () if connection.execute(open_ones.limit(1)).first() is None else (TOPIC,)


def _title(kind: str, language: str) -> str:
    return _TITLES.get(language, _TITLES["ja"]).format(tax=tax_name({}, kind, language))


_LINKED = (
    select(_sends.c.kind, func.min(_sends.c.send_on).label("send_on"))
    .join(_notices, (_notices.c.kind == _sends.c.kind) & (_notices.c.due_on == _sends.c.due_on))
    .join(_links, _links.c.notice_id == _notices.c.id)
    .where(
        _sends.c.state == literal_column("'planned'"),
        _sends.c.stage.like(f"{Phase.BEFORE.value}.%"),
        _sends.c.reached == 0,
        _notices.c.state == State.OPEN.value,
    )
    .group_by(_sends.c.kind, _sends.c.due_on)
)

AHEAD = Ahead(tell, stop, topics)
