"""What `richmenu.yaml` may hold: the areas of the menu below the chat, their labels per language, and what they do."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from bot.flow import press
from bot.flow.fields import Part, Plain, Texts
from bot.flow.talk import Choice
from bot.line.limits import LABEL_GRAPHEMES, RICH_MENU_AREAS, cut_graphemes


class Area(Part):
    """One area to press: it leads where that word of a resident would (`say`), or opens an address or the telephone (`open`)."""

    label: Texts
    mark: Texts
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


def pressed(area: Area, language: str) -> Choice:
    """Return what pressing an area does: its label shows in the chat, where it leads goes to us alone and is no answer."""
    label = cut_graphemes(in_language(area.label, language), LABEL_GRAPHEMES)
    if area.open is not None:
        return Choice(label, area.open, "open")
    return Choice(label, press.area(area.say or ""), echo=label)


def all_pressed(menu: RichMenu) -> tuple[Choice, ...]:
    """Return what can be pressed on the menu in any of its languages."""
    each = (pressed(area, language) for area in menu.areas for language in area.label)
    return tuple(dict.fromkeys(each))


def in_language(texts: Texts, language: str) -> str:
    """Return the text in `language`, else in Japanese, else the only one there is."""
    return texts.get(language) or texts.get("") or texts.get("ja") or next(iter(texts.values()))
