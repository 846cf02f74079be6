"""How many bytes cards and Flex containers take on LINE: known before they are sent, and before they are published."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from bot.line.limits import FLEX_BUBBLE_BYTES, FLEX_CAROUSEL_BYTES

_BUBBLE = 560
"""Bytes of a card around its words and picture, with room to spare."""
_ACTION = 140
"""Bytes of a card's button around its label and what it carries."""


def card_bytes(card: Mapping[str, Any]) -> int:
    """Return at most how many bytes a card (as in `Rich`) takes as a bubble."""
    words = _bytes([card["title"], card["text"], card["image"] or ""])
    choices = sum(_ACTION + _bytes([each.label, each.data, each.echo or ""]) for each in card["choices"])
    return _BUBBLE + words + choices


def cards_fit(cards: Iterable[Mapping[str, Any]]) -> bool:
    """Tell whether LINE takes these cards."""
    sizes = list(map(card_bytes, cards))
    return max(sizes) <= FLEX_BUBBLE_BYTES and (len(sizes) == 1 or sum(sizes) <= FLEX_CAROUSEL_BYTES)


def flex_bytes(container: Any) -> int:
    """Return how many bytes a Flex container takes."""
    return _bytes(container)


def _bytes(value: Any) -> int:
    return len(orjson.dumps(value))
