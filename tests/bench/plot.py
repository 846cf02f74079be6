"""Latency against rate as an SVG drawing."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 720, 400
LEFT, RIGHT, TOP, BOTTOM = 64, 24, 48, 56
COLOURS = ("#00695c", "#1565c0", "#b71c1c", "#6a1b9a")
Curve = Sequence[tuple[float, Mapping[str, float]]]


def latency_plot(curves: Mapping[str, Curve]) -> str:
    """Return p50 (thin) and p99 (thick) of each curve; milliseconds on a logarithmic axis."""
    rates = [rate for curve in curves.values() for rate, _ in curve]
    times = [value for curve in curves.values() for _, at in curve for value in (at["p50"], at["p99"])]
    low, high = math.floor(math.log10(min(times))), math.ceil(math.log10(max(times)))

    def x(rate: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * rate / max(rates)

    def y(value: float) -> float:
        return TOP + (HEIGHT - TOP - BOTTOM) * (high - math.log10(value)) / max(1, high - low)

    parts = [_axes(sorted(set(rates)), range(low, high + 1), x, y)]
    for number, (name, curve) in enumerate(curves.items()):
        colour = COLOURS[number % len(COLOURS)]
        for measure, width in (("p50", 1.5), ("p99", 3)):
            points = " ".join(f"{x(rate):.1f},{y(at[measure]):.1f}" for rate, at in curve)
            parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}"/>')
        parts.append(
            f'<text x="{LEFT + 8}" y="{TOP + 16 + 18 * number}" fill="{colour}">{escape(name)}: p50 thin, p99 thick</text>'
        )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif" font-size="13">'
        f"<title>Webhook to reply, by events a second</title>"
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>{"".join(parts)}</svg>\n'
    )


def _axes(
    rates: Sequence[float], powers: Sequence[int], x: Callable[[float], float], y: Callable[[float], float]
) -> str:
    lines = [f'<text x="{LEFT}" y="28" font-size="16">Webhook to reply in ms, by events a second</text>']
    under = HEIGHT - BOTTOM + 22
    lines += [f'<text x="{x(rate):.1f}" y="{under}" text-anchor="middle">{rate:,.0f}/s</text>' for rate in rates]
    for power in powers:
        at = y(10.0**power)
        lines.append(f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{at:.1f}" y2="{at:.1f}" stroke="#ccc"/>')
        lines.append(f'<text x="{LEFT - 8}" y="{at + 4:.1f}" text-anchor="end">{10.0**power:g}</text>')
    return "".join(lines)
