"""The rich menu as LINE wants it: a picture drawn from `richmenu.yaml`, and the object with its areas.

Source: Messaging API reference, "Rich menu".
"""

from __future__ import annotations

import importlib.resources
import io
import itertools
from dataclasses import dataclass
from typing import Any

from PIL import Image, ImageDraw, ImageFont

from bot.flow.richmenu import RichMenu, in_language, pressed
from bot.line.limits import (
    RICH_MENU_BAR_GRAPHEMES,
    RICH_MENU_IMAGE_BYTES,
    RICH_MENU_NAME_GRAPHEMES,
    clusters,
    cut_graphemes,
)
from bot.line.messages import action

_FONT = str(importlib.resources.files("noto_cjk_sans_jp_bold") / "NotoSansCJKjp-Bold.otf")
SIZES = {"large": (2500, 1686), "compact": (2500, 843)}
GROUND = "#E8EEF4"
PAPER = "#FFFFFF"
INK = "#1B1B1B"
GAP = 28
COLOURS = 64
_LABEL_SIZES = (104, 92, 80, 72, 60, 50, 42, 36)
_SMALLEST_LINE = 72
_BREAKS_AFTER = "のをにでは・、 "


class TooLarge(Exception):
    """The picture has more bytes than LINE takes: use fewer areas or colours."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in pixels from the upper left corner."""

    x: int
    y: int
    width: int
    height: int


def boxes(menu: RichMenu) -> list[Box]:
    """Return where the areas lie: rows of `columns`; the areas of the last row share its whole width."""
    width, height = SIZES[menu.size]
    rows = [menu.areas[at : at + menu.columns] for at in range(0, len(menu.areas), menu.columns)]
    tops = _cuts(height, len(rows))
    return [
        Box(left, tops[row], right - left, tops[row + 1] - tops[row])
        for row, areas in enumerate(rows)
        for left, right in _between(_cuts(width, len(areas)))
    ]


def menu_object(menu: RichMenu, language: str) -> dict[str, Any]:
    """Return LINE's rich menu object in `language`."""
    width, height = SIZES[menu.size]
    areas = [
        {
            "bounds": {"x": box.x, "y": box.y, "width": box.width, "height": box.height},
            "action": action(pressed(area, language)),
        }
        for box, area in zip(boxes(menu), menu.areas, strict=True)
    ]
    return {
        "size": {"width": width, "height": height},
        "selected": True,
        "name": cut_graphemes(f"{menu.name} ({language})", RICH_MENU_NAME_GRAPHEMES),
        "chatBarText": cut_graphemes(in_language(menu.bar, language), RICH_MENU_BAR_GRAPHEMES),
        "areas": areas,
    }


def draw(menu: RichMenu, language: str) -> bytes:
    """Return the picture in `language` as PNG of at most 1 MB. Raises TooLarge."""
    image = Image.new("RGB", SIZES[menu.size], GROUND)
    canvas = ImageDraw.Draw(image)
    for box, area in zip(boxes(menu), menu.areas, strict=True):
        _area(canvas, box, area.colour, in_language(area.mark, language), in_language(area.label, language))
    target = io.BytesIO()
    image.quantize(COLOURS).save(target, "PNG", optimize=True)
    if target.tell() > RICH_MENU_IMAGE_BYTES:
        raise TooLarge(f"the rich menu's picture has {target.tell()} bytes; LINE takes {RICH_MENU_IMAGE_BYTES}")
    return target.getvalue()


def _area(canvas: ImageDraw.ImageDraw, box: Box, colour: str, mark: str, label: str) -> None:
    left, top = box.x + GAP // 2, box.y + GAP // 2
    right, bottom = box.x + box.width - GAP // 2, box.y + box.height - GAP // 2
    canvas.rounded_rectangle((left, top, right, bottom), 48, fill=PAPER)
    centre = (left + right) // 2
    radius = int(min((bottom - top) * 0.25, (right - left) * 0.35))
    middle = top + int((bottom - top) * 0.36)
    canvas.ellipse((centre - radius, middle - radius, centre + radius, middle + radius), fill=colour)
    letters = _font(int(radius * 1.2))
    letters = _font(int(letters.size * min(1.0, 1.5 * radius / letters.getlength(mark))))
    canvas.text((centre, middle), mark, font=letters, fill=PAPER, anchor="mm")
    font, lines = _fitted(label, right - left - 3 * GAP)
    step = int(font.size * 1.3)
    first = top + int((bottom - top) * 0.8) - step * (len(lines) - 1) // 2
    for number, line in enumerate(lines):
        canvas.text((centre, first + number * step), line, font=font, fill=INK, anchor="mm")


def _fitted(label: str, width: int) -> tuple[ImageFont.FreeTypeFont, list[str]]:
    """Return the largest letters in which the label fits on one line, else on two."""
    for halves in ([[label]], _halves(label)):
        for size in _LABEL_SIZES:
            font = _font(size)
            fitting = [lines for lines in halves if all(font.getlength(line) <= width for line in lines)]
            if fitting and (size >= _SMALLEST_LINE or halves != [[label]]):
                return font, min(fitting, key=lambda lines: _unevenness(font, lines))
    return font, [label]


def _halves(label: str) -> list[list[str]]:
    """Return the ways to write a label on two lines: at a space, or between Japanese letters, never inside a word."""
    parts = clusters(label)
    cuts = (at for at in range(1, len(parts)) if not (_latin(parts[at - 1]) and _latin(parts[at])))
    return [["".join(parts[:at]).strip(), "".join(parts[at:]).strip()] for at in cuts]


def _latin(letter: str) -> bool:
    return letter.isascii() and letter != " "


def _unevenness(font: ImageFont.FreeTypeFont, lines: list[str]) -> float:
    lengths = [font.getlength(line) for line in lines]
    natural = len(lines) == 1 or lines[0][-1] in _BREAKS_AFTER
    return max(lengths) - min(lengths) + (0 if natural else font.size * 3)


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(_FONT, size)


def _cuts(length: int, parts: int) -> list[int]:
    return [length * part // parts for part in range(parts + 1)]


def _between(cuts: list[int]) -> list[tuple[int, int]]:
    return list(itertools.pairwise(cuts))
