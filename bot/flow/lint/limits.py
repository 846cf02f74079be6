"""LINE's limits, for every language and with the longest values that can be filled in."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import FALLBACK, AskOp, Words
from bot.flow.source import Path
from bot.line.limits import (
    ALT_TEXT_UTF16,
    CLIPBOARD_UTF16,
    LABEL_GRAPHEMES,
    LOCATION_ADDRESS_UTF16,
    LOCATION_TITLE_UTF16,
    QUICK_REPLIES,
    TEXT_UTF16,
    graphemes,
    utf16,
)

CHOICES_MOST = 50
_MOST = {
    ("alt",): ALT_TEXT_UTF16,
    ("copy",): CLIPBOARD_UTF16,
    ("location", "title"): LOCATION_TITLE_UTF16,
    ("location", "address"): LOCATION_ADDRESS_UTF16,
}
"""Where a text has less room than a message of its own."""


def check(page: Page) -> Iterator[Problem]:
    """Yield texts and labels that are too long, and questions with too few or too many choices."""
    for path, _, words in page.notes.texts:
        yield from _label(page, path, words) if _is_label(path) else _text(page, path, words)
    for index, op in enumerate(page.ops):
        if isinstance(op, AskOp):
            yield from _choices(page, page.notes.spots[index], op)


def _is_label(path: Path) -> bool:
    return path[-1:] == ("label",)


def _label(page: Page, path: Path, words: Words) -> Iterator[Problem]:
    for language, template in words.by_language.items():
        here = (*path, language) if language else path
        fixed = not template.names
        size = graphemes(template.render(page.longest(language or FALLBACK)))
        if size > LABEL_GRAPHEMES:
            yield page.problem(
                "label_too_long",
                here,
                f"ボタンの文字は{LABEL_GRAPHEMES}文字までです（{'いま' if fixed else '最長で'}{size}文字）。短くしてください。",
                f"A label has at most {LABEL_GRAPHEMES} characters ({'now' if fixed else 'up to'} {size}): shorten it.",
                severity="error" if fixed else "warning",
            )


def _text(page: Page, path: Path, words: Words) -> Iterator[Problem]:
    most = next((room for end, room in _MOST.items() if path[-len(end) :] == end), TEXT_UTF16)
    for language, template in words.by_language.items():
        here = (*path, language) if language else path
        size = utf16(template.render(page.longest(language or FALLBACK)))
        if not template.source.strip():
            yield page.problem("text_missing", here, "文章が空です。", "The text is empty.")
        elif size > most:
            ending = (
                ("分けて送られます。", "it will be split.")
                if most == TEXT_UTF16
                else ("途中で切れます。", "it will be cut.")
            )
            yield page.problem(
                "text_too_long",
                here,
                f"ここの文章は{most}文字までです（最長で{size}文字）。{ending[0]}",
                f"This text has at most {most} UTF-16 units (up to {size}): {ending[1]}",
                severity="warning",
            )


def _choices(page: Page, path: Path, op: AskOp) -> Iterator[Problem]:
    if op.type in {"choice", "choices"} and not op.options and not (op.type == "choice" and op.listing):
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
