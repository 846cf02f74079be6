"""What is wrong with a file, in sentences staff can act on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from bot.imports.kind import ImportKind, Words

_FAULTS: Final[Mapping[str, Words]] = {
    "required": {"ja": "空欄です。必ず入力してください。", "en": "This cell is empty; it is needed."},
    "too_long": {"ja": "{most}文字以内にしてください。", "en": "At most {most} characters, please."},
    "control_character": {"ja": "表示できない文字が入っています。", "en": "It holds a character that cannot be shown."},
    "unreadable": {
        "ja": "文字化けしています。元のファイルの文字を確かめてください。",
        "en": "Some characters cannot be read. Please check them in the original file.",
    },
    "not_digits": {"ja": "数字だけで入力してください。", "en": "Digits only, please."},
    "digits_exactly": {
        "ja": "{count}桁の数字にしてください。表計算ソフトが先頭の0を消していないか確かめてください。",
        "en": "{count} digits, please. Check whether the spreadsheet removed zeros at the front.",
    },
    "digits_between": {"ja": "{least}桁から{most}桁の数字にしてください。", "en": "{least} to {most} digits, please."},
    "not_number": {"ja": "数として読めません。", "en": "This is not a number."},
    "not_whole": {"ja": "小数は使えません。整数にしてください。", "en": "A whole number, please."},
    "too_small": {"ja": "{least}以上にしてください。", "en": "At least {least}, please."},
    "too_large": {"ja": "{most}以下にしてください。", "en": "At most {most}, please."},
    "not_date": {
        "ja": "日付として読めません。2026/5/31、令和8年5月31日、R8.5.31 のように入力してください。",
        "en": "This is not a date. Write it as 2026/5/31 or R8.5.31.",
    },
    "not_moment": {
        "ja": "日時として読めません。2026/5/31 9:30 のように入力してください。",
        "en": "This is not a date with a time. Write it as 2026/5/31 9:30.",
    },
    "not_flag": {"ja": "「はい」か「いいえ」（○・×、1・0）にしてください。", "en": "Yes or no (1 or 0), please."},
    "not_one_of": {"ja": "次のどれかにしてください：{values}", "en": "One of these, please: {values}"},
    "not_kana": {"ja": "かなで入力してください。", "en": "Kana only, please."},
    "not_phone": {"ja": "電話番号として読めません。", "en": "This is not a Japanese telephone number."},
    "not_postal_code": {"ja": "郵便番号は7桁の数字です。", "en": "A postal code has seven digits."},
    "not_email": {"ja": "メールアドレスとして読めません。", "en": "This is not an e-mail address."},
    "too_many_cells": {
        "ja": "見出しより列が多い行です。引用符やカンマを確かめてください。",
        "en": "This row has more cells than there are headings. Check its commas and quotation marks.",
    },
    "twice": {
        "ja": "{first}行目と同じものです。どちらか一方にしてください。",
        "en": "The same record stands in row {first}. Keep one of them.",
    },
}

_TROUBLES: Final[Mapping[str, Words]] = {
    "empty": {
        "ja": "ファイルが空です。1行目に見出し、2行目からデータを入れてください。",
        "en": "The file is empty. Put headings in the first row and data below.",
    },
    "spreadsheet": {
        "ja": "表計算ソフトのブック（.xlsx など）のままです。「CSV」形式で保存し直してから取り込んでください。",
        "en": "This is a workbook (.xlsx). Save it as CSV and hand it in again.",
    },
    "binary": {
        "ja": "文字のファイルではありません。CSV形式のファイルを選んでください。",
        "en": "This is no text file. Please choose a CSV file.",
    },
    "damaged": {
        "ja": '{row}行目あたりから読めません。引用符（"）が閉じていないことがあります。',
        "en": 'It cannot be read from about row {row} on. A quotation mark (") may be missing.',
    },
    "heading_missing": {
        "ja": "見出し「{heading}」がファイルにありません。列の対応を選び直してください。",
        "en": "The heading “{heading}” is not in the file. Choose the columns again.",
    },
    "too_large": {
        "ja": "ファイルが大きすぎます。{most}MBまでです。分けて取り込んでください。",
        "en": "The file is too large: at most {most} MB. Please split it.",
    },
    "gone": {
        "ja": "ファイルの保存期間が過ぎています。もう一度ファイルを選んでください。",
        "en": "The file was deleted after its time. Please hand it in again.",
    },
}


def fault(kind: ImportKind, code: str, details: Mapping[str, Any], language: str) -> str:
    """Return what is wrong with a cell or a row, in the reader's language."""
    return _said(kind.faults.get(code) or _FAULTS.get(code), code, details, language)


def trouble(told: str, language: str) -> str:
    """Return what is wrong with the whole file; `told` is a code, with what fills its sentence behind a colon."""
    code, _, detail = told.partition(":")
    return _said(_TROUBLES.get(code), code, {"row": detail, "heading": detail, "most": detail}, language)


def _said(words: Words | None, code: str, details: Mapping[str, Any], language: str) -> str:
    if words is None:
        return code
    return (words.get(language) or words["ja"]).format_map({name: str(value) for name, value in details.items()})
