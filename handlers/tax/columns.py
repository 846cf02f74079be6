"""The columns of the tax office's files: what they may be called, how their cells are read, and what is wrong with a cell."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache, partial
from typing import Any

from bot.imports import BadCell, Column
from handlers.tax import reading
from handlers.tax.reading import EL_PARTS, Unreadable

FAULTS = {
    "tax_year": {
        "ja": "年度として読めません。令和8年度、R8、2026 のように入力してください。",
        "en": "This is not a tax year. Write R8 or 2026.",
    },
    "nothing_due": {
        "ja": "税額が0円です。納める額のない通知（減免など）は取り込みません。登録があれば「納税通知」から外してください。",
        "en": "The amount is nothing: there is nothing to remind of. If somebody has linked it, unlink it under tax notices.",
    },
    "year_and_due": {
        "ja": "年度と納期限が合いません。年度は「令和8年度」か「2026」のように、元号か西暦4桁で入力してください。",
        "en": "Tax year and due date do not fit together. Write the year as R8 or 2026.",
    },
    "amount": {
        "ja": "金額として読めません。34,500 のように入力してください。",
        "en": "This is no amount. Write it as 34,500.",
    },
    "code": {"ja": "連携コードは8〜20文字の英数字です。", "en": "A linking code has 8 to 20 letters and digits."},
    "plate": {
        "ja": "車の番号として読めません。番号、または下4桁を入れてください。",
        "en": "This is no number plate. Write the plate or its last four digits.",
    },
    "exponent": {
        "ja": "表計算ソフトが数字を書きかえています（1.23E+19 など）。「文字列」の列として開き、保存し直してください。",
        "en": "The spreadsheet has rewritten this number (such as 1.23E+19). Open it with the column as text and save it again.",
    },
    "form": {"ja": "「紙」か「電子」を入れてください。", "en": "Write 紙 (paper) or 電子 (electronic)."},
    "no_factor": {
        "ja": "生年月日か車の番号の、どちらかは必要です。",
        "en": "Either the birth date or the plate is needed.",
    },
    "el_incomplete": {
        "ja": "eL番号は、4つの番号がすべて必要です。",
        "en": "An eL number needs all four of its numbers.",
    },
    "unknown_kind": {
        "ja": "町の設定（vehicle_tax）にない税目です。",
        "en": "This tax is not in the town's settings (vehicle_tax).",
    },
    "hash": {"ja": "準備済みのファイルの値ではありません。", "en": "This is no value of a prepared file."},
    "unknown_key": {
        "ja": "この窓口の鍵で準備されたファイルではありません。madoguchi tax key で鍵を作り直してください。",
        "en": "This file was not prepared with a key of this installation: make one with `madoguchi tax key`.",
    },
    "no_name": {
        "ja": "連携コードか、収納機関番号と納付番号が必要です。",
        "en": "A linking code, or agency and payment number, is needed.",
    },
}
"""What is wrong with a cell or a row, besides what every kind of file may have wrong."""

FEW_VALUES = 4096
"""So many different cells of a column are remembered: most columns hold the same few again and again."""

_EL = {
    "agency": ({"ja": "収納機関番号", "en": "Collecting agency number"}, "13800", ("共通納税機関コード",)),
    "payment": ({"ja": "納付番号", "en": "Payment number"}, "12345678901234567890", ("案件特定キー",)),
    "confirmation": ({"ja": "確認番号", "en": "Confirmation number"}, "123456", ()),
    "category": ({"ja": "納付区分", "en": "Payment category"}, "1234567890", ("税目・料金番号",)),
}


def cell(read: Callable[[str], Any]) -> Callable[[str], Any]:
    """Return a parser of cells by one of the readers."""

    def parse(text: str) -> Any:
        try:
            return read(text)
        except Unreadable as error:
            raise BadCell(error.code, error.details) from None

    return parse


def _repeated(read: Callable[[str], Any]) -> Callable[[str], Any]:
    return lru_cache(FEW_VALUES)(cell(read))


def _kind(text: str) -> str:
    return reading.narrow(text)[:40]


def day(name: str, ja: str, en: str, example: str, also: Sequence[str] = (), *, required: bool = False) -> Column:
    """Return a column of days."""
    return Column(name, {"ja": ja, "en": en}, _repeated(reading.day), required, example, also)


def amount(ja: str, en: str, also: Sequence[str], *, required: bool = False) -> Column:
    """Return a column of yen."""
    return Column("amount", {"ja": ja, "en": en}, _repeated(reading.amount), required, "34,500", also)


def el_part(name: str) -> Column:
    """Return the column of one part of an eL number."""
    label, example, also = _EL[name]
    few = name in {"agency", "category"}
    return Column(f"el_{name}", label, (_repeated if few else cell)(reading.el_part), example=example, also=also)


code = partial(Column, "code", {"ja": "連携コード", "en": "Linking code"}, cell(reading.code), example="12345678")
"""The column of linking codes; a list of payments may do without it."""

SECOND_FACTORS = (
    day("birth_date", "生年月日", "Date of birth", "S55.3.1"),
    Column(
        "plate",
        {"ja": "車の番号", "en": "Number plate"},
        cell(reading.plate),
        example="・・12",
        also=("登録番号", "車両番号", "標識番号"),
    ),
)

tax_year = partial(
    Column,
    "tax_year",
    {"ja": "年度", "en": "Tax year"},
    _repeated(reading.tax_year),
    example="令和8年度",
    also=("賦課年度", "課税年度"),
)
"""The column of tax years; in a list of payments it keeps those of an earlier year from this year's notices."""

ABOUT = (
    tax_year(required=True),
    Column("kind", {"ja": "税目", "en": "Tax"}, _repeated(_kind), required=True, example="自動車税種別割"),
    amount("税額", "Amount", ("年税額", "納付額"), required=True),
    day("due_on", "納期限", "Due date", "R8.5.31", ("納付期限",), required=True),
    *map(el_part, EL_PARTS),
    Column(
        "form",
        {"ja": "通知の方法", "en": "Form"},
        _repeated(reading.form),
        example="紙",
        also=("紙・電子", "通知区分"),
    ),
)
"""What a notice says, besides whom it concerns."""
