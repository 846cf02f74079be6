"""Telephone numbers, postal codes, e-mail addresses and kana, however they are typed."""

from __future__ import annotations

import re

from bot.flow.answers.plain import narrow
from bot.flow.answers.reading import NotUnderstood, Question, Reading, Understood

_SEPARATORS = re.compile(r"[\s\-‐‑–—―−ーｰ().・]")
_PHONE = re.compile(r"0[1-9]\d{8,9}")
_POSTAL = re.compile(r"\d{7}")
_EMAIL = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]{0,61})(?:\.[A-Za-z0-9-]{1,63})+")
_KANA = re.compile(r"[ァ-ヶー・ ]+")
KANA_CHARACTERS = 100
EMAIL_CHARACTERS = 254


def read_phone(text: str, question: Question) -> Reading:
    """Read a Japanese telephone number; the value is its digits with the leading 0."""
    del question
    found = _SEPARATORS.sub("", narrow(text))
    if found.startswith("+81"):
        found = "0" + found.removeprefix("+81").lstrip("0")
    return Understood(found) if _PHONE.fullmatch(found) else NotUnderstood("answer_phone")


def read_postal_code(text: str, question: Question) -> Reading:
    """Read a postal code; the value is `nnn-nnnn`."""
    del question
    found = _SEPARATORS.sub("", narrow(text).removeprefix("〒"))
    return Understood(f"{found[:3]}-{found[3:]}") if _POSTAL.fullmatch(found) else NotUnderstood("answer_postal_code")


def read_email(text: str, question: Question) -> Reading:
    """Read an e-mail address."""
    del question
    found = narrow(text).replace(" ", "")
    if len(found) > EMAIL_CHARACTERS or not _EMAIL.fullmatch(found) or ".." in found:
        return NotUnderstood("answer_email")
    name, domain = found.rsplit("@", 1)
    return Understood(f"{name}@{domain.lower()}")


def read_kana(text: str, question: Question) -> Reading:
    """Read a name in kana; the value is in full-width katakana, one space between its parts."""
    del question
    letters = (chr(ord(letter) + 0x60) if "ぁ" <= letter <= "ゖ" else letter for letter in narrow(text))
    found = " ".join("".join(letters).split())
    if not found or len(found) > KANA_CHARACTERS or not _KANA.fullmatch(found):
        return NotUnderstood("answer_kana")
    return Understood(found)
