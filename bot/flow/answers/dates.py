"""Dates as people write them: 2026-05-31, 2026年5月31日, 令和8年5月31日, R8.5.31, 昭和元年12月25日, 今日."""

from __future__ import annotations

import datetime as dt
import re

from bot.flow.answers.plain import narrow
from bot.flow.answers.reading import NotUnderstood, Question, Reading, Understood
from bot.flow.filters import ERAS

_WESTERN = re.compile(r"(\d{4})\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ERA = re.compile(
    r"(令和|平成|昭和|大正|明治|[rhstm])\s*(\d{1,2}|元)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?"
)
_RELATIVE = {
    "今日": 0, "きょう": 0, "本日": 0, "today": 0, "昨日": -1, "きのう": -1, "yesterday": -1, "一昨日": -2, "おととい": -2,
    "明日": 1, "あした": 1, "あす": 1, "tomorrow": 1, "明後日": 2, "あさって": 2,
}  # fmt: skip
_FIRST_YEAR = {key: first.year for name, letter, first in ERAS for key in (name, letter.casefold())}


def read_date(text: str, question: Question) -> Reading:
    """Read a date; the value is ISO text."""
    found = narrow(text).casefold()
    if len(found) > 40:
        return NotUnderstood("answer_date")
    found = re.sub(r"\([月火水木金土日]\)$|\s*[月火水木金土日]曜日?$|生まれ$|です$", "", found).strip()
    if found in _RELATIVE:
        day = dt.date.fromisoformat(question.today) + dt.timedelta(days=_RELATIVE[found])
        return Understood(day.isoformat())
    for pattern in (_WESTERN, _COMPACT):
        if (parts := pattern.fullmatch(found)) is not None:
            return _date(int(parts.group(1)), parts.group(2), parts.group(3))
    if (parts := _ERA.fullmatch(found)) is not None:
        years = 1 if parts.group(2) == "元" else int(parts.group(2))
        return _date(_FIRST_YEAR[parts.group(1)] + years - 1, parts.group(3), parts.group(4))
    return NotUnderstood("answer_date")


def _date(year: int, month: str, day: str) -> Reading:
    try:
        return Understood(dt.date(year, int(month), int(day)).isoformat())
    except ValueError:
        return NotUnderstood("answer_date")
