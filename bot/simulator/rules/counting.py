"""How LINE counts characters: UTF-16 code units in texts, grapheme clusters in labels and template texts."""

from __future__ import annotations

from collections.abc import Callable

import regex

Count = Callable[[str], int]
_CLUSTER = regex.compile(r"\X")


def utf16(text: str) -> int:
    """Return the number of UTF-16 code units; a lone surrogate counts as one."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def graphemes(text: str) -> int:
    """Return the number of grapheme clusters: what a reader calls a character."""
    return len(text) if text.isascii() and "\r" not in text else len(_CLUSTER.findall(text))
