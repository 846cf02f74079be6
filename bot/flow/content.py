"""What can be pressed and shown besides plain texts: buttons, images, cards, places, stickers."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Discriminator, Field, Tag

from bot.flow.fields import (
    DIGITS,
    TEXTS_SCHEMA,
    Also,
    Condition,
    FlowName,
    Name,
    Part,
    Plain,
    StepName,
    Texts,
    Value,
    as_text,
)
from bot.line.limits import BUTTONS_ACTIONS, CAROUSEL_ACTIONS, CAROUSEL_COLUMNS


class Button(Part):
    """One thing to press under a text: it stays in the chat and can be pressed later too."""

    label: Texts
    goto: StepName | None = None
    do: str | None = None
    with_: dict[str, Value] = Field(default_factory=dict, alias="with")
    on: dict[str, StepName] = Field(default_factory=dict)
    start: FlowName | None = None
    open: Texts | None = None
    copy_: Texts | None = Field(default=None, alias="copy")
    only_while_running: bool = False


class Option(Part):
    """One answer to choose from."""

    value: Annotated[Plain, Field(max_length=60)]
    label: Texts
    goto: StepName | None = None
    relevant: Condition | None = None


def _options(value: Any) -> Any:
    if isinstance(value, dict):
        return [{"value": key, "label": label} for key, label in value.items()]
    if isinstance(value, list):
        return [
            entry if isinstance(entry, dict) else {"value": as_text(entry), "label": as_text(entry)} for entry in value
        ]
    return value


Options = Annotated[
    list[Option],
    BeforeValidator(_options),
    Also(
        {"type": "object", "additionalProperties": TEXTS_SCHEMA},
        {"type": "array", "items": {"type": ["string", "number"]}},
    ),
]


class Card(Part):
    """A card: title, text and picture, with up to three buttons that open an address or start a flow."""

    title: Texts | None = None
    text: Texts
    image: Plain | None = None
    buttons: Annotated[list[Button], Field(max_length=CAROUSEL_ACTIONS)] = Field(default_factory=list)


class Place(Part):
    """A place on the map; degrees."""

    title: Texts
    address: Texts
    latitude: Annotated[float, Field(ge=-90, le=90)]
    longitude: Annotated[float, Field(ge=-180, le=180)]


class Sticker(Part):
    """A sticker of LINE by its two numbers."""

    package: Annotated[Plain, Field(pattern=DIGITS)]
    sticker: Annotated[Plain, Field(pattern=DIGITS)]


class Content(Part):
    """One message that is no plain text; `alt` is what a notification and a screen reader say."""

    image: Plain | None = None
    preview: Plain | None = None
    card: Card | None = None
    cards: Annotated[list[Card], Field(min_length=1, max_length=CAROUSEL_COLUMNS)] | None = None
    location: Place | None = None
    sticker: Sticker | None = None
    flex: Value = None
    alt: Texts | None = None


CONTENTS = ("image", "card", "cards", "location", "sticker", "flex")


def _kind(value: Any) -> str:
    rich = isinstance(value, Content) or (isinstance(value, dict) and any(key in CONTENTS for key in value))
    return "item:content" if rich else "item:text"


Item = Annotated[Annotated[Texts, Tag("item:text")] | Annotated[Content, Tag("item:content")], Discriminator(_kind)]
Items = Annotated[
    list[Item],
    BeforeValidator(lambda value: value if isinstance(value, list) else [value]),
    Field(min_length=1, max_length=5),
    Also(single=True),
]
Buttons = Annotated[list[Button], Field(max_length=BUTTONS_ACTIONS)]
Names = list[Name]
