"""Rules for rich menus, their pictures and aliases."""

from __future__ import annotations

import io
import re
from typing import Any

from bot.simulator.errors import LineError, Problem, invalid_body
from bot.simulator.rules.actions import RICH_MENU, check_action
from bot.simulator.rules.counting import graphemes
from bot.simulator.rules.parts import Part

MENUS_MOST = 1000
ALIASES_MOST = 1000
AREAS_MOST = 20
IMAGE_BYTES = 1024 * 1024
WIDTHS = (800, 2500)
LEAST_HEIGHT = 250
LEAST_RATIO = 1.45
ALIAS = re.compile(r"[a-z0-9_-]{1,32}")


class MenuPart(Part):
    """A part of a rich menu, whose problems LINE words a little differently."""

    def missing(self, name: str) -> None:
        """Note that a required property is not there."""
        self.refuse(name, "must be specified")

    def refuse(self, name: str, message: str) -> None:
        """Note a problem with a property."""
        super().refuse(name, "invalid uri" if message.startswith("invalid uri") else message)


def check_rich_menu(body: dict[str, Any]) -> None:
    """Refuse with 400 what LINE would refuse of a rich menu object."""
    found: list[Problem] = []
    menu = MenuPart(found, body)
    size = menu.part("size", required=True)
    width = height = None
    if size is not None:
        width = size.number("width", *WIDTHS, required=True)
        height = size.number("height", LEAST_HEIGHT, required=True)
        if width and height and width / height < LEAST_RATIO:
            size.refuse("height", f"The aspect ratio (width / height) must be at least {LEAST_RATIO}")
    menu.boolean("selected", required=True)
    menu.text("name", 300, required=True, count=graphemes)
    menu.text("chatBarText", 14, required=True, count=graphemes)
    for area in menu.parts("areas", 0, AREAS_MOST):
        check_action(area.part("action", required=True), RICH_MENU)
        bounds = area.part("bounds", required=True)
        if bounds is not None:
            for name, least in (("x", 0), ("y", 0), ("width", 1), ("height", 1)):
                bounds.number(name, least, required=True)
    if found:
        raise invalid_body(found)


def check_image(body: bytes, content_type: str) -> None:
    """Refuse a picture that is no JPEG or PNG (415), larger than 1 MB (413), or of other measures (400)."""
    if content_type.partition(";")[0].strip() not in {"image/jpeg", "image/png"}:
        raise LineError(415, f"The content type, {content_type}, is not supported")
    if len(body) > IMAGE_BYTES:
        raise LineError(413, "Payload Too Large")
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(body), formats=("JPEG", "PNG")) as image:
            width, height = image.size
    except (UnidentifiedImageError, OSError) as error:
        raise LineError(400, "The image is not a JPEG or PNG") from error
    if not WIDTHS[0] <= width <= WIDTHS[1] or height < LEAST_HEIGHT or width / height < LEAST_RATIO:
        raise LineError(400, "The image size is not allowed for richmenu")


def check_alias(value: Any) -> str:
    """Return an alias id, or refuse it with 400."""
    if not isinstance(value, str) or not ALIAS.fullmatch(value):
        raise invalid_body([Problem("must have 1 to 32 characters of a-z, 0-9, _ and -", "richMenuAliasId")])
    return value
