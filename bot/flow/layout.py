"""Where the boxes of a drawing go: in layers from top to bottom, near to what they are connected with, ways crossing little."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from math import inf

GAP = 36.0
"""Between two boxes beside each other, in pixels."""
LAYER_GAP = 52.0
_ORDERINGS = 12
_PLACINGS = 60

Sizes = Mapping[str, tuple[float, float]]
"""Width and height of each box by its name, in pixels."""
Edge = tuple[str, str]
Rows = Sequence[Sequence[str]]
"""The places of each layer from left to right: boxes, and where ways pass."""


@dataclass
class Layout:
    """The middle of each box, the points each way passes between its ends (none: straight), and the size of it all.

    `back` are the ways that lead up again.
    """

    middles: dict[str, tuple[float, float]] = field(default_factory=dict)
    bends: dict[Edge, list[tuple[float, float]]] = field(default_factory=dict)
    back: set[Edge] = field(default_factory=set)
    width: float = 0.0
    height: float = 0.0


def arrange(sizes: Sizes, edges: Iterable[Edge]) -> Layout:
    """Return the layout of boxes (the first one is the beginning) and ways between them."""
    wanted = [edge for edge in dict.fromkeys(edges) if edge[0] != edge[1]]
    back = _back(list(sizes), wanted)
    down = [edge for edge in wanted if edge not in back]
    layer = _layers(list(sizes), down)
    chains = {edge: _chain(edge, layer) for edge in down}
    layers = _ordered(layer, chains)
    widths = {name: sizes[name][0] if name in sizes else 0.0 for row in layers for name in row}
    xs = _placed(layers, widths, chains.values(), sizes)
    return _layout(sizes, layers, xs, widths, chains, back)


def _back(names: Sequence[str], edges: Sequence[Edge]) -> set[Edge]:
    """Return the ways that lead to a box through which one has come, walking from the first."""
    leaving: dict[str, list[str]] = {name: [] for name in names}
    for source, target in edges:
        leaving[source].append(target)
    back: set[Edge] = set()
    done: set[str] = set()
    for first in names:
        trail = [(first, iter(leaving[first]))] if first not in done else []
        open_ = {name for name, _ in trail}
        while trail:
            name, rest = trail[-1]
            following = next(rest, None)
            if following is None:
                trail.pop()
                open_.discard(name)
                done.add(name)
            elif following in open_:
                back.add((name, following))
            elif following not in done:
                trail.append((following, iter(leaving[following])))
                open_.add(following)
    return back


def _layers(names: Sequence[str], edges: Sequence[Edge]) -> dict[str, int]:
    """Return the layer of each box: below all that lead to it."""
    layer = dict.fromkeys(names, 0)
    for _ in names:
        moved = False
        for source, target in edges:
            if layer[target] <= layer[source]:
                layer[target], moved = layer[source] + 1, True
        if not moved:
            break
    return layer


def _chain(edge: Edge, layer: Mapping[str, int]) -> list[str]:
    """Return the way as boxes and, in the layers it passes, places of its own."""
    source, target = edge
    between = (f"{source}>{target}@{depth}" for depth in range(layer[source] + 1, layer[target]))
    return [source, *between, target]


def _ordered(layer: Mapping[str, int], chains: Mapping[Edge, list[str]]) -> list[list[str]]:
    depth = {**layer}
    for (source, _), chain in chains.items():
        depth |= {name: layer[source] + number for number, name in enumerate(chain)}
    rows: list[list[str]] = [[] for _ in range(max(depth.values(), default=0) + 1)]
    for name, at in depth.items():
        rows[at].append(name)
    near = _neighbours(chains.values())
    for sweep in range(_ORDERINGS):
        above = sweep % 2 == 0
        for at in range(1, len(rows)) if above else range(len(rows) - 2, -1, -1):
            beside = {name: index for index, name in enumerate(rows[at - 1 if above else at + 1])}
            places = {name: index for index, name in enumerate(rows[at])}
            rows[at].sort(
                key=lambda name: (_mean([beside[n] for n in near[name] if n in beside], places[name]), places[name])
            )
    return rows


def _neighbours(chains: Iterable[list[str]]) -> dict[str, list[str]]:
    near: defaultdict[str, list[str]] = defaultdict(list)
    for upper, lower in (pair for chain in chains for pair in pairwise(chain)):
        near[upper].append(lower)
        near[lower].append(upper)
    return near


def _placed(layers: Rows, widths: Mapping[str, float], chains: Iterable[list[str]], sizes: Sizes) -> dict[str, float]:
    """Return the x of each box's middle: what goes straight on stands straight below, the rest near to its neighbours.

    After Brandes and Köpf, "Fast and Simple Horizontal Coordinate Assignment" (2001): boxes in line are moved as one.
    """
    steps = [pair for chain in chains for pair in pairwise(chain)]
    line_of = _lines(layers, steps, sizes)
    members: defaultdict[str, list[str]] = defaultdict(list)
    for name, line in line_of.items():
        members[line].append(name)
    limits: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    followers: defaultdict[str, list[tuple[str, float]]] = defaultdict(list)
    for left, right in (pair for row in layers for pair in pairwise(row)):
        apart = (widths[left] + widths[right]) / 2 + GAP
        limits[line_of[right]].append((line_of[left], apart))
        followers[line_of[left]].append((line_of[right], apart))
    xs: dict[str, float] = {}
    for line in _from_left(members, limits):
        xs[line] = max((xs[left] + apart for left, apart in limits[line]), default=0.0)
    near = _neighbours([[line_of[upper], line_of[lower]] for upper, lower in steps if line_of[upper] != line_of[lower]])
    for _ in range(_PLACINGS):
        for line, x in list(xs.items()):
            least = max((xs[left] + apart for left, apart in limits[line]), default=-inf)
            most = min((xs[right] - apart for right, apart in followers[line]), default=inf)
            xs[line] = min(max(_mean([xs[other] for other in near[line]], x), least), most)
    return {name: xs[line] for name, line in line_of.items()}


def _lines(layers: Rows, steps: Sequence[Edge], sizes: Sizes) -> dict[str, str]:
    """Return for each place the first of those it stands straight below."""
    depth = {name: at for at, row in enumerate(layers) for name in row}
    order = {name: number for row in layers for number, name in enumerate(row)}
    leaving, coming = Counter(upper for upper, _ in steps), Counter(lower for _, lower in steps)
    alone = [step for step in steps if leaving[step[0]] == 1 and coming[step[1]] == 1]
    taken: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    above: dict[str, str] = {}
    # Ways that pass come first: a kink in a long line is seen sooner than one between two boxes.
    for upper, lower in sorted(alone, key=lambda step: ((step[0] in sizes) + (step[1] in sizes), depth[step[0]])):
        here = (order[upper], order[lower])
        if not any((here[0] - a) * (here[1] - b) <= 0 for a, b in taken[depth[upper]]):
            above[lower] = upper
            taken[depth[upper]].append(here)
    first: dict[str, str] = {}
    for name in (name for row in layers for name in row):
        first[name] = first[above[name]] if name in above else name
    return first


def _from_left(lines: Iterable[str], limits: Mapping[str, list[tuple[str, float]]]) -> list[str]:
    """Return the lines so that each comes after all that stand left of it."""
    found: dict[str, None] = {}

    def visit(line: str) -> None:
        if line not in found:
            for left, _ in limits.get(line, ()):
                visit(left)
            found[line] = None

    for line in lines:
        visit(line)
    return list(found)


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _layout(
    sizes: Sizes,
    layers: Rows,
    xs: Mapping[str, float],
    widths: Mapping[str, float],
    chains: Mapping[Edge, list[str]],
    back: set[Edge],
) -> Layout:
    least = min((xs[name] - widths[name] / 2 for row in layers for name in row), default=0.0)
    most = max((xs[name] + widths[name] / 2 for row in layers for name in row), default=0.0)
    middles: dict[str, tuple[float, float]] = {}
    passed: dict[str, list[tuple[float, float]]] = {}
    top = 0.0
    for row in layers:
        height = max((sizes[name][1] for name in row if name in sizes), default=0.0)
        middles |= {name: (xs[name] - least, top + height / 2) for name in row if name in sizes}
        # Straight down beside the boxes of a layer: a curve would cut their corners.
        passed |= {name: [(xs[name] - least, top), (xs[name] - least, top + height)] for name in row}
        top += height + LAYER_GAP
    bends = {edge: [point for name in chain[1:-1] for point in passed[name]] for edge, chain in chains.items()}
    return Layout(middles, bends, back, most - least, max(top - LAYER_GAP, 0.0))
