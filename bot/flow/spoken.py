"""Values as people write them (令和8年5月31日, 一, 3人, 午前9時, 半日, はい), and how a flow writes the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from bot.flow.answers.dates import read_date
from bot.flow.answers.plain import narrow, read_number
from bot.flow.answers.reading import Question, Understood
from bot.flow.answers.times import read_datetime, read_time
from bot.flow.fields import as_text

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_PLAIN_DAY = re.compile(r"\d{4}-\d{2}-\d{2}([ T]\d{2}:\d{2})?")
_KANJI_NUMBER = re.compile(r"[〇零一二三四五六七八九十百千]{1,8}")
_TENS = {"十": 10, "百": 100, "千": 1000}
_ANY_DAY = Question("2000-01-01")
"""Words such as 明日 are never asked for here, so any day will do."""


def as_a_flow_writes(value: Any, type_: str) -> str | None:
    """Return how a fixed bound of a question is written; None when it is written so already, or is nothing fixed."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    written = as_text(value).strip().strip("\"'")
    if type_ in {"date", "datetime"}:
        return None if _PLAIN_DAY.fullmatch(written) else _day(written)
    if type_ == "time":
        return None if re.fullmatch(r"\d{2}:\d{2}", written) else time_of_day(written)
    if type_ in {"number", "choices"}:
        return None if _PLAIN.fullmatch(written) else number_in(written)
    return None


def _day(written: str) -> str | None:
    if not any(letter.isdigit() or letter == "元" for letter in written):
        return None
    for found in (read_date(written, _ANY_DAY), read_datetime(written, _ANY_DAY)):
        if isinstance(found, Understood):
            return str(found.value)[:10]
    return None


def number_in(written: str) -> str | None:
    """Return the digits of a number in kanji, in full-width digits or with its unit."""
    bare = unicodedata.normalize("NFKC", written).strip()
    count = re.sub("[人つ個回歳才日円台件年]$", "", bare)
    if _KANJI_NUMBER.fullmatch(count):
        return str(_from_kanji(count))
    found = read_number(narrow(written), _ANY_DAY)
    return str(found.value) if isinstance(found, Understood) else None


def _from_kanji(written: str) -> int:
    total = last = 0
    for letter in written:
        if letter in _TENS:
            total, last = total + (last or 1) * _TENS[letter], 0
        else:
            last = last * 10 + int(unicodedata.numeric(letter))
    return total + last


def time_of_day(written: str) -> str | None:
    """Return a time of day by the clock: 朝9時 and 9:00 are 09:00."""
    found = read_time(written, _ANY_DAY) if any(letter.isdigit() for letter in narrow(written)) else None
    return str(found.value) if isinstance(found, Understood) else None


_SPAN = re.compile(r"(.{1,8}?)\s*(分間?|時間|日間?|週間?|か月間?|ヶ月間?|ヵ月間?|カ月間?|ケ月間?|箇月間?|月間|年間?)")
_DAYS = {"月": 30, "年": 365}


def span(written: str) -> str | None:
    """Return a span of time in the units of a flow: 三十分, 半日 and 1年 are 30分, 12時間 and 365日."""
    bare = narrow(written)
    if bare in {"半日", "半年"}:
        return {"半日": "12時間", "半年": "180日"}[bare]
    found = _SPAN.fullmatch(bare)
    digits = number_in(found.group(1)) if found is not None else None
    if found is None or digits is None or not digits.isdigit():
        return None
    unit = found.group(2).removesuffix("間") if found.group(2) != "時間" else "時間"
    if (days := _DAYS.get(unit[-1])) is not None:
        return f"{int(digits) * days}日"
    return f"{digits}{'週間' if unit == '週' else unit}"


_TRUTH = {
    **dict.fromkeys(("はい", "yes", "on", "必須", "する", "あり", "○", "1"), "true"),
    **dict.fromkeys(("いいえ", "no", "off", "任意", "しない", "なし", "×", "0"), "false"),
}


def truth(written: str) -> str | None:
    """Return yes or no as a flow writes it."""
    return _TRUTH.get(narrow(written).casefold())
