"""What answers are compared with: a comparison that can never come true is a slip, however well it reads."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from jinja2 import nodes

from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import AskOp, DoOp, SayOp, SetOp
from bot.flow.sandbox import parse_condition, parse_text
from bot.flow.sentences import did_you_mean
from bot.flow.source import Path
from bot.flow.spoken import as_a_flow_writes
from bot.flow.words import fold

_DAY = re.compile(r"\d{4}-\d{2}(-\d{2}|$)")
"""A day, or the month before which or from which a day may be."""
_CLOCK = frozenset({"today", "now"})
_EQUAL = frozenset({"eq", "ne"})
_AMONG = frozenset({"in", "notin"})
_ORDERED = frozenset({"gt", "gteq", "lt", "lteq"})


def check(page: Page) -> Iterator[Problem]:
    """Yield comparisons of an answer with something it can never be."""
    asked = settled_questions(page)
    trees = [(path, parse_condition(found.source)) for path, _, found in page.notes.conditions]
    trees += [
        ((*path, language) if language else path, parse_text(template.source))
        for path, _, words in page.notes.texts
        for language, template in words.by_language.items()
        if template.names & (asked.keys() | _CLOCK)
    ]
    for path, tree in trees:
        for name, value in () if tree is None else _compared(tree):
            if name in asked:
                yield from _possible(page, path, asked[name], value)
        for name, value in () if tree is None else _ordered(tree):
            if name in asked and asked[name].type == "number" and isinstance(value, str):
                yield from _possible(page, path, asked[name], value)
        for name, value in () if tree is None else (*_compared(tree), *_ordered(tree)):
            if name in _CLOCK or (name in asked and asked[name].type in {"date", "datetime"}):
                yield from _no_day(page, path, name, value)


def settled_questions(page: Page) -> Mapping[str, AskOp]:
    """Return the questions whose answers nothing else can set, and that are asked in one way only."""
    found = {name: op for name, op in page.program.questions.items() if op.listing is None}
    set_: set[str] = set(page.program.flow.variables)
    for op in page.ops:
        if isinstance(op, SetOp):
            set_ |= {name for name, given in op.values.items() if given.expression or given.constant is not None}
        elif isinstance(op, DoOp):
            spec = (page.actions or {}).get(op.action)
            set_ |= set() if spec is None else {name for each in spec.outcomes for name in spec.values_for(each)}
        elif isinstance(op, SayOp):
            set_ |= {name for button in op.buttons for name in button.arguments}
        elif isinstance(op, AskOp) and op.variable in found and _ways(op) != _ways(found[op.variable]):
            set_.add(op.variable)
    return {name: op for name, op in found.items() if name not in set_}


def _ways(op: AskOp) -> tuple[str, frozenset[str]]:
    return op.type, frozenset(option.value for option in op.options)


def _compared(tree: nodes.Node) -> Iterator[tuple[str, Any]]:
    """Yield each answer with each fixed value that it is compared with."""
    for node in [*([tree] if isinstance(tree, nodes.Compare) else []), *tree.find_all(nodes.Compare)]:
        for operand in node.ops:
            sides = node.expr, operand.expr
            for one, other in (sides, sides[::-1]):
                if isinstance(one, nodes.Name) and isinstance(other, nodes.Const) and operand.op in _EQUAL | _AMONG:
                    yield one.name, other.value
            if isinstance(node.expr, nodes.Name) and isinstance(operand.expr, nodes.List) and operand.op in _AMONG:
                consts = (each for each in operand.expr.items if isinstance(each, nodes.Const))
                yield from ((node.expr.name, each.value) for each in consts)


def _ordered(tree: nodes.Node) -> Iterator[tuple[str, Any]]:
    """Yield each answer with each fixed value that it is said to be above or below."""
    for node in [*([tree] if isinstance(tree, nodes.Compare) else []), *tree.find_all(nodes.Compare)]:
        for operand in node.ops:
            sides = node.expr, operand.expr
            for one, other in (sides, sides[::-1]):
                if isinstance(one, nodes.Name) and isinstance(other, nodes.Const) and operand.op in _ORDERED:
                    yield one.name, other.value


def _possible(page: Page, path: Path, op: AskOp, value: Any) -> Iterator[Problem]:
    if value is None:
        return
    if op.type in {"yes_no", "consent"} and not isinstance(value, bool):
        yield page.problem(
            "never_equal",
            path,
            f"「{op.variable}」は はい・いいえ の答えなので、「{value}」とは比べられません。",
            f"“{op.variable}” is answered with yes or no and is never “{value}”.",
            (
                f"「{op.variable}」か「not {op.variable}」と書いてください。",
                f"Write “{op.variable}” or “not {op.variable}”.",
            ),
        )
    elif op.type == "number" and isinstance(value, str):
        yield page.problem(
            "never_equal",
            path,
            f"「{op.variable}」は数の答えです。比べる数「{value}」から引用符を取ってください。",
            f"“{op.variable}” is a number: write “{value}” without quotation marks.",
        )
    elif op.type in {"choice", "choices"} and op.options:
        yield from _choice(page, path, op, value)


def _no_day(page: Page, path: Path, name: str, value: Any) -> Iterator[Problem]:
    """Yield what a date is compared with and is none, or is one written otherwise."""
    if value is None or (isinstance(value, str) and _DAY.match(value)):
        return
    written = str(value)
    day = as_a_flow_writes(value, "date")
    instead = f'"{day or "2026-05-31"}"'
    yield page.problem(
        "never_equal",
        path,
        f"「{name}」は日付なので、「{written}」とは比べられません。日付は {instead} のように書きます。",
        f"“{name}” is a date and cannot be compared with “{written}”: a date is written {instead}.",
    )


def _choice(page: Page, path: Path, op: AskOp, value: Any) -> Iterator[Problem]:
    values = [option.value for option in op.options]
    written = str(getattr(value, "written", value))
    if value in values:
        return
    called = next((option.value for option in op.options if fold(written) in option.names), None)
    if called is not None:
        what = (
            f"「{op.variable}」の答えは「{written}」ではなく、選択肢の value の「{called}」です。",
            f"The answer “{op.variable}” is never “{written}” but “{called}”, the value of that choice.",
        )
        remedy = (f"'{called}' と比べてください。", f"Compare it with '{called}'.")
    else:
        meant = did_you_mean(written, values)
        ja, en = (f"「{meant}」ではありませんか。", f" Did you mean “{meant}”?") if meant else ("", "")
        what = (
            f"「{op.variable}」の選択肢に「{written}」はありません。{ja}",
            f"“{op.variable}” has no choice “{written}”.{en}",
        )
        remedy = (f"あるのは：{'、'.join(values)}", f"There are: {', '.join(values)}")
    yield page.problem("never_equal", path, *what, remedy)
