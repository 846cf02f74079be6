"""Names of files as residents give them: shown and stored, never trusted, never a path."""

from __future__ import annotations

import re
import unicodedata

from bot.line.limits import cut_graphemes

LONGEST = 80
"""Graphemes, ending included."""

_PATH = re.compile(r"[\\/:]")
_UNWANTED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Control characters, halves of characters, and marks that turn the direction of writing (so that gpj.exe looks like exe.jpg)."""

_RESERVED = frozenset('<>"|?*')
_ENDING = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def safe_name(given: str, fallback: str = "file") -> str:
    """Return a name without folders, control characters and tricks, at most 80 graphemes; `fallback` when nothing is left.

    >>> safe_name("../../etc/passwd"), safe_name("C:\\\\写真\\\\家.jpg")
    ('passwd', '家.jpg')
    """
    name = _PATH.split(unicodedata.normalize("NFC", given))[-1]
    kept = "".join(
        letter for letter in name if letter not in _RESERVED and unicodedata.category(letter) not in _UNWANTED
    )
    kept = kept.strip(" .")
    if not kept:
        return fallback
    ending = found.group() if (found := _ENDING.search(kept)) else ""
    return cut_graphemes(kept.removesuffix(ending), LONGEST - len(ending)) + ending
