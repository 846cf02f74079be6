"""Times of day, alone or with a date: 10:30, １０時半, 午後3時15分, 2026-05-31 10:30, 明日の午後3時."""

from __future__ import annotations

import re

from bot.flow.answers.dates import read_date
from bot.flow.answers.plain import narrow
from bot.flow.answers.reading import NotUnderstood, Question, Reading, Understood

_CLOCK = re.compile(
    r"(午前|午後|朝|昼|夕方|夜|am|pm)?\s*(\d{1,2})\s*(?::|時|\.)\s*(?:(\d{1,2})\s*分?|(半))?\s*(am|pm)?"
)
_HOUR = re.compile(r"(午前|午後|am|pm)?\s*(\d{1,2})\s*(am|pm)")
_LATER = frozenset({"午後", "夕方", "夜", "pm"})
_APART = re.compile(r"^(.+?)(?:\s+|の|t|、)\s*((?:午前|午後|朝|昼|夕方|夜|am|pm)?\s*\d{1,2}\s*(?::|時|\.|am|pm).*)$")
_JOINED = re.compile(r"^(.+日(?:\([月火水木金土日]\))?)\s*((?:午前|午後)?\d.*)$")
_WORDS = {"正午": "12:00", "noon": "12:00", "深夜0時": "00:00"}


def read_time(text: str, question: Question) -> Reading:
    """Read a time of day; the value is `hh:mm`."""
    del question
    found = _clock(narrow(text).casefold().replace("：", ":"))
    return NotUnderstood("answer_time") if found is None else Understood(found)


def read_datetime(text: str, question: Question) -> Reading:
    """Read a day and a time; the value is `YYYY-MM-DDThh:mm`."""
    whole = narrow(text).casefold()
    parts = _APART.match(whole) or _JOINED.match(whole) if len(whole) <= 60 else None
    if parts is None:
        return NotUnderstood("answer_datetime")
    day, clock = read_date(parts.group(1), question), _clock(parts.group(2).strip())
    if not isinstance(day, Understood) or clock is None:
        return NotUnderstood("answer_datetime")
    return Understood(f"{day.value}T{clock}")


def _clock(text: str) -> str | None:
    if len(text) > 30:
        return None
    if text in _WORDS:
        return _WORDS[text]
    found = _CLOCK.fullmatch(text)
    if found is not None:
        half, hour, minute, thirty, after = found.groups()
    elif (short := _HOUR.fullmatch(text)) is not None:
        half, hour, after = short.groups()
        minute = thirty = None
    else:
        return None
    hours, minutes = int(hour), 30 if thirty else int(minute or 0)
    if {half, after} & _LATER and hours < 12:
        hours += 12
    if {half, after} & {"午前", "am"} and hours == 12:
        hours = 0
    return f"{hours:02}:{minutes:02}" if hours < 24 and minutes < 60 else None
