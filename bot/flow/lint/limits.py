"""LINE's limits, for every language and with the longest values that can be filled in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.flow.answers.plain import TEXT_CHARACTERS
from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import AskOp, Words
from bot.flow.source import Path
from bot.line.limits import LABEL_GRAPHEMES, QUICK_REPLIES, TEXT_UTF16, graphemes, utf16

CHOICES_MOST = 50


def check(page: Page) -> Iterator[Problem]:
    """Yield texts and labels that are too long, and questions with too few or too many choices."""
    longest = _longest(page)
    for path, _, words in page.notes.texts:
        yield from _label(page, path, words, longest) if _is_label(path) else _text(page, path, words, longest)
    for index, op in enumerate(page.ops):
        if isinstance(op, AskOp):
            yield from _choices(page, page.notes.spots[index], op)


def _is_label(path: Path) -> bool:
    return path[-1:] == ("label",)


def _label(page: Page, path: Path, words: Words, longest: dict[str, Any]) -> Iterator[Problem]:
    for language, template in words.by_language.items():
        here = (*path, language) if language else path
        fixed = not template.names
        size = graphemes(template.render(longest))
        if size > LABEL_GRAPHEMES:
            yield page.problem(
                "label_too_long",
                here,
                f"ボタンの文字は{LABEL_GRAPHEMES}文字までです（{'いま' if fixed else '最長で'}{size}文字）。短くしてください。",
                f"A label has at most {LABEL_GRAPHEMES} characters ({'now' if fixed else 'up to'} {size}): shorten it.",
                severity="error" if fixed else "warning",
            )


def _text(page: Page, path: Path, words: Words, longest: dict[str, Any]) -> Iterator[Problem]:
    for language, template in words.by_language.items():
        here = (*path, language) if language else path
        size = utf16(template.render(longest))
        if not template.source.strip():
            yield page.problem("text_missing", here, "文章が空です。", "The text is empty.")
        elif size > TEXT_UTF16:
            yield page.problem(
                "text_too_long",
                here,
                f"文章は{TEXT_UTF16}文字までです（最長で{size}文字）。分けて送られます。",
                f"A text has at most {TEXT_UTF16} UTF-16 units (up to {size}): it will be split.",
                severity="warning",
            )


def _longest(page: Page) -> dict[str, Any]:
    """Return for each answer the longest value it may have."""
    found: dict[str, Any] = {"town": page.book.town.town, "language": "ja", "today": "2026-12-31"}
    labels: dict[str, str] = {}
    for op in page.ops:
        if not isinstance(op, AskOp):
            continue
        if op.type == "text":
            found[op.variable] = "字" * TEXT_CHARACTERS
        elif op.options:
            found[op.variable] = max((option.value for option in op.options), key=len)
            texts = [template.source for option in op.options for template in option.label.by_language.values()]
            labels[op.variable] = max(texts, key=len)
        else:
            found[op.variable] = 10**12 if op.type in {"number", "yes_no"} else "字" * 30
    return {**found, "labels": labels}


def _choices(page: Page, path: Path, op: AskOp) -> Iterator[Problem]:
    if op.type in {"choice", "choices"} and not op.options:
        yield page.problem(
            "no_choices",
            (*path, "type"),
            "選択肢がありません。choices: を加えてください。",
            "There are no choices: add choices:.",
        )
    elif op.type not in {"choice", "choices"} and op.options:
        yield page.problem(
            "choices_unused",
            (*path, "choices"),
            f"choices は type: choice の質問に使います（いまは {op.type}）。",
            f"choices belong to type: choice (this is {op.type}).",
            key=True,
        )
    if len(op.options) > CHOICES_MOST:
        yield page.problem(
            "too_many_choices",
            (*path, "choices"),
            f"選択肢は{CHOICES_MOST}個までです（いま{len(op.options)}個）。質問を二つに分けてください。",
            f"At most {CHOICES_MOST} choices (now {len(op.options)}): split the question in two.",
            key=True,
        )
    elif len(op.options) > QUICK_REPLIES - 4:
        yield page.problem(
            "many_choices",
            (*path, "choices"),
            f"選択肢が{len(op.options)}個あり、ボタンに入りきらない分は番号で答えてもらいます。",
            f"{len(op.options)} choices do not all fit on buttons; the rest are answered by number.",
            severity="warning",
            key=True,
        )
    values = [option.value for option in op.options]
    for number, value in enumerate(values):
        if value in values[:number]:
            yield page.problem(
                "duplicate_choice",
                (*path, "choices", number),
                f"「{value}」という選択肢が二つあります。",
                f"Two choices have the value “{value}”.",
            )
