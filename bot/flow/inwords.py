"""Conditions and texts with places to fill, said in plain Japanese for people who read no code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from jinja2 import nodes

from bot.flow import model
from bot.flow.revision import steps_within
from bot.flow.sandbox import parse_condition, parse_text

_GROUP = "group"
_KNOWN = {"today": "今日", "now": "いまの時刻", "answer": "この答え", "language": "選ばれたことば"}
_SPACES = {
    "town": "町の設定「{}」",
    "tables": "表「{}」",
    "rows": "選んだ項目",
    "labels": "{}",
    "snippets": "共通の文章「{}」",
}
_AT_THE_DESK = {
    "ahead": "前に待つ人数", "number": "受付番号", "opens": "次に開く日時", "office": "窓口の名前",
}  # fmt: skip
"""What the texts of `handoff` are filled with."""
_LIMITS = {"gt": "{}より大きい", "gteq": "{}以上", "lt": "{}未満", "lteq": "{}以下", "eq": "{}", "ne": "{}以外"}
_TURNED = {"gt": "lt", "gteq": "lteq", "lt": "gt", "lteq": "gteq"}
_PLAIN = {None: "なし", True: "はい", False: "いいえ"}
_SIGNS = {nodes.Add: "＋", nodes.Sub: "－", nodes.Mul: "×", nodes.Div: "÷", nodes.FloorDiv: "÷", nodes.Concat: "と"}
_FILTERS = {
    "length": "{}の長さ", "number": "{}", "jdate": "{}", "yen": "{}円", "clock": "{}", "weekday": "{}の曜日",
    "age": "{}からの年齢", "first": "{}のはじめ", "last": "{}の終わり", "trim": "{}", "days_until": "{}までの日数",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as conditions speak of it: what it is about, its type, its choices by value."""

    title: str
    type: str
    options: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Clause:
    """Something that holds or not; a `bare` one ends in a noun and takes の before とき."""

    text: str
    bare: bool = False

    @property
    def when(self) -> str:
        return f"{self.text}{'の' if self.bare else ''}とき"

    @property
    def negated(self) -> str:
        return f"（{self.text}）ではない"


class Reader:
    """Says the conditions and texts of one flow in words."""

    def __init__(self, flow: model.Flow) -> None:
        sets = (step.set for step in steps_within(flow.steps) if isinstance(step, model.Set))
        self.judged = {name for values in sets for name, value in values.items() if _judges(value)}
        hands_over = any(isinstance(step, model.Handoff) for step in steps_within(flow.steps))
        self.told = _AT_THE_DESK if hands_over else {}
        self.asked: dict[str, Asked] = {}
        for step in steps_within(flow.steps):
            if isinstance(step, model.Ask):
                options = {option.value: self.text(in_japanese(option.label)) for option in step.choices}
                self.asked[step.ask] = Asked(
                    _heart(self.text(in_japanese(step.label or step.text))), step.type, options
                )
            elif isinstance(step, model.Consent):
                self.asked[step.consent] = Asked(step.consent, "consent")
            elif isinstance(step, model.Repeat):
                self.asked[step.repeat] = Asked(step.repeat, _GROUP)
                more = self.text(in_japanese(step.more)) if step.more else step.repeat
                self.asked[f"{step.repeat}_more"] = Asked(_heart(more), "yes_no")

    def called(self, name: str) -> str:
        """Return what the answer `name` is about."""
        return self.asked[name].title if name in self.asked else self.told.get(name, name)

    def when(self, source: str) -> str:
        """Return a condition as the moment at which it holds: 「種類」が「軽自動車」のとき."""
        tree = parse_condition(source)
        return f"〈{source}〉のとき" if tree is None else self._clause(tree).when

    def holds(self, source: str) -> str:
        """Return a condition as something that holds or not: 「種類」が「軽自動車」."""
        tree = parse_condition(source)
        return source if tree is None else self._clause(tree).text

    def value(self, source: Any) -> str:
        """Return what is worked out, in words; what is no text stands as it is."""
        tree = parse_condition(source) if isinstance(source, str) else None
        return str(source) if tree is None else self._value(tree)

    def must(self, name: str, source: str) -> str:
        """Return the condition that the answer `name` must meet: この答えの文字数が8."""
        self.asked["answer"] = replace(self.asked[name], title=_KNOWN["answer"])
        return self.holds(source)

    def text(self, source: str) -> str:
        """Return a text in one line, its places to fill as 〈…〉 and its ifs and loops in words."""
        tree = parse_text(source)
        return " ".join((source if tree is None else self._body(tree.body)).split())

    def _body(self, parts: list[nodes.Node]) -> str:
        return "".join(map(self._part, parts))

    def _part(self, part: nodes.Node) -> str:
        match part:
            case nodes.TemplateData():
                return part.data
            case nodes.Output():
                return "".join(
                    each.data if isinstance(each, nodes.TemplateData) else f"〈{self._filled(each)}〉"
                    for each in part.nodes
                )
            case nodes.If():
                ways = [
                    f"{self._clause(each.test).when}：{self._body(each.body).strip()}" for each in (part, *part.elif_)
                ]
                rest = [f"それ以外：{self._body(part.else_).strip()}"] if part.else_ else []
                return f"〔{'／'.join((*ways, *rest))}〕"
            case nodes.For():
                return f"〔{self._value(part.iter)}の一つずつに：{self._body(part.body).strip()}〕"
        return ""

    def _filled(self, node: nodes.Node) -> str:
        match node:
            case nodes.Filter(name="clock", node=nodes.Name(name=name)) if name not in _KNOWN:
                return f"{self.called(name)}の時刻"
        while isinstance(node, nodes.Filter) and node.node is not None and _FILTERS.get(node.name) == "{}":
            node = node.node
        return self.called(node.name) if isinstance(node, nodes.Name) and node.name not in _KNOWN else self._value(node)

    def _clause(self, node: nodes.Node) -> _Clause:
        match node:
            case nodes.And() | nodes.Or():
                word = "、かつ" if isinstance(node, nodes.And) else "、または"
                left, right = (self._side(side, node) for side in (node.left, node.right))
                return _Clause(f"{left.text}{word}{right.text}", right.bare)
            case nodes.Not():
                return self._not(node.node)
            case nodes.Compare() if len(node.ops) == 1:
                return self._compared(node.expr, node.ops[0].op, node.ops[0].expr)
            case nodes.Test(name="defined" | "undefined", node=nodes.Name(name=name)):
                has = node.name == "defined"
                return _Clause(f"「{self.called(name)}」に答えが{'ある' if has else 'ない'}")
            case nodes.Filter(name="workday", node=nodes.Node() as day):
                return _Clause(f"{self._value(day)}が平日（土日・祝日・年末年始でない日）", bare=True)
            case nodes.Name(name=name) if name in self.asked:
                yes_no = self.asked[name].type in {"yes_no", "consent"}
                return _Clause(f"「{self.called(name)}」が「はい」", bare=True) if yes_no else self._there(name)
            case nodes.Name(name=name) if name in self.judged:
                return _Clause(f"「{name}」が成り立つ")
        return _Clause(f"{self._value(node)}がある")

    def _side(self, node: nodes.Node, whole: nodes.Node) -> _Clause:
        clause = self._clause(node)
        mixed = isinstance(node, nodes.And | nodes.Or) and type(node) is not type(whole)
        return _Clause(f"（{clause.text}）", bare=True) if mixed else clause

    def _there(self, name: str) -> _Clause:
        return _Clause(f"「{self.called(name)}」に答えがある")

    def _not(self, node: nodes.Node) -> _Clause:
        match node:
            case nodes.Name(name=name) if name in self.asked:
                yes_no = self.asked[name].type in {"yes_no", "consent"}
                title = self.called(name)
                return _Clause(f"「{title}」が「いいえ」", bare=True) if yes_no else _Clause(f"「{title}」に答えがない")
            case nodes.Test(name="defined" | "undefined", node=nodes.Name(name=name)):
                has = node.name == "undefined"
                return _Clause(f"「{self.called(name)}」に答えが{'ある' if has else 'ない'}")
            case nodes.Compare() | nodes.Test() | nodes.And() | nodes.Or() | nodes.Filter():
                return _Clause(self._clause(node).negated)
            case nodes.Name(name=name) if name in self.judged:
                return _Clause(f"「{name}」が成り立たない")
        return _Clause(f"{self._value(node)}がない")

    def _compared(self, left: nodes.Node, sign: str, right: nodes.Node) -> _Clause:
        if sign in {"in", "notin"}:
            return self._held(left, right, "含む" if sign == "in" else "含まない")
        if isinstance(left, nodes.Const | nodes.Getattr) and not isinstance(right, nodes.Const | nodes.Getattr):
            left, sign, right = right, _TURNED.get(sign, sign), left
        subject, options = self._value(left), self._options(left)
        limit = self._value(right, options)
        return _Clause(f"{subject}が{_LIMITS[sign].format(limit)}", bare=sign != "gt")

    def _held(self, part: nodes.Node, whole: nodes.Node, verb: str) -> _Clause:
        if isinstance(whole, nodes.List | nodes.Tuple):
            options = self._options(part)
            among = "か".join(self._value(each, options) for each in whole.items)
            return _Clause(f"{self._value(part)}が{among}{'' if verb == '含む' else '以外'}", bare=True)
        return _Clause(f"{self._value(whole)}に{self._value(part, self._options(whole))}を{verb}")

    def _options(self, node: nodes.Node) -> Mapping[str, str]:
        return self.asked[node.name].options if isinstance(node, nodes.Name) and node.name in self.asked else {}

    def _value(self, node: nodes.Node, options: Mapping[str, str] | None = None) -> str:
        match node:
            case nodes.Const(value=str() as text):
                return f"「{(options or {}).get(text, text)}」"
            case nodes.Const(value=value):
                return str(value) if not isinstance(value, bool | None) else _PLAIN[value]
            case nodes.Name(name=name):
                return _KNOWN.get(name) or f"「{self.called(name)}」"
            case nodes.Getattr():
                return self._field(node)
            case nodes.Filter(node=nodes.Node() as inside):
                return self._filtered(node, inside)
            case nodes.CondExpr(expr1=nodes.Node() as first, expr2=second):
                rest = "なし" if second is None else self._value(second)
                return f"{self._clause(node.test).when}は{self._value(first)}、それ以外は{rest}"
            case nodes.BinExpr() if type(node) in _SIGNS:
                return f"{self._value(node.left)}{_SIGNS[type(node)]}{self._value(node.right)}"
            case nodes.List() | nodes.Tuple():
                return "、".join(self._value(each) for each in node.items)
            case nodes.And() | nodes.Or() | nodes.Not() | nodes.Compare() | nodes.Test():
                return self._clause(node).text
        return "計算した値"

    def _field(self, node: nodes.Getattr) -> str:
        match node.node:
            case nodes.Name(name="labels"):
                return f"「{self.called(node.attr)}」の答え"
            case nodes.Name(name=name) if name in _SPACES:
                return _SPACES[name].format(node.attr)
        return f"{self._value(node.node)}の「{node.attr}」"

    def _filtered(self, node: nodes.Filter, inside: nodes.Node) -> str:
        value = self._value(inside)
        if node.name == "plus_days" and node.args:
            if isinstance(node.args[0], nodes.Neg):
                return f"{value}の{self._value(node.args[0].node)}日前"
            return f"{value}の{self._value(node.args[0])}日後"
        if node.name == "length" and isinstance(inside, nodes.Name):
            kind = self.asked[inside.name].type if inside.name in self.asked else ""
            return value + {"choices": "で選んだ数", _GROUP: "の件数"}.get(kind, "の文字数")
        if node.name == "default" and node.args:
            return f"{value}（なければ{self._value(node.args[0])}）"
        return _FILTERS.get(node.name, "{}").format(value)


def _heart(text: str) -> str:
    """Return the sentence of a question that asks."""
    sentences = [each.strip("？? ") for each in text.split("。") if each.strip()]
    return next((each for each in reversed(sentences) if each.endswith("か")), sentences[0] if sentences else text)


def _judges(value: Any) -> bool:
    tree = parse_condition(value) if isinstance(value, str) else None
    return isinstance(tree, nodes.Compare | nodes.And | nodes.Or | nodes.Not | nodes.Test)


def in_japanese(texts: Mapping[str, str]) -> str:
    """Return a text in Japanese, else in whatever there is."""
    return texts.get("ja") or texts.get("") or next(iter(texts.values()))
