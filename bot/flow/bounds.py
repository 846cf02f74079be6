"""Fixed bounds as people write them (令和8年5月31日, 一, 3人), and how a flow writes the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from bot.flow.answers.dates import read_date
from bot.flow.answers.plain import narrow, read_number
from bot.flow.answers.reading import Question, Understood
from bot.flow.answers.times import read_datetime
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
