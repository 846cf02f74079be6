"""Names that nothing has defined: what was probably meant, an answer by its heading, a word, a number, or a misspelt name."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass

from jinja2 import nodes

from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import AskOp
from bot.flow.sandbox import Expression, Template, parse_condition, parse_text
from bot.flow.source import Path
from bot.flow.spoken import number_in
from bot.flow.words import fold

GLOBALS = frozenset({"town", "today", "now", "language", "labels", "rows", "snippets", "tables"})
"""What texts may always use."""

_IN_ENGLISH = {
    "今日": "today", "本日": "today", "いま": "now", "今": "now", "現在": "now", "明日": "today|plus_days(1)",
    "昨日": "today|plus_days(-1)", "はい": "true", "いいえ": "false", "なし": "none", "null": "none", "NULL": "none",
}  # fmt: skip
"""What people write in Japanese for what the language has a word for."""
_NAMES_SHOWN = 6
_VALUES = frozenset({"with", "set"})
"""Where a word that stands alone is meant as itself."""


@dataclass(frozen=True, slots=True)
class Use:
    """Where names are used: in the text or condition `found` at `path`, by the step `at`, where `known` are defined."""

    page: Page
    path: Path
    at: int
    known: frozenset[str]
    found: Template | Expression | None = None

    @property
    def tree(self) -> nodes.Node | None:
        """Return what is written, in parts."""
        match self.found:
            case Expression():
                return parse_condition(self.found.source)
            case Template():
                return parse_text(self.found.source)
        return None

    def question(self, name: str) -> AskOp | None:
        """Return the question whose answer is called `name` here."""
        op = self.page.ops[self.at] if name == "answer" else self.page.program.questions.get(name)
        return op if isinstance(op, AskOp) else None


def undeclared(use: Use, name: str) -> Problem:
    """Return the problem of a name that nothing has defined."""
    ja, en, *remedy = _no_name(use, name) or _unknown(use, name)
    return use.page.problem("undeclared", use.path, ja, en, (remedy[0], remedy[1]) if remedy else None)


def _no_name(use: Use, name: str) -> tuple[str, ...] | None:
    """Return what to say to what is no name of an answer at all."""
    if (word := _IN_ENGLISH.get(name)) is not None:
        return f"「{name}」は「{word}」と書きます。", f"“{name}” is written “{word}”."
    if name.isascii():
        return None
    others = [] if (tree := use.tree) is None else list(_compared_with(tree, name))
    if any(other in use.known | GLOBALS | {"answer"} for other in others):
        return _value(name, [op for other in others if (op := use.question(other)) is not None])
    if tree is not None and _is_detail(tree, name):
        return _quoteless(name, f"'{name}'")
    alone = isinstance(use.found, Expression) and use.found.source.strip() == name
    return _quoteless(name, f"""'"{name}"'""") if alone and _VALUES & set(use.path) else _heading(use, name)


def _compared_with(tree: nodes.Node, name: str) -> Iterator[str]:
    """Yield the names that `name` is compared with."""
    for node in [*([tree] if isinstance(tree, nodes.Compare) else []), *tree.find_all(nodes.Compare)]:
        sides = [_names(node.expr), *(_names(operand.expr) for operand in node.ops)]
        if any(name in side for side in sides):
            yield from (other for side in sides for other in side - {name})


def _is_detail(tree: nodes.Node, name: str) -> bool:
    """Tell whether `name` stands in the brackets of a filter: `due|jdate(和暦)`."""
    filters = [*([tree] if isinstance(tree, nodes.Filter) else []), *tree.find_all(nodes.Filter)]
    return any(name in _names(argument) for each in filters for argument in each.args)


def _names(node: nodes.Node) -> set[str]:
    inside = {each.name for each in node.find_all(nodes.Name)}
    return inside | ({node.name} if isinstance(node, nodes.Name) else set())


def _value(name: str, questions: list[AskOp]) -> tuple[str, ...]:
    """Return what to say to the value of an answer that is written like a name."""
    for op in questions:
        if op.type == "number" and (digits := number_in(name)) is not None:
            return f"「{name}」は、半角の数字で「{digits}」と書きます。", f"“{name}” is written “{digits}”, in digits."
        called = next((option.value for option in op.options if fold(name) in option.names), None)
        if called is not None and called != name:
            ja = f"「{name}」は、選択肢の value で '{called}' と書きます。"
            return ja, f"“{name}” is written '{called}', the value of that choice."
    return _quoteless(name, f"'{name}'")


def _quoteless(name: str, quoted: str) -> tuple[str, ...]:
    ja, en = f"言葉は {quoted} と引用符で囲みます。", f"A word is written {quoted}."
    return f"「{name}」が引用符で囲まれていません。{ja}", f"“{name}” has no quotes. {en}"


def _heading(use: Use, name: str) -> tuple[str, ...]:
    """Return what to say to a question that is called by its heading, or by a name that there is not."""
    if (variable := _headed(use.page, name)) is not None:
        ja = f"「{name}」は質問の見出しです。ここには、質問の名前の「{variable}」を書きます。"
        return ja, f"“{name}” is the heading of a question: write its name, “{variable}”, here."
    asked = [each for each in use.page.program.questions if each in use.known][-_NAMES_SHOWN:]
    names = (f"いま使える名前：{'、'.join(asked)}", f"Names so far: {', '.join(asked)}.") if asked else ("", "")
    ja = f"「{name}」という名前の答えはありません。ask や set に書いた、半角の名前を使います。{names[0]}"
    return ja, f"No answer is called “{name}”: use a name written after ask or in set. {names[1]}".strip()


def _headed(page: Page, heading: str) -> str | None:
    """Return the one question whose label or text begins with these words."""
    wanted = fold(heading)
    found = [
        variable
        for variable, op in page.program.questions.items()
        for words in (op.label, op.text)
        if words is not None and any(fold(text.source).startswith(wanted) for text in words.by_language.values())
    ]
    return found[0] if len(set(found)) == 1 else None


def _unknown(use: Use, name: str) -> tuple[str, ...]:
    later = next((at for at, op in enumerate(use.page.ops) if getattr(op, "variable", "") == name), None)
    if later is not None and later > use.at:
        line = use.page.source.place(use.page.notes.spots[later]).line
        return (
            f"「{name}」をたずねるのは、このあと（{line}行目）です。質問を先に移すか、このステップをあとに移してください。",
            f"“{name}” is asked only later (line {line}): move the question up, or this step down.",
        )
    meant = next(iter(difflib.get_close_matches(name, use.known | GLOBALS, n=1, cutoff=0.6)), None)
    if meant is not None:
        ja, en = f"「{meant}」ではありませんか。", f"Did you mean “{meant}”?"
    else:
        ja, en = f"""言葉そのものなら '"{name}"' と引用符で囲みます。""", f"""For the word itself write '"{name}"'."""
    return (
        f"「{name}」という名前の答えは、ここまでにありません。{ja}",
        f"Nothing before this is called “{name}”. {en}",
        "先に ask や set で決めてください。",
        "Ask for it or set it before.",
    )
