"""What is read otherwise than its author meant: half a comparison, days added up, a filter after a dot."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from jinja2 import nodes

from bot.flow.filters import FILTERS
from bot.flow.lint.comparisons import settled_questions
from bot.flow.lint.filtering import loop_names, trees, written
from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.source import Path

_SIGNS = {"gt": ">", "gteq": ">=", "lt": "<", "lteq": "<=", "ne": "!="}
_DAYS = frozenset({"date", "datetime"})
_HAVE_PARTS = frozenset({"location", "photo", "file", "lookup"})
"""Answers that have parts of their own after a dot."""


def check(page: Page) -> Iterator[Problem]:
    """Yield conditions and places whose value is certain not to be the one that was meant."""
    kinds = {name: op.type for name, op in settled_questions(page).items()} | {"today": "date", "now": "datetime"}
    for path, _, tree in trees(page):
        here = {name: kind for name, kind in kinds.items() if name not in loop_names(tree)}
        for node in (tree, *tree.find_all(nodes.Expr)):
            yield from _half(page, path, node)
            yield from _added(page, path, node, here)
            yield from _dotted(page, path, node, here)


def _half(page: Page, path: Path, node: nodes.Node) -> Iterator[Problem]:
    """Yield a word or number that stands alone beside `or` or `and`: it is not compared with anything."""
    if not isinstance(node, nodes.And | nodes.Or) or not isinstance(node.right, nodes.Const):
        return
    value, word = node.right.value, "or" if isinstance(node, nodes.Or) else "and"
    left = node.left.right if isinstance(node.left, nodes.And | nodes.Or) else node.left
    if not isinstance(left, nodes.Compare) or isinstance(value, bool) or value is None:
        return  # `name or "-"` stands for what is shown where there is no name
    name, sign = written(left.expr), _SIGNS.get(left.ops[0].op, "==")
    yield page.problem(
        "half_compared",
        path,
        f"「{word} {value!r}」は何とも比べられていません。「{word} {name} {sign} {value!r}」と書いてください。",
        f"“{word} {value!r}” is compared with nothing: write “{word} {name} {sign} {value!r}”.",
    )


def _added(page: Page, path: Path, node: nodes.Node, kinds: Mapping[str, str]) -> Iterator[Problem]:
    """Yield sums with a date, which have no value."""
    if not isinstance(node, nodes.Add | nodes.Sub):
        return
    dated = [
        side.name for side in (node.left, node.right) if isinstance(side, nodes.Name) and kinds.get(side.name) in _DAYS
    ]
    if not dated:
        return
    sign = "-" if isinstance(node, nodes.Sub) else ""
    if len(dated) == 2:
        instead = f"{dated[1]}|days_until({dated[0]})"
    else:
        count = node.right if isinstance(node.left, nodes.Name) and node.left.name == dated[0] else node.left
        days = count.value if isinstance(count, nodes.Const) else getattr(count, "name", "7")
        instead = f"{dated[0]}|plus_days({sign}{days})"
    yield page.problem(
        "date_sum",
        path,
        f"日付の「{dated[0]}」は、足したり引いたりできません。「{instead}」と書いてください。",
        f"“{dated[0]}” is a date and cannot be added to: write “{instead}”.",
    )


def _dotted(page: Page, path: Path, node: nodes.Node, kinds: Mapping[str, str]) -> Iterator[Problem]:
    """Yield filters written after a dot: an answer has no such part, so nothing is shown."""
    if not isinstance(node, nodes.Getattr) or not isinstance(node.node, nodes.Name):
        return
    name, attribute = node.node.name, node.attr
    if attribute in FILTERS and kinds.get(name, "lookup") not in _HAVE_PARTS:
        yield page.problem(
            "dotted_filter",
            path,
            f"「{name}.{attribute}」ではなく、「{name}|{attribute}」と書きます。",
            f"“{name}.{attribute}” is written “{name}|{attribute}”.",
        )
