"""What residents are told that is stored about them for the vehicle tax: which tax, when due, when reminded."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, select

from bot.flow.filters import date_text
from handlers.tax.kinds import tax_name
from handlers.tax.models import TaxLink, TaxNotice, TaxReminder

_LINES = {
    "ja": "{tax}のお知らせ：納期限 {due}、その{days}日前",
    "ja-easy": "{tax}の おしらせ：{due}までに はらいます。{days}日まえに おしらせします。",
    "en": "Reminder of the {tax}: due {due}, {days} days before",
}
_TAXES = {
    "car": {"ja": "自動車税", "ja-easy": "車の 税金", "en": "automobile tax"},
    "light": {"ja": "軽自動車税", "ja-easy": "軽自動車・バイクの 税金", "en": "light vehicle tax"},
}


_LINKED = {
    "ja": "登録している納税通知書：{year}年度 {tax}、納期限 {due}{family}",
    "ja-easy": "とうろくしている 紙：{year}年度（ねんど）の {tax}、{due}までに はらいます{family}",
    "en": "Linked tax notice: {tax} {year}, due {due}{family}",
}
_FAMILY = {"ja": "（家族の分）", "ja-easy": "（かぞくの もの）", "en": " (of a family member)"}


def own_data(connection: Connection, resident_id: int, language: str) -> list[str]:
    """Return one line per reminder and one per linked notice."""
    reminders = select(TaxReminder).where(TaxReminder.resident_id == resident_id).order_by(TaxReminder.kind)
    linked = (
        select(TaxNotice.kind, TaxNotice.tax_year, TaxNotice.due_on, TaxLink.relation)
        .join(TaxLink, TaxLink.notice_id == TaxNotice.id)
        .where(TaxLink.resident_id == resident_id)
        .order_by(TaxNotice.due_on, TaxNotice.id)
    )
    return [
        *(_line(row, language) for row in connection.execute(reminders)),
        *(_linked(row, language) for row in connection.execute(linked)),
    ]


def _name(kind: str, language: str) -> str:
    names = _TAXES.get(kind, {})
    return names.get(language) or names.get("ja") or tax_name({}, kind, language)


def _linked(row: Any, language: str) -> str:
    family = _FAMILY.get(language, _FAMILY["ja"]) if row.relation == "family" else ""
    tax = _name(row.kind, language)
    due = date_text(row.due_on.isoformat(), language)
    return _LINKED.get(language, _LINKED["ja"]).format(year=row.tax_year, tax=tax, due=due, family=family)


def _line(row: Any, language: str) -> str:
    tax = _name(row.kind, language)
    due = date_text(row.due_on.isoformat(), language)
    return _LINES.get(language, _LINES["ja"]).format(tax=tax, due=due, days=row.days_before)
