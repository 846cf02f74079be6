"""Values as tax systems write them: full width, era years, thousands separators, plates with dots for missing digits.

Each reader takes a cell's text and returns the value; it raises Unreadable with what is wrong, never with the text itself.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from bot.flow.filters import ERAS

MOST_YEN = 99_999_999
CODE_LENGTHS = (8, 20)
"""Characters a linking code may have."""

EL_PARTS = ("agency", "payment", "confirmation", "category")
"""The four parts of an eL number, in the order in which 地方税お支払サイト asks for them."""

EL_MOST_DIGITS = 30
"""Of one part; how many there must be is printed on the slips, and a town may set it (`tax_el_digits`)."""

_HYPHENS = re.compile(r"[-‐‑‒–—―−ｰー・.\s]")
_WESTERN = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
_ERA = re.compile(r"([^\d\W]+)\.?(\d{1,2}|元)[-/.・年](\d{1,2})[-/.・月](\d{1,2})日?")
_ERA_COMPACT = re.compile(r"([^\d\W]+)(\d{2})(\d{2})(\d{2})")
_ERA_CODE = re.compile(r"([1-5])(\d{2})(\d{2})(\d{2})")
"""Seven digits: the era as a number (1 明治 … 5 令和), then year, month, day."""

_ERA_YEAR = re.compile(r"([^\d\W]*)(\d{1,2}|元)年?度?分?")
_WEEKDAY = re.compile(r"\([月火水木金土日]\)$")
_TIME = re.compile(r"[\sT]\s*\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?$")
"""What databases write behind a day."""

_AROUND_YEN = re.compile(r"^(?:金?[¥\\]|[*金])|(?:円也?|-|\.0{1,2})$|[,、，]")
_CODE = re.compile(r"[0-9A-Z]+")
_EXPONENT = re.compile(r"\d(?:\.\d+)?E\+\d+", re.IGNORECASE)
"""What a spreadsheet makes of a long number: its last digits are lost."""

_FIRST = {key: first for name, letter, first in ERAS for key in (name, name[0], letter.upper())}
_NUMBERED_ERAS = {str(5 - place): name for place, (name, _, _) in enumerate(ERAS)}


class Unreadable(ValueError):
    """A cell cannot be read; `code` names the reason, `details` fill its sentence."""

    def __init__(self, code: str, **details: int) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


@dataclass(frozen=True, slots=True)
class ElNumber:
    """The four numbers by which 地方税お支払サイト finds a payment (eL番号)."""

    agency: str
    payment: str
    confirmation: str
    category: str

    def as_values(self) -> Mapping[str, str]:
        """Return the parts by name."""
        return {name: getattr(self, name) for name in EL_PARTS}


def narrow(text: str) -> str:
    """Return the text in half width, without white space."""
    if text.isascii() and text.isalnum():
        return text
    return "".join(unicodedata.normalize("NFKC", text).split())


def day(text: str) -> dt.date:
    """Read a date: 2026/5/31, 20260531, 2026-05-31 00:00:00, 令和8年5月31日, R8.5.31, 令 8. 5.31, R080531, 5080531."""
    timed = ":" in text or "：" in text
    found = _WEEKDAY.sub("", narrow(_TIME.sub("", unicodedata.normalize("NFKC", text).strip()) if timed else text))
    for pattern in (_WESTERN, _COMPACT):
        if parts := pattern.fullmatch(found):
            return _date(int(parts[1]), parts[2], parts[3])
    if parts := _ERA_CODE.fullmatch(found):
        return _date(_western(_NUMBERED_ERAS[parts[1]], parts[2]), parts[3], parts[4])
    if parts := _ERA.fullmatch(found.upper()) or _ERA_COMPACT.fullmatch(found.upper()):
        return _date(_western(parts[1], parts[2]), parts[3], parts[4])
    raise Unreadable("not_date")


def tax_year(text: str) -> int:
    """Read a tax year: 令和8年度, R8, 8 (of the present era), 2026."""
    found = narrow(text).upper()
    if re.fullmatch(r"20\d{2}年?度?分?", found):
        return int(found[:4])
    if parts := _ERA_YEAR.fullmatch(found):
        return _western(parts[1] or ERAS[0][0], parts[2])
    raise Unreadable("tax_year")


def amount(text: str) -> int:
    """Read an amount of yen: 34,500 / ￥34500- / 34,500円 / *34,500 / 34500.00 / \\34,500 (as CP932 shows the yen sign)."""
    found = _AROUND_YEN.sub("", narrow(text))
    if not re.fullmatch(r"\d{1,9}", found) or int(found) > MOST_YEN:
        raise Unreadable("amount")
    return int(found)


def code(text: str) -> str:
    """Read a linking code: digits and letters, however grouped."""
    if _EXPONENT.fullmatch(narrow(text)):
        raise Unreadable("exponent")
    found = _HYPHENS.sub("", narrow(text)).upper()
    if not _CODE.fullmatch(found) or not CODE_LENGTHS[0] <= len(found) <= CODE_LENGTHS[1]:
        raise Unreadable("code")
    return found


def plate(text: str) -> str:
    """Read a number plate (川崎 500 あ ・・12) or its last digits, and return four digits: 0012."""
    found = narrow(text)
    serial = re.split(r"[^\d\-.・]", found)[-1]
    digits = _HYPHENS.sub("", serial)
    if not digits.isascii() or not digits.isdigit() or (len(digits) > 4 and serial == found):
        raise Unreadable("plate")
    return digits[-4:].zfill(4)


def el_part(text: str) -> str:
    """Read one part of an eL number."""
    found = narrow(text)
    digits = found if found.isdigit() else _HYPHENS.sub("", found)
    if not digits.isascii() or not digits.isdigit():
        raise Unreadable("exponent" if _EXPONENT.fullmatch(found) else "not_digits")
    if len(digits) > EL_MOST_DIGITS:
        raise Unreadable("digits_between", least=1, most=EL_MOST_DIGITS)
    return digits


def el_digits(town: Mapping[str, Any]) -> dict[str, tuple[int, int]]:
    """Return the least and most digits of the parts of eL numbers, where town.yaml has set them (`tax_el_digits`).

    Raises ValueError for what is no such number.
    """
    given = town.get("tax_el_digits") or {}
    if not isinstance(given, Mapping) or not set(given) <= set(EL_PARTS):
        raise ValueError(f"town.yaml: tax_el_digits holds {', '.join(EL_PARTS)}")
    found = {}
    for name, digits in given.items():
        bounds = digits if isinstance(digits, Sequence) and not isinstance(digits, str) else [digits, digits]
        if len(bounds) != 2 or not all(type(one) is int for one in bounds):
            raise ValueError(f"town.yaml: tax_el_digits.{name} must be a number of digits, or two such as [1, 20]")
        if not 1 <= bounds[0] <= bounds[1] <= EL_MOST_DIGITS:
            raise ValueError(f"town.yaml: tax_el_digits.{name} must lie between 1 and {EL_MOST_DIGITS}")
        found[name] = (bounds[0], bounds[1])
    return found


def form(text: str) -> str:
    """Read how the notice was issued: paper or electronic."""
    return _one_of(
        text, "form", {"paper": ("紙", "書面", "1", "PAPER"), "electronic": ("電子", "電子通知", "2", "ELECTRONIC")}
    )


def kind(text: str, kinds: Mapping[str, tuple[str, ...]]) -> str:
    """Read a kind of tax by any of its names: `kinds` holds the names of each."""
    return _one_of(text, "kind", kinds)


def _one_of(text: str, code: str, names: Mapping[str, tuple[str, ...]]) -> str:
    found = _without_brackets(text)
    for value, words in names.items():
        if found == value.upper() or any(found == _without_brackets(word) for word in words):
            return value
    raise Unreadable(code)


@lru_cache(maxsize=1024)
def _without_brackets(text: str) -> str:
    return re.sub(r"[()〔〕\[\]・]", "", narrow(text)).upper()


def _western(era: str, year: str) -> int:
    first = _FIRST.get(era)
    number = 1 if year == "元" else int(year)
    if first is None or number < 1:
        raise Unreadable("not_date")
    return first.year + number - 1


def _date(year: int, month: str, day_: str) -> dt.date:
    try:
        found = dt.date(year, int(month), int(day_))
    except ValueError:
        raise Unreadable("not_date") from None
    if not 1868 <= found.year <= 2100:
        raise Unreadable("not_date")
    return found
