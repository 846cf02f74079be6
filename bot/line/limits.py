"""LINE's limits as named constants, and counting the way LINE counts: UTF-16 units for texts, grapheme clusters for labels.

A leaf: it imports nothing of the platform, so that the flow language can check a text long before it is sent.
Source: Messaging API reference and its page on counting characters (text-character-count), August 2026.
"""

from __future__ import annotations

from typing import Final

import regex

MESSAGES_PER_REQUEST: Final = 5
REQUEST_BYTES: Final = 2_000_000
MULTICAST_RECIPIENTS: Final = 500

TEXT_UTF16: Final = 5000
TEXT_EMOJIS: Final = 20
ALT_TEXT_UTF16: Final = 1500

QUICK_REPLIES: Final = 13
LABEL_GRAPHEMES: Final = 20
DISPLAY_TEXT_GRAPHEMES: Final = 300
POSTBACK_DATA_UTF16: Final = 300
URI_UTF16: Final = 1000
CLIPBOARD_UTF16: Final = 1000
URI_SCHEMES: Final = ("http", "https", "line", "tel")
DATE_PICKER_FIRST: Final = "1900-01-01"
DATE_PICKER_LAST: Final = "2100-12-31"

BUTTONS_ACTIONS: Final = 4
BUTTONS_TITLE_GRAPHEMES: Final = 40
BUTTONS_TEXT_GRAPHEMES: Final = 160
BUTTONS_TEXT_WITH_TITLE_GRAPHEMES: Final = 60
CONFIRM_TEXT_GRAPHEMES: Final = 240
CONFIRM_ACTIONS: Final = 2
CAROUSEL_COLUMNS: Final = 10
CAROUSEL_ACTIONS: Final = 3
CAROUSEL_TITLE_GRAPHEMES: Final = 40
CAROUSEL_TEXT_GRAPHEMES: Final = 120
CAROUSEL_TEXT_WITH_TITLE_GRAPHEMES: Final = 60
IMAGE_CAROUSEL_LABEL_GRAPHEMES: Final = 12

FLEX_BUBBLES: Final = 12
FLEX_BUBBLE_BYTES: Final = 30_000
FLEX_CAROUSEL_BYTES: Final = 50_000
FLEX_LABEL_GRAPHEMES: Final = 40

MEDIA_URL_UTF16: Final = 2000
IMAGE_BYTES: Final = 10_000_000
PREVIEW_BYTES: Final = 1_000_000
LOCATION_TITLE_UTF16: Final = 100
LOCATION_ADDRESS_UTF16: Final = 100
SENDER_NAME_UTF16: Final = 20

RICH_MENU_NAME_GRAPHEMES: Final = 300
RICH_MENU_BAR_GRAPHEMES: Final = 14
RICH_MENU_AREAS: Final = 20
RICH_MENU_IMAGE_BYTES: Final = 1_000_000
RICH_MENU_IMAGE_WIDTH: Final = (800, 2500)
RICH_MENU_IMAGE_HEIGHT_MIN: Final = 250
RICH_MENU_IMAGE_RATIO_MIN: Final = 1.45
RICH_MENUS_PER_ACCOUNT: Final = 1000

_CLUSTER = regex.compile(r"\X")
# Nothing in these ranges combines with a neighbour, so each code point is one cluster (U+3099, U+309A are left out).
_ONE_EACH = regex.compile(r"[\x20-\x7e\n\u3000-\u3029\u3031-\u3096\u309b-\u9fff\uff01-\uff9d]*")
_SENTENCE_ENDS = "\n。！？!?.　 、"


def utf16(text: str) -> int:
    """Return the number of UTF-16 code units, as LINE counts the text of a message."""
    if text.isascii():
        return len(text)
    return len(text) + sum(1 for character in text if character > "\uffff")


def clusters(text: str) -> list[str]:
    """Return the grapheme clusters of `text` in order: what a reader sees as single characters."""
    if _ONE_EACH.fullmatch(text):
        return list(text)
    return _CLUSTER.findall(text)


def graphemes(text: str) -> int:
    """Return the number of grapheme clusters, as LINE counts a label."""
    return len(text) if _ONE_EACH.fullmatch(text) else len(_CLUSTER.findall(text))


def cut_graphemes(text: str, limit: int, mark: str = "…") -> str:
    """Return `text` in at most `limit` grapheme clusters, ending in `mark` when something was cut."""
    if len(text) <= limit:
        return text
    parts = clusters(text)
    if len(parts) <= limit:
        return text
    kept = max(limit - graphemes(mark), 0)
    return "".join(parts[:kept]) + mark if kept else "".join(parts[:limit])


def cut_utf16(text: str, limit: int, mark: str = "…") -> str:
    """Return `text` in at most `limit` UTF-16 units, cut between grapheme clusters, ending in `mark` when cut."""
    if len(text) * 2 <= limit or utf16(text) <= limit:
        return text
    room = limit - utf16(mark)
    return (_head(clusters(text), room) + mark) if room > 0 else _head(clusters(text), limit)


def split_text(text: str, limit: int = TEXT_UTF16) -> list[str]:
    """Split `text` into parts of at most `limit` UTF-16 units, at a line or sentence end where one is near.

    Never cuts inside a grapheme cluster, unless a single cluster is longer than `limit` (then at code points).
    The parts joined give `text` again.
    """
    parts = []
    rest = clusters(text)
    while rest:
        count = _fitting(rest, limit)
        if count == 0:
            rest[:1] = list(rest[0])
            continue
        if count < len(rest):
            count = _sentence_end(rest, count)
        parts.append("".join(rest[:count]))
        rest = rest[count:]
    return parts


def _head(parts: list[str], limit: int) -> str:
    return "".join(parts[: _fitting(parts, limit)])


def _fitting(parts: list[str], limit: int) -> int:
    used = 0
    for index, part in enumerate(parts):
        used += utf16(part)
        if used > limit:
            return index
    return len(parts)


def _sentence_end(parts: list[str], count: int) -> int:
    for end in _SENTENCE_ENDS:
        for index in range(count, count * 2 // 3, -1):
            if parts[index - 1] == end:
                return index
    return count
