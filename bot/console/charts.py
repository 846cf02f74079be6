"""Charts drawn on the server as SVG, without script; a screen reader reads title and description, or the table beside them."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

WIDTH = 480
HEIGHT = 200
LEFT, RIGHT, TOP, BOTTOM = 44, 10, 12, 26
LABELS = 6
"""At most about so many labels below the axis."""


@dataclass(frozen=True, slots=True)
class Series:
    """One thing that is drawn: its name and a value per label, None where the number is not told (nothing is drawn there)."""

    name: str
    values: Sequence[float | None]


def lines(title: str, labels: Sequence[str], series: Sequence[Series], key: str) -> Markup:
    """Return a line chart; `key` makes the ids on the page unique."""
    top = nice(max((value or 0 for one in series for value in one.values), default=0))
    x = _places(len(labels))
    drawn = []
    for number, one in enumerate(series):
        told = [(x[place], _y(value, top)) for place, value in enumerate(one.values) if value is not None]
        points = " ".join(f"{across:.1f},{down:.1f}" for across, down in told)
        drawn.append(f'<polyline class="line s{number % 4}" points="{points}"/>')
        if told:
            drawn.append(f'<circle class="s{number % 4}" cx="{told[-1][0]:.1f}" cy="{told[-1][1]:.1f}" r="3"/>')
    return _chart(title, labels, series, top, drawn, x, key)


def stacked(title: str, labels: Sequence[str], series: Sequence[Series], key: str, hidden: str = "–") -> Markup:
    """Return columns, one per label, in which the series stand on each other; `hidden` says that a number is not told."""
    sums = [sum(one.values[place] or 0 for one in series) for place in range(len(labels))]
    top = nice(max(sums, default=0))
    x = _places(len(labels), columns=True)
    width = max(2.0, (WIDTH - LEFT - RIGHT) / max(len(labels), 1) * 0.68)
    drawn = []
    for place in range(len(labels)):
        below = 0.0
        for number, one in enumerate(series):
            value = one.values[place] or 0
            if value:
                y, foot = _y(below + value, top), _y(below, top)
                drawn.append(
                    f'<rect class="bar-shape s{number % 4}" x="{x[place] - width / 2:.1f}" y="{y:.1f}" '
                    f'width="{width:.1f}" height="{foot - y:.1f}"/>'
                )
            below += value
    return _chart(title, labels, series, top, drawn, x, key, hidden)


def bars(title: str, rows: Sequence[tuple[str, float]], key: str, unit: str = "", room: int = 140) -> Markup:
    """Return horizontal bars with their labels and values, one per row; `room` is the width for the labels."""
    height = 26 * len(rows) + 8
    most = max((value for _, value in rows), default=0) or 1
    drawn = []
    for number, (label, value) in enumerate(rows):
        y = 26 * number + 6
        length = (WIDTH - room - 80) * value / most
        drawn.append(
            f'<text x="{room}" y="{y + 13}" text-anchor="end">{escape(_short(label, room * 12 // 140))}</text>'
        )
        drawn.append(
            f'<rect class="bar-shape s0" x="{room + 8}" y="{y}" width="{max(length, 1):.1f}" height="18" rx="2"/>'
        )
        drawn.append(f'<text x="{room + 14 + length:.1f}" y="{y + 13}">{value:,g}{escape(unit)}</text>')
    said = "; ".join(f"{label} {value:,g}{unit}" for label, value in rows)
    return _svg(title, said, height, drawn, key)


def nice(value: float) -> float:
    """Return a round number not below `value` for the top of an axis.

    >>> [nice(value) for value in (0, 3, 11, 47, 120, 2300)]
    [4, 4, 20, 60, 200, 4000]
    """
    if value <= 4:
        return 4
    size: float = 10 ** (len(str(int(value))) - 1)
    return next(step * size for step in (1, 2, 4, 6, 8, 10, 20) if step * size >= value)


def _chart(
    title: str,
    labels: Sequence[str],
    series: Sequence[Series],
    top: float,
    drawn: Sequence[str],
    x: Sequence[float],
    key: str,
    hidden: str = "–",
) -> Markup:
    frame = []
    for part in range(5):
        value = top * part / 4
        y = _y(value, top)
        frame.append(f'<line class="axis" x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}"/>')
        frame.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{value:,g}</text>')
    every = max(1, -(-len(labels) // LABELS))
    for place, label in enumerate(labels):
        if place % every == 0:
            frame.append(f'<text x="{x[place]:.1f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(label)}</text>')
    said = "; ".join(
        f"{one.name}: {', '.join(hidden if value is None else f'{value:g}' for value in one.values)}" for one in series
    )
    return _svg(title, said, HEIGHT, [*frame, *drawn], key)


def _svg(title: str, said: str, height: int, drawn: Sequence[str], key: str) -> Markup:
    return Markup(  # noqa: S704 - everything that is not ours is escaped here
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="{key}-title {key}-desc">'
        f'<title id="{key}-title">{escape(title)}</title><desc id="{key}-desc">{escape(said[:2000])}</desc>'
        f"{''.join(drawn)}</svg>"
    )


def _places(number: int, *, columns: bool = False) -> list[float]:
    width = WIDTH - LEFT - RIGHT
    if columns or number == 1:
        return [LEFT + width * (place + 0.5) / max(number, 1) for place in range(number)]
    return [LEFT + width * place / max(number - 1, 1) for place in range(number)]


def _y(value: float, top: float) -> float:
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / top)


def _short(label: str, most: int) -> str:
    """Return a label that fits: full-width characters take the room of two others."""
    width = 0
    for place, character in enumerate(label):
        width += 2 if unicodedata.east_asian_width(character) in "WF" else 1
        if width > 2 * most:
            return f"{label[: place - 1]}…"
    return label
