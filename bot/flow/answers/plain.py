"""Free texts, digits, numbers, yes or no: the answers that are read letter by letter."""

from __future__ import annotations

import re
import unicodedata

from bot.flow.answers.reading import NotUnderstood, Question, Reading, Understood
from bot.flow.words import fold

TEXT_CHARACTERS = 1000
_DIGITS = re.compile(r"[0-9]{1,50}")
_SPACERS = str.maketrans("", "", " -‐‑–—―−ーｰ_.・")  # what people put between groups of digits
_NUMBER = re.compile(
    r"([-+]?\d{1,13}(?:\.\d{1,6})?)\s*(万)?\s*(円|人|台|歳|才|日|月|年|個|件|回|度|cm|kg|g|m|%|°c|℃)?(?:前|代|間|ほど|くらい|ぐらい)*"
)
_YES = frozenset(
    map(
        fold,
        (
            "はい",
            "yes",
            "y",
            "うん",
            "ええ",
            "そうです",
            "ある",
            "あります",
            "ok",
            "おk",
            "○",
            "〇",
            "1",
            "はいそうです",
            "yeah",
        ),
    )
)
_NO = frozenset(
    map(
        fold,
        (
            "いいえ",
            "いえ",
            "no",
            "n",
            "ううん",
            "いや",
            "違います",
            "ちがいます",
            "ない",
            "ありません",
            "×",
            "✕",
            "2",
            "nope",
        ),
    )
)


def narrow(text: str) -> str:
    """Return `text` with full-width letters and digits made ordinary, without control characters and outer spaces."""
    shown = "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cs"} and letter != "\n" else letter for letter in text
    )
    return unicodedata.normalize("NFKC", shown).strip()


def read_text(text: str, question: Question) -> Reading:
    """Take a text as it is, without control characters."""
    del question
    found = "".join(
        letter for letter in text if letter == "\n" or unicodedata.category(letter) not in {"Cc", "Cs"}
    ).strip()
    if not found:
        return NotUnderstood("answer_empty")
    if len(found) > TEXT_CHARACTERS:
        return NotUnderstood("answer_long", {"limit": TEXT_CHARACTERS})
    return Understood(found)


def read_digits(text: str, question: Question) -> Reading:
    """Read digits however they are grouped: １２３４-５６７８ is 12345678; zeros at the front stay."""
    del question
    found = narrow(text).translate(_SPACERS)
    return Understood(found) if _DIGITS.fullmatch(found) else NotUnderstood("answer_digits")


def read_number(text: str, question: Question) -> Reading:
    """Read a number with or without a unit: ３人, 12,000円, 3万円, 30代."""
    del question
    found = _NUMBER.fullmatch(narrow(text).casefold().replace(",", "").replace("、", "").replace("−", "-"))
    if found is None:
        return NotUnderstood("answer_number")
    value = float(found.group(1)) * (10_000 if found.group(2) else 1)
    return Understood(int(value) if value.is_integer() else value)


def read_yes_no(text: str, question: Question) -> Reading:
    """Read yes or no; 1 is yes and 2 is no, as the buttons stand."""
    del question
    found = fold(text)
    if found in _YES:
        return Understood(value=True)
    return Understood(value=False) if found in _NO else NotUnderstood("answer_yes_no")
