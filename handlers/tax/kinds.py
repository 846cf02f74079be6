"""The taxes a town has, by their key in town.yaml, and what they are called in each language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_NAMES = {
    "car": {"ja": "自動車税種別割", "ja-easy": "車の 税金（ぜいきん）", "en": "automobile tax"},
    "light": {"ja": "軽自動車税種別割", "ja-easy": "小さい車・バイクの 税金（ぜいきん）", "en": "light vehicle tax"},
}
_UNNAMED = {"ja": "車の税金", "ja-easy": "車の 税金（ぜいきん）", "en": "vehicle tax"}
"""Where the town's own names are not at hand: its key for a tax is nothing to show to residents."""

_ALSO = {"car": ("自動車税", "自動車税（種別割）", "自税"), "light": ("軽自動車税", "軽自動車税（種別割）", "軽自")}


def tax_name(town: Mapping[str, Any], kind: str, language: str | None) -> str:
    """Return what residents call a tax: the town's own `name`, where it has written one."""
    names = {**_NAMES.get(kind, {}), **_own_names(town, kind)}
    return names.get(language or "ja") or names.get("ja") or _UNNAMED.get(language or "ja") or _UNNAMED["ja"]


def check_names(town: Mapping[str, Any]) -> None:
    """Raise ValueError for a tax of the town's own that nobody could name to residents."""
    given = town.get("vehicle_tax")
    for kind in given if isinstance(given, Mapping) else ():  # what is no mapping is told by due_days
        if kind not in _NAMES and not _own_names(town, kind).get("ja"):
            raise ValueError(
                f"town.yaml: vehicle_tax.{kind} needs a name, such as {{month: 5, day: 31, name: 税の名前}}"
            )


def tax_words(town: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return all names by which a tax system may call each of the town's taxes."""
    return {
        kind: tuple(dict.fromkeys([tax_name(town, kind, "ja"), *_NAMES.get(kind, {}).values(), *_ALSO.get(kind, ())]))
        for kind in town.get("vehicle_tax") or {}
    }


def _own_names(town: Mapping[str, Any], kind: str) -> dict[str, str]:
    given = (town.get("vehicle_tax") or {}).get(kind)
    name = given.get("name") if isinstance(given, Mapping) else None
    if isinstance(name, str):
        return {"ja": name}
    return {str(code): str(text) for code, text in name.items()} if isinstance(name, Mapping) else {}
