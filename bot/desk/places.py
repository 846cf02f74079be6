"""A place that a resident sent, in words: the desk shows no map and keeps no more than what was sent."""

from __future__ import annotations

from collections.abc import Mapping

from bot.flow.talk import Json


def place_in_words(detail: Mapping[str, Json]) -> str:
    """Return title, address and degrees of a place; empty for what is none."""
    words = [str(detail[name]) for name in ("title", "address") if detail.get(name)]
    if "latitude" in detail and "longitude" in detail:
        words.append(f"{detail['latitude']:.5f}, {detail['longitude']:.5f}")
    return "\n".join(words)
