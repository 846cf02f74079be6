"""What is well-formed and was hardly meant: places that will not be filled, lists of one, limits that limit nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator

from bot.flow.lint.page import Page
from bot.flow.lint.unknown_names import GLOBALS
from bot.flow.lint.variables import known_names
from bot.flow.problems import Problem
from bot.flow.program import AskOp
from bot.flow.source import Path

_FILLED = re.compile(r"\{\{.*?\}\}|\{%.*?%\}", re.DOTALL)
_SINGLE = re.compile(r"\{\s*([A-Za-z_]\w*)[\w.]*\s*(?:\|[^{}]*)?\}")
WIDE_COMMA = re.compile("[、，]")


def check(page: Page) -> Iterator[Problem]:
    """Yield what does something else than it seems to."""
    yield from _single_braces(page)
    yield from _groups(page)
    for index, op in enumerate(page.ops):
        if isinstance(op, AskOp):
            yield from _one_choice(page, page.notes.spots[index], op)
            yield from _limits_nothing(page, page.notes.spots[index], op)


def _single_braces(page: Page) -> Iterator[Problem]:
    known = known_names(page)
    for path, at, words in page.notes.texts:
        for language, template in words.by_language.items():
            single = _SINGLE.search(_FILLED.sub("", template.source))
            if single is not None and single.group(1) in known.get(at, frozenset()) | GLOBALS:
                filled = f"{{{single.group()}}}"
                yield page.problem(
                    "single_braces",
                    (*path, language) if language else path,
                    f"「{single.group()}」は、そのまま住民に表示されます。「{filled}」と、かっこを二つずつ書いてください。",
                    f"“{single.group()}” is shown to residents as it is: write “{filled}”, with two braces each.",
                )


def _groups(page: Page) -> Iterator[Problem]:
    """Yield places that ask a list of entries for what each of its entries has."""
    groups = page.program.groups
    used = [(path, template.fields) for path, _, words in page.notes.texts for template in words.by_language.values()]
    used += [(path, found.fields) for path, _, found in page.notes.conditions]
    for path, fields in used:
        for root, name in sorted(fields):
            if root in groups:
                loop = f"{{% for one in {root} %}}{{{{ one.{name} }}}}{{% endfor %}}"
                yield page.problem(
                    "list_as_one",
                    path,
                    f"「{root}」は一覧なので「{root}.{name}」は空になります。「{loop}」のように書いてください。",
                    f"“{root}” is a list, so “{root}.{name}” is empty: write “{loop}”.",
                )


def _one_choice(page: Page, path: Path, op: AskOp) -> Iterator[Problem]:
    if len(op.options) == 1 and WIDE_COMMA.search(value := op.options[0].value):
        yield page.problem(
            "wide_comma",
            (*path, "choices", 0),
            f"「{value}」で一つの選択肢になっています。「、」を半角の「, 」に直してください。",
            f"“{value}” is a single choice: put an ordinary comma and a space between choices.",
        )


def _limits_nothing(page: Page, path: Path, op: AskOp) -> Iterator[Problem]:
    names = frozenset() if op.constraint is None else op.constraint.names
    understood = op.constraint is not None and op.constraint.source != "none"
    if op.constraint is not None and understood and not names & {"answer", op.variable}:
        yield page.problem(
            "constant_constraint",
            (*path, "constraint"),
            f"「{op.constraint.source}」は答えを調べていません。「answer >= 1 and answer <= 10」のように answer を使ってください。",
            f"“{op.constraint.source}” does not look at the answer: write “answer >= 1 and answer <= 10”, with answer.",
        )
    if op.constraint_message is not None and op.constraint is None:
        yield page.problem(
            "unused_message",
            (*path, "constraint_message"),
            "constraint がないので、この文章が出ることはありません。",
            "Without constraint this text is never shown.",
            severity="warning",
            key=True,
        )
