"""Cells as spreadsheets of town halls hold them: full-width digits, thousands with commas, dates by era, ○ for yes."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from bot.flow.answers.contact import read_email, read_kana, read_phone, read_postal_code
from bot.flow.answers.dates import read_date
from bot.flow.answers.reading import Question, Reading, Understood
from bot.flow.words import fold
from bot.now import TOKYO

Parse = Callable[[str], Any]

_SPACERS = str.maketrans("", "", " -‐‑–—―−ーｰ")
_NUMBER = re.compile(r"([-+]?)(\d{1,15}|\d{1,3}(?:,\d{3})+)(\.\d{1,6})?(万)?(?:円|人|件|名|個|台|点)?")
_MINUS = str.maketrans("−‐‑–—△▲", "-------")
_MOMENT = re.compile(r"(.+?)[\sTt]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:\.0+)?)?")
_YES = frozenset(map(fold, ("はい", "有", "あり", "○", "〇", "◯", "1", "yes", "y", "true", "済")))
_NO = frozenset(map(fold, ("いいえ", "無", "なし", "×", "✕", "x", "0", "no", "n", "false", "未", "-")))
_TODAY = Question("2000-01-01")
_RELATIVE = re.compile(r"\d")


class BadCell(Exception):
    """A cell cannot be read: `code` names the sentence that says why, `details` fill it and hold nothing of the cell."""

    def __init__(self, code: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.details = dict(details or {})


def narrow(cell: str) -> str:
    """Return a cell with full-width letters and digits made ordinary, without outer spaces."""
    return cell.strip() if cell.isascii() else unicodedata.normalize("NFKC", cell).strip()


def text(longest: int = 200) -> Parse:
    """Return a parser of texts; control characters are refused, line breaks are not."""

    def parse(cell: str) -> str:
        found = unicodedata.normalize("NFC", cell).replace("\r\n", "\n").replace("\r", "\n").strip()
        if len(found) > longest:
            raise BadCell("too_long", {"most": longest})
        if not found.isprintable() and any(unicodedata.category(one) == "Cc" and one not in "\n\t" for one in found):
            raise BadCell("control_character")
        return found

    return parse


def digits(exactly: int | None = None, least: int = 1, most: int = 50) -> Parse:
    """Return a parser of digits however they are grouped; zeros at the front stay, where the spreadsheet left them."""

    def parse(cell: str) -> str:
        found = narrow(cell).translate(_SPACERS)
        if not (found.isascii() and found.isdigit()):
            raise BadCell("not_digits")
        if exactly is not None and len(found) != exactly:
            raise BadCell("digits_exactly", {"count": exactly})
        if not least <= len(found) <= most:
            raise BadCell("digits_between", {"least": least, "most": most})
        return found

    return parse


def integer(low: int | None = None, high: int | None = None) -> Parse:
    """Return a parser of whole numbers: 34,500円, ３万, △120."""

    def parse(cell: str) -> int:
        value = _number(cell)
        if value != value.to_integral_value():
            raise BadCell("not_whole")
        _within(value, low, high)
        return int(value)

    return parse


def decimal(low: float | None = None, high: float | None = None) -> Parse:
    """Return a parser of numbers with up to six decimals."""

    def parse(cell: str) -> Decimal:
        value = _number(cell)
        _within(value, low, high)
        return value

    return parse


def _number(cell: str) -> Decimal:
    found = _NUMBER.fullmatch(narrow(cell).replace(" ", "").lstrip("¥\\").translate(_MINUS))
    if found is None:
        raise BadCell("not_number")
    sign, whole, fraction, myriad = found.groups()
    value = Decimal(f"{sign}{whole.replace(',', '')}{fraction or ''}")
    return value * 10_000 if myriad else value


def _within(value: Decimal, low: float | None, high: float | None) -> None:
    if low is not None and value < Decimal(str(low)):
        raise BadCell("too_small", {"least": f"{low:,}"})
    if high is not None and value > Decimal(str(high)):
        raise BadCell("too_large", {"most": f"{high:,}"})


def date(cell: str) -> dt.date:
    """Read a date: 2026/5/31, 令和8年5月31日, R8.5.31, 20260531, with a time behind it or without."""
    found = narrow(cell)
    if _RELATIVE.search(found) is None:
        raise BadCell("not_date")  # 今日 means something in a talk, nothing in a file
    if (timed := _MOMENT.fullmatch(found)) is not None:
        found = timed.group(1)
    reading = read_date(found, _TODAY)
    if not isinstance(reading, Understood):
        raise BadCell("not_date")
    return dt.date.fromisoformat(reading.value)


def moment(cell: str) -> dt.datetime:
    """Read a date with a time of day, as it is on the town hall's clock."""
    found = _MOMENT.fullmatch(narrow(cell))
    if found is None:
        raise BadCell("not_moment")
    day, hour, minute, second = found.groups()
    try:
        time = dt.time(int(hour), int(minute), int(second or 0))
    except ValueError:
        raise BadCell("not_moment") from None
    return dt.datetime.combine(date(day), time, TOKYO)


def flag(cell: str) -> bool:
    """Read yes or no: はい, 有, ○, 1."""
    found = fold(cell) or narrow(cell)
    if found in _YES:
        return True
    if found in _NO or narrow(cell) in {"-", "ー"}:
        return False
    raise BadCell("not_flag")


def one_of(values: Mapping[str, Sequence[str]]) -> Parse:
    """Return a parser of one of several values, each known by its own name and its labels."""
    known = {fold(label): value for value, labels in values.items() for label in (value, *labels)}
    shown = "、".join(next(iter(labels), value) for value, labels in values.items())[:200]

    def parse(cell: str) -> str:
        if (value := known.get(fold(cell))) is None:
            raise BadCell("not_one_of", {"values": shown})
        return value

    return parse


def _as_answered(read: Callable[[str, Question], Reading], code: str) -> Parse:
    def parse(cell: str) -> Any:
        reading = read(cell, _TODAY)
        if not isinstance(reading, Understood):
            raise BadCell(code)
        return reading.value

    return parse


kana = _as_answered(read_kana, "not_kana")
phone = _as_answered(read_phone, "not_phone")
postal_code = _as_answered(read_postal_code, "not_postal_code")
email = _as_answered(read_email, "not_email")
