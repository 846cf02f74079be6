"""What residents are told that is stored about them for the vehicle tax: which tax, when due, when reminded."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from bot.flow.filters import date_text
from handlers.tax.models import TaxReminder

_LINES = {
    "ja": "{tax}のお知らせ：納期限 {due}、その{days}日前",
    "ja-easy": "{tax}の おしらせ：{due}までに はらいます。{days}日まえに おしらせします。",
    "en": "Reminder of the {tax}: due {due}, {days} days before",
}
_TAXES = {
    "car": {"ja": "自動車税", "ja-easy": "車の 税金", "en": "automobile tax"},
    "light": {"ja": "軽自動車税", "ja-easy": "軽自動車・バイクの 税金", "en": "light vehicle tax"},
}


def own_data(connection: Connection, resident_id: int, language: str) -> list[str]:
    """Return one line per reminder."""
    statement = select(TaxReminder).where(TaxReminder.resident_id == resident_id).order_by(TaxReminder.kind)
    return [_line(row, language) for row in connection.execute(statement)]


def _line(row: Any, language: str) -> str:
    names = _TAXES.get(row.kind, {})
    tax = names.get(language) or names.get("ja") or row.kind
    due = date_text(row.due_on.isoformat(), language)
    return _LINES.get(language, _LINES["ja"]).format(tax=tax, due=due, days=row.days_before)
