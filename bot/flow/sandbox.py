"""Jinja for authors: a small, closed part of the language in which no text can hang, grow or reach into the program.

No calls, no power, no nested loops, no assignments; operators work on numbers of ordinary size; names reach data
only, never attributes of Python objects; what comes out is cut at `OUTPUT_CHARACTERS`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any, Final

from jinja2 import ChainableUndefined, TemplateError, TemplateSyntaxError, Undefined, meta, nodes
from jinja2.parser import Parser
from jinja2.runtime import Context
from jinja2.sandbox import SandboxedEnvironment

from bot.flow.filters import FILTERS
from bot.flow.template_trouble import Refused, bare_day, headless, leftover, no_filter, not_allowed, other_sign
from bot.flow.template_unread import not_understood

OUTPUT_CHARACTERS: Final = 20_000
SOURCE_CHARACTERS: Final = 10_000
EXPRESSION_CHARACTERS: Final = 1_000
LOOP_ROUNDS: Final = 200
NUMBER_LIMIT: Final = 10**15

_JINJAS_OWN: Final = frozenset({"self", "super", "caller", "varargs", "kwargs"})
"""Names that Jinja itself fills, with objects of the program."""
_TESTS = {"defined", "undefined", "none", "in", "even", "odd", "string", "number"}
_ALLOWED = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.If, nodes.For, nodes.CondExpr,
    nodes.Filter, nodes.Test, nodes.Getattr, nodes.Getitem, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Neg, nodes.Pos, nodes.Add, nodes.Sub, nodes.Mul, nodes.Div, nodes.FloorDiv, nodes.Mod,
    nodes.Concat, nodes.List, nodes.Tuple, nodes.Keyword, nodes.Pair, nodes.Dict,
)  # fmt: skip
_RUNTIME = (TemplateError, TypeError, ValueError, ArithmeticError, LookupError, RecursionError)


class Lazy:
    """A family of values looked up by name only when a text asks for one (snippets, labels, tables)."""

    def look(self, name: str) -> Any:
        """Return the value called `name`, or None."""
        raise NotImplementedError


class _Environment(SandboxedEnvironment):
    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "%"})

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        del context
        if operator == "+" and isinstance(left, str) and isinstance(right, str):
            return (left + right)[:OUTPUT_CHARACTERS]
        for side in (left, right):
            if not isinstance(side, int | float) or abs(side) > NUMBER_LIMIT:
                raise Refused("数の計算だけができます", f"{operator} works on numbers of ordinary size only")
        return self.binop_table[operator](left, right)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, Lazy):
            found = obj.look(str(argument))
            return self.undefined(name=str(argument)) if found is None else found
        if isinstance(obj, Mapping):
            return obj[argument] if argument in obj else self.undefined(name=str(argument))
        if isinstance(obj, str | list | tuple) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.undefined(name=str(argument))


def _finalize(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _rounds(value: Any) -> list[Any]:
    return list(value[:LOOP_ROUNDS]) if isinstance(value, list | tuple) else []


_ENV = _Environment(undefined=ChainableUndefined, finalize=_finalize, autoescape=False, optimized=False)
_ENV.globals.clear()
_ENV.filters = {**FILTERS, "_rounds": _rounds}
_ENV.tests = {name: test for name, test in _ENV.tests.items() if name in _TESTS}


def _inspect(node: nodes.Node, *, in_loop: bool = False) -> None:
    if not isinstance(node, _ALLOWED):
        raise not_allowed(node)
    if isinstance(node, nodes.Getattr) and node.attr.startswith("_"):
        raise Refused(f"「{node.attr}」は使えません", f"“{node.attr}” cannot be used here")
    if isinstance(node, nodes.Name) and (node.name.startswith("_") or node.name in _JINJAS_OWN):
        raise Refused(f"「{node.name}」は使えません", f"“{node.name}” cannot be used here")
    if isinstance(node, nodes.Filter) and (node.name not in FILTERS or node.dyn_args or node.dyn_kwargs):
        raise no_filter(node.name)
    if isinstance(node, nodes.Const) and isinstance(node.value, int) and abs(node.value) > NUMBER_LIMIT:
        raise Refused("数が大きすぎます", "the number is too large")
    if isinstance(node, nodes.For):
        if in_loop or node.recursive or not isinstance(node.target, nodes.Name):
            raise Refused("くり返しの中のくり返しは使えません", "a loop inside a loop cannot be used")
        node.iter = nodes.Filter(node.iter, "_rounds", [], [], None, None, lineno=node.lineno)
        _inspect(node.iter.node)  # type: ignore[arg-type]  # the filter just made always has a node
        for part in (*node.body, *node.else_, *([node.test] if node.test else [])):
            _inspect(part, in_loop=True)
        return
    for child in node.iter_child_nodes():
        _inspect(child, in_loop=in_loop)


def _fields(tree: nodes.Node) -> frozenset[tuple[str, str]]:
    """Return what is looked up in what: `rows.item.fee` is ("rows", "item") and ("rows.item", "fee")."""
    pairs = ((_dotted(node.node), node.attr) for node in tree.find_all(nodes.Getattr))
    return frozenset((root, name) for root, name in pairs if root is not None)


def _dotted(node: nodes.Node) -> str | None:
    if isinstance(node, nodes.Name):
        return node.name
    if isinstance(node, nodes.Getattr) and (root := _dotted(node.node)) is not None:
        return f"{root}.{node.attr}"
    return None


def parse_text(source: str) -> nodes.Template | None:
    """Return a text's parts for reading (never for running), None when it is not understood."""
    try:
        return _ENV.parse(source)
    except (TemplateError, RecursionError):
        return None


def parse_condition(source: str) -> nodes.Node | None:
    """Return a condition's parts for reading (never for running), None when it is not understood."""
    try:
        return Parser(_ENV, source, state="variable").parse_expression()
    except (TemplateError, RecursionError):
        return None


class Template:
    """A text with places to fill, compiled. `names` are the variables it uses; a plain text has none."""

    __slots__ = ("_template", "fields", "names", "source")

    def __init__(self, source: str) -> None:
        """Compile `source`; raises Refused with a sentence for the author."""
        self.source = source
        self._template = None
        self.names: frozenset[str] = frozenset()
        self.fields: frozenset[tuple[str, str]] = frozenset()
        if "{" not in source or not ("{{" in source or "{%" in source or "{#" in source):
            return
        if len(source) > SOURCE_CHARACTERS:
            raise Refused(
                f"式のある文章は{SOURCE_CHARACTERS}文字までです",
                f"a text with places to fill has at most {SOURCE_CHARACTERS} characters",
            )
        try:
            tree = _ENV.parse(source)
            _inspect(tree)
            self.names = frozenset(meta.find_undeclared_variables(tree))
            self.fields = _fields(tree)
            self._template = _ENV.from_string(tree)
        except TemplateSyntaxError as error:
            raise not_understood(source, error) from error
        except RecursionError as error:
            raise Refused("式の入れ子が深すぎます", "it is nested too deeply") from error

    def render(self, values: dict[str, Any]) -> str:
        """Return the filled text; it ends with … where a place cannot be filled."""
        if self._template is None:
            return self.source
        parts: list[str] = []
        size = 0
        try:
            for part in self._template.root_render_func(self._template.new_context(values, shared=True)):
                parts.append(part)
                size += len(part)
                if size > OUTPUT_CHARACTERS:
                    break
        except (*_RUNTIME, Refused):
            parts.append("…")
        return "".join(parts)[:OUTPUT_CHARACTERS]


class Expression:
    """A condition or a value, compiled: `kind == "kei"`, `answer|length == 8`."""

    __slots__ = ("_expression", "constant", "fields", "names", "source")

    def __init__(self, source: str) -> None:
        """Compile `source`; raises Refused with a sentence for the author."""
        self.source = source
        self.constant = False
        if len(source) > EXPRESSION_CHARACTERS:
            raise Refused(
                f"条件は{EXPRESSION_CHARACTERS}文字までです",
                f"a condition has at most {EXPRESSION_CHARACTERS} characters",
            )
        if (day := bare_day(source)) is not None:
            raise day
        try:
            parser = Parser(_ENV, source, state="variable")
            tree = parser.parse_expression()
            if not parser.stream.eos:
                raise leftover(source, str(parser.stream.current))
            _inspect(tree)
            wrapped = nodes.Template([nodes.Output([tree], lineno=1)], lineno=1)
            wrapped.set_environment(_ENV)
            self.names = frozenset(meta.find_undeclared_variables(wrapped))
            self.fields = _fields(wrapped)
            self.constant = isinstance(tree, nodes.Const)
            self._expression = _ENV.compile_expression(source, undefined_to_none=True)
        except TemplateSyntaxError as error:
            raise (other_sign(source) or headless(source) or not_understood(source, error)) from error
        except RecursionError as error:
            raise Refused("式の入れ子が深すぎます", "it is nested too deeply") from error

    def value(self, values: Mapping[str, Any]) -> Any:
        """Return the value, None when it cannot be worked out."""
        try:
            found = self._expression(values)
        except (*_RUNTIME, Refused):
            return None
        return plain(found)

    def holds(self, values: Mapping[str, Any]) -> bool:
        """Say whether the condition is true; what cannot be worked out is not."""
        return bool(self.value(values))


def plain(value: Any, depth: int = 0) -> Any:
    """Return `value` as JSON can hold it: anything else becomes None, long texts are cut."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value if value == value and abs(value) <= NUMBER_LIMIT else None
    if isinstance(value, str):
        return value[:OUTPUT_CHARACTERS]
    if isinstance(value, Undefined) or depth > 6:
        return None
    if isinstance(value, Mapping):
        return {str(key): plain(entry, depth + 1) for key, entry in list(value.items())[:LOOP_ROUNDS]}
    if isinstance(value, Sequence):
        return [plain(entry, depth + 1) for entry in value[:LOOP_ROUNDS]]
    return None


@lru_cache(maxsize=4096)
def template(source: str) -> Template:
    """Return the compiled text; the same source is compiled once in a process."""
    return Template(source)


@lru_cache(maxsize=4096)
def expression(source: str) -> Expression:
    """Return the compiled condition; the same source is compiled once in a process."""
    return Expression(source)
