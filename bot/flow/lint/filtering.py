"""Filters on answers they can do nothing with: a number written as a date, a word written as money."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping

from jinja2 import nodes

from bot.flow.filters import as_date
from bot.flow.lint.comparisons import settled_questions
from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import AskOp
from bot.flow.sandbox import parse_condition, parse_text
from bot.flow.source import Path

_NO_DAY = frozenset(
    {"number", "yes_no", "consent", "text", "time", "choice", "choices", "phone", "email", "kana", "location"}
)
_NO_AMOUNT = frozenset(
    {
        "date",
        "datetime",
        "time",
        "yes_no",
        "consent",
        "text",
        "choice",
        "choices",
        "email",
        "kana",
        "location",
        "postal_code",
    }
)
_DATED = ("日付", "a date")
_AMOUNT = ("数", "a number")
_WANTED: Mapping[str, tuple[frozenset[str], tuple[str, str]]] = {
    **dict.fromkeys(("jdate", "weekday", "workday", "age", "plus_days", "days_until"), (_NO_DAY, _DATED)),
    **dict.fromkeys(("yen", "round"), (_NO_AMOUNT, _AMOUNT)),
    "clock": (_NO_DAY | {"date"}, ("日時", "a date with a time")),
    "length": (frozenset({"number", "yes_no", "consent"}), ("文章か一覧", "a text or a list")),
}
"""For each filter the kinds of values it can do nothing with, and what it is for."""

_TYPES = {_DATED: "date", _AMOUNT: "number"}
"""The type of question whose answer such a filter takes."""

_MAKES = {
    "plus_days": "date", "age": "number", "days_until": "number", "length": "number", "round": "number",
    "number": "number", "jdate": "text", "yen": "text", "weekday": "text", "workday": "yes_no", "clock": "time",
}  # fmt: skip
_CALLED = {
    "number": ("数", "a number"), "date": ("日付", "a date"), "datetime": ("日時", "a date with a time"),
    "time": ("時刻", "a time"), "yes_no": ("「はい」か「いいえ」", "yes or no"), "consent": ("同意", "a consent"),
    "text": ("文章", "a text"), "choice": ("選択肢", "a choice"), "choices": ("いくつかの選択肢", "several choices"),
    "phone": ("電話番号", "a telephone number"), "email": ("メールアドレス", "an e-mail address"),
    "kana": ("かな", "kana"), "location": ("場所", "a place"), "postal_code": ("郵便番号", "a postal code"),
}  # fmt: skip


def check(page: Page) -> Iterator[Problem]:
    """Yield filters whose value is certain to be of a kind they do not take."""
    asked = settled_questions(page)
    for path, at, tree in trees(page):
        under = page.ops[at] if {"constraint", "constraint_message"} & set(path[-2:]) else None
        known: dict[str, AskOp | str] = {**asked, "today": "date", "now": "datetime", "language": "text"}
        if isinstance(under, AskOp):
            known["answer"] = under
        for name in loop_names(tree):
            known.pop(name, None)
        for node in _filters(tree):
            yield from _unfit(page, path, node, known, asked.keys())


def trees(page: Page) -> Iterator[tuple[Path, int, nodes.Node]]:
    """Yield all conditions, and texts with places to fill, in parts: with path and step."""
    for path, at, found in page.notes.conditions:
        if (tree := parse_condition(found.source)) is not None:
            yield path, at, tree
    for path, at, words in page.notes.texts:
        for language, template in words.by_language.items():
            if template.names and (text := parse_text(template.source)) is not None:
                yield ((*path, language) if language else path), at, text


def loop_names(tree: nodes.Node) -> Iterator[str]:
    """Yield the names that a loop gives its entries, whatever they stand for elsewhere."""
    yield from (loop.target.name for loop in tree.find_all(nodes.For) if isinstance(loop.target, nodes.Name))


def _filters(tree: nodes.Node) -> Iterable[nodes.Filter]:
    return [*([tree] if isinstance(tree, nodes.Filter) else []), *tree.find_all(nodes.Filter)]


def _unfit(
    page: Page, path: Path, node: nodes.Filter, known: Mapping[str, AskOp | str], asked: Collection[str]
) -> Iterator[Problem]:
    values = [node.node, *(node.args[:1] if node.name == "days_until" else ())]
    for value in values:
        kind = _kind(value, node.name, known)
        unfit, wanted = _WANTED.get(node.name, (frozenset[str](), ("", "")))
        if kind not in unfit:
            continue
        shown = written(value)
        is_ja, is_en = _CALLED[kind]
        remedy = (f"「|{node.name}」を消してください。", f"Remove “|{node.name}”.")
        if (type_ := _TYPES.get(wanted)) is not None and isinstance(value, nodes.Name) and value.name in asked:
            remedy = (
                f"「|{node.name}」を消すか、質問を type: {type_} にしてください。",
                f"Remove “|{node.name}”, or make the question one of type: {type_}.",
            )
        yield page.problem(
            "unfit_filter",
            path,
            f"「{shown}」は{is_ja}なので、{wanted[0]}に使う「|{node.name}」は付けられません。",
            f"“{shown}” is {is_en}; “|{node.name}” is for {wanted[1]}.",
            remedy,
        )


def _kind(value: nodes.Node | None, filter_: str, known: Mapping[str, AskOp | str]) -> str:
    """Return the kind of a value, empty when it is not certain."""
    if isinstance(value, nodes.Filter):
        return _MAKES.get(value.name, "")
    found = known.get(value.name) if isinstance(value, nodes.Name) else None
    if isinstance(found, AskOp):
        return _chosen(found, filter_) if found.type == "choice" else found.type
    return found or ""


def _chosen(op: AskOp, filter_: str) -> str:
    """Return how a choice is read: its values may be written like days or numbers."""
    values = [option.value for option in op.options]
    days = any(as_date(value) is not None for value in values)
    numbers = any(value.replace(".", "", 1).isdigit() for value in values)
    fits = {"yen": numbers, "round": numbers}.get(filter_, days)
    return "" if fits or not values else "choice"


def written(value: nodes.Node | None) -> str:
    """Return a name with its filters as it is written."""
    match value:
        case nodes.Name(name=name):
            return name
        case nodes.Filter(name=name, node=inside):
            return f"{written(inside)}|{name}"
    return "…"
