"""The drawing of a flow as an SVG picture for the console: no script, no style sheet, nothing fetched."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from unicodedata import east_asian_width

from bot.flow.diagram import Box, Diagram, Way
from bot.flow.layout import Layout, arrange
from bot.line.limits import cut_graphemes

_FONT = "'Hiragino Sans', 'Noto Sans CJK JP', 'Yu Gothic', Meiryo, sans-serif"
_SIZE = 13.0
_LINE = 18.0
_TEXT = 72
"""Characters of a step that are shown."""
_NAME = 16
"""Characters of a way's words that are shown."""
_COLUMNS = 26
"""Half-width columns in a line."""
_NEVER_FIRST = frozenset("。、」』）〉〕？！・：…ーっゃゅょ")
_NEAR_X, _NEAR_Y = 0.87, 0.71
"""How far along a curve its words stand: where those of several ways from one box have parted."""
_MARGIN = 24.0
_LANE = 18.0
"""Between two ways that lead up again, at the right side."""
_PADDING = {"edge": (18.0, 8.0), "ask": (26.0, 10.0), "say": (14.0, 10.0), "if": (40.0, 22.0), "do": (24.0, 10.0)}
_COLOURS = {
    "edge": ("#e8eaed", "#5f6368"),
    "ask": ("#e3f0fb", "#1f4e79"),
    "say": ("#ffffff", "#5f6368"),
    "if": ("#fdf3d8", "#8a6100"),
    "do": ("#e6f4e8", "#2f6b3a"),
}
_INK = "#202124"
_WAY = "#5f6368"


def svg(drawn: Diagram, title: str) -> str:
    """Return the picture; `title` is what a screen reader says."""
    lines = {box.name: _wrapped(cut_graphemes(box.text, _TEXT)) for box in drawn.boxes}
    sizes = {box.name: _measured(box, lines[box.name]) for box in drawn.boxes}
    layout = arrange(sizes, [(way.source, way.target) for way in drawn.ways])
    lanes = {
        edge: number for number, edge in enumerate(sorted(layout.back, key=lambda edge: layout.middles[edge[0]][1]))
    }
    lane = layout.width + _LANE * (len(lanes) + 1)
    named = (way for way in drawn.ways if way.label and (way.source, way.target) in layout.back)
    beside = (
        layout.middles[way.source][0] + sizes[way.source][0] / 2 + _columns(way.label[:_NAME]) * _SIZE / 2
        for way in named
    )
    width = max([lane, *beside]) + 2 * _MARGIN
    height = layout.height + 2 * _MARGIN
    picture = _Picture(layout, sizes, lanes)
    frame = f'viewBox="{-_MARGIN:g} {-_MARGIN:g} {width:.0f} {height:.0f}" width="{width:.0f}" height="{height:.0f}"'
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" {frame} role="img" font-family="{_FONT}" font-size="{_SIZE:g}">',
            f"<title>{escape(title)}</title>",
            *(picture.way(way) for way in drawn.ways),
            *(picture.box(box, lines[box.name]) for box in drawn.boxes),
            *(label for way in drawn.ways if way.label for label in picture.label(way, drawn)),
            "</svg>",
        ]
    )


class _Picture:
    def __init__(
        self, layout: Layout, sizes: dict[str, tuple[float, float]], lanes: dict[tuple[str, str], int]
    ) -> None:
        self.layout = layout
        self.sizes = sizes
        self.lanes = lanes

    def box(self, box: Box, lines: list[str]) -> str:
        x, y = self.layout.middles[box.name]
        width, height = self.sizes[box.name]
        fill, stroke = _COLOURS.get(box.shape, _COLOURS["say"])
        drawn = f'fill="{fill}" stroke="{stroke}" stroke-width="1.3"'
        left, top = x - width / 2, y - height / 2
        corners = {"edge": height / 2, "say": 6.0, "do": 2.0}.get(box.shape)
        if corners is None:
            points = " ".join(f"{a:.1f},{b:.1f}" for a, b in _corners(box.shape, left, top, width, height))
            outline = f'<polygon points="{points}" {drawn}/>'
        else:
            outline = f'<rect x="{left:.1f}" y="{top:.1f}" width="{width:.1f}" height="{height:.1f}" rx="{corners:g}" {drawn}/>'
        if box.shape == "do":
            for at in (left + 6, left + width - 6):
                outline += f'<path d="M{at:.1f} {top:.1f}v{height:.1f}" stroke="{stroke}"/>'
        first = y - (len(lines) - 1) * _LINE / 2 + _SIZE * 0.36
        words = "".join(
            f'<tspan x="{x:.1f}" y="{first + number * _LINE:.1f}">{escape(line)}</tspan>'
            for number, line in enumerate(lines)
        )
        return f'{outline}<text text-anchor="middle" fill="{_INK}">{words}</text>'

    def way(self, way: Way) -> str:
        dashes = ' stroke-dasharray="5 4"' if way.pressed else ""
        points = self.points(way)
        (before_x, before_y), (x, y) = points[-2], points[-1]
        head = _head(x, y, sideways=before_y == y, right=before_x > x)
        return (
            f'<path d="{_path(points, straight=self.goes_up(way))}" fill="none" stroke="{_WAY}" stroke-width="1.3"{dashes}/>'
            f'<path d="{head}" fill="{_WAY}"/>'
        )

    def goes_up(self, way: Way) -> bool:
        return (way.source, way.target) in self.layout.back or way.source == way.target

    def points(self, way: Way) -> list[tuple[float, float]]:
        (x, y), (width, height) = self.layout.middles[way.source], self.sizes[way.source]
        (to_x, to_y), (to_width, to_height) = self.layout.middles[way.target], self.sizes[way.target]
        if self.goes_up(way):
            lane = self.layout.width + _LANE * (self.lanes.get((way.source, way.target), 0) + 1)
            return [(x + width / 2, y + 5), (lane, y + 5), (lane, to_y - 5), (to_x + to_width / 2, to_y - 5)]
        bends = self.layout.bends.get((way.source, way.target), [])
        return [(x, y + height / 2), *bends, (to_x, to_y - to_height / 2)]

    def label(self, way: Way, drawn: Diagram) -> Iterator[str]:
        """Yield the words of a way, before its first turn; those of several ways to one place stand below each other."""
        same = [each for each in drawn.ways if (each.source, each.target) == (way.source, way.target) and each.label]
        points = self.points(way)
        (x, y), (next_x, next_y) = points[0], points[1]
        if self.goes_up(way):
            at_x, at_y = x + 8, y - 5
            anchor = "start"
        else:
            at_x, at_y = x + (next_x - x) * _NEAR_X, y + (next_y - y) * _NEAR_Y
            anchor = "middle"
        at_y += same.index(way) * _SIZE - (len(same) - 1) * _SIZE / 2
        yield (
            f'<text x="{at_x:.1f}" y="{at_y:.1f}" text-anchor="{anchor}" font-size="{_SIZE - 2:g}" fill="{_INK}" stroke="#ffffff"'
            f' stroke-width="4" paint-order="stroke" stroke-linejoin="round">{escape(cut_graphemes(way.label, _NAME))}</text>'
        )


def _path(points: list[tuple[float, float]], *, straight: bool) -> str:
    (x, y), *rest = points
    drawn = f"M{x:.1f} {y:.1f}"
    for next_x, next_y in rest:
        if straight:
            drawn += f"L{next_x:.1f} {next_y:.1f}"
        else:
            half = (y + next_y) / 2
            drawn += f"C{x:.1f} {half:.1f} {next_x:.1f} {half:.1f} {next_x:.1f} {next_y:.1f}"
        x, y = next_x, next_y
    return drawn


def _head(x: float, y: float, *, sideways: bool, right: bool) -> str:
    if sideways:
        step = 8 if right else -8
        return f"M{x:.1f} {y:.1f}l{step} -4.5v9z"
    return f"M{x:.1f} {y:.1f}l-4.5 -8h9z"


def _corners(shape: str, left: float, top: float, width: float, height: float) -> list[tuple[float, float]]:
    right, bottom = left + width, top + height
    if shape == "ask":
        slant = 12.0
        return [(left + slant, top), (right, top), (right - slant, bottom), (left, bottom)]
    half_x, half_y = left + width / 2, top + height / 2
    if shape == "if":
        return [
            (left, half_y),
            (left + 22, top),
            (right - 22, top),
            (right, half_y),
            (right - 22, bottom),
            (left + 22, bottom),
        ]
    return [(left, top), (right, top), (right, bottom), (left, bottom), (half_x, half_y)][:4]


def _measured(box: Box, lines: list[str]) -> tuple[float, float]:
    across, down = _PADDING.get(box.shape, _PADDING["say"])
    widest = max(map(_columns, lines), default=0) * _SIZE / 2
    return widest + 2 * across, len(lines) * _LINE + 2 * down


def _wrapped(text: str) -> list[str]:
    """Return the text in lines; words of the Latin script are kept whole where they fit."""
    lines = [""]
    for part in _pieces(text):
        if lines[-1] and _columns(lines[-1] + part) > _COLUMNS and part not in _NEVER_FIRST:
            lines.append("")
        lines[-1] += part if lines[-1] else part.lstrip()
        while len(lines[-1]) > _COLUMNS:
            whole = lines[-1]
            lines[-1:] = [whole[:_COLUMNS], whole[_COLUMNS:]]
    return [line for line in lines if line] or ["…"]


def _pieces(text: str) -> Iterator[str]:
    word = ""
    for letter in text:
        if letter.isascii() and letter != " ":
            word += letter
            continue
        if word:
            yield word
        word = ""
        yield letter
    if word:
        yield word


def _columns(text: str) -> int:
    return sum(2 if east_asian_width(letter) in "WFA" else 1 for letter in text)
