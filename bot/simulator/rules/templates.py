"""Rules for template messages: buttons, confirm, carousel and image carousel."""

from __future__ import annotations

import re
from collections.abc import Callable

from bot.simulator.rules.actions import IMAGE_CAROUSEL, TEMPLATE, check_action
from bot.simulator.rules.counting import graphemes
from bot.simulator.rules.parts import Part

COLUMNS_MOST = 10
TITLE_MOST = 40
TEXT_WITH_PICTURE = 60
RGB = re.compile(r"#[0-9A-Fa-f]{6}")


def check_template(template: Part | None) -> None:
    """Note what is wrong with the `template` of a message."""
    if template is None:
        return
    kind = template.one_of("type", tuple(KINDS), required=True)
    if kind is not None:
        KINDS[kind](template)


def _head(part: Part, text_most: int) -> None:
    """Check picture, title and text, which must be shorter beside a picture or a title."""
    pictured = part.get("thumbnailImageUrl") is not None or part.get("title") is not None
    part.url("thumbnailImageUrl")
    part.pattern("imageBackgroundColor", RGB)
    part.text("title", TITLE_MOST, count=graphemes)
    part.text("text", TEXT_WITH_PICTURE if pictured else text_most, required=True, count=graphemes)
    check_action(part.part("defaultAction"), _UNLABELLED)


def _looks(template: Part) -> None:
    template.one_of("imageAspectRatio", ("rectangle", "square"))
    template.one_of("imageSize", ("cover", "contain"))


def _buttons(template: Part) -> None:
    _looks(template)
    _head(template, 160)
    for action in template.parts("actions", 1, 4):
        check_action(action, TEMPLATE)


def _confirm(template: Part) -> None:
    template.text("text", 240, required=True, count=graphemes)
    for action in template.parts("actions", 2, 2):
        check_action(action, TEMPLATE)


def _carousel(template: Part) -> None:
    _looks(template)
    columns = template.parts("columns", 1, COLUMNS_MOST)
    for column in columns:
        _head(column, 120)
        for action in column.parts("actions", 1, 3):
            check_action(action, TEMPLATE)
    actions = [column.get("actions") for column in columns]
    if len({len(one) for one in actions if isinstance(one, list)}) > 1:
        template.refuse("columns", "The number of actions must be the same in all columns")
    for name in ("thumbnailImageUrl", "title"):
        if len({column.get(name) is None for column in columns}) > 1:
            template.refuse("columns", f"{name} must be set in all columns or in none")


def _image_carousel(template: Part) -> None:
    for column in template.parts("columns", 1, COLUMNS_MOST):
        column.url("imageUrl", required=True)
        check_action(column.part("action", required=True), IMAGE_CAROUSEL)


_UNLABELLED = type(TEMPLATE)(TEMPLATE.types, TEMPLATE.label_most, label_required=False)
KINDS: dict[str, Callable[[Part], None]] = {
    "buttons": _buttons,
    "confirm": _confirm,
    "carousel": _carousel,
    "image_carousel": _image_carousel,
}
