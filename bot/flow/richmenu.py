"""What `richmenu.yaml` may hold: the areas of the menu below the chat, their labels per language, and what they do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.flow.fields import Part, Plain, Texts
from bot.line.limits import RICH_MENU_AREAS


class Area(Part):
    """One area to press: it says a word for the resident (`say`), or opens an address or the telephone (`open`)."""

    label: Texts
    mark: Annotated[Plain, Field(min_length=1, max_length=3)]
    say: Plain | None = None
    open: Plain | None = None
    colour: Annotated[Plain, Field(pattern=r"^#[0-9A-Fa-f]{6}$")] = "#1F4E79"


class RichMenu(Part):
    """The menu: areas in rows of `columns`, on a picture of 2500×1686 (large) or 2500×843 (compact) pixels."""

    name: Plain
    bar: Texts
    size: Literal["large", "compact"] = "large"
    columns: Annotated[int, Field(ge=1, le=5)] = 3
    areas: Annotated[list[Area], Field(min_length=1, max_length=RICH_MENU_AREAS)]


def in_language(texts: Texts, language: str) -> str:
    """Return the text in `language`, else in Japanese, else the only one there is."""
    return texts.get(language) or texts.get("") or texts.get("ja") or next(iter(texts.values()))
