"""Habits that surprise residents: choices that shadow everywhere-words, endings without a word, actions done twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from bot.flow.filters import as_date
from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import AskOp, BeginOp, DoOp, Given, HandoffOp, RemindOp, SayOp
from bot.flow.source import Path
from bot.flow.words import word_in

_WIDE_QUOTES = re.compile(r"[“”＂][^“”＂]*[“”＂]")

_WIDE_BRACES = re.compile(r"｛\s*[｛%％]|[%％｝]\s*｝")


def check(page: Page) -> Iterator[Problem]:
    """Yield what would surprise a resident."""
    reached = page.reached()
    yield from _wide_quotes(page)
    yield from _wide_braces(page)
    for index, op in enumerate(page.ops):
        path = page.notes.spots[index]
        if isinstance(op, AskOp):
            yield from _shadowed(page, path, op)
            yield from _tries(page, path, op)
            yield from _bounds(page, path, op)
            yield from _turned_round(page, path, op)
            if op.type == "confirm":
                yield from _done_twice(page, path, op, index)
            if index in reached and "." not in op.name:
                yield from _silent(page, path, op, index)


def _wide_braces(page: Page) -> Iterator[Problem]:
    for path, _, words in page.notes.texts:
        for language, template in words.by_language.items():
            if _WIDE_BRACES.search(template.source):
                yield page.problem(
                    "wide_braces",
                    (*path, language) if language else path,
                    "全角の「｛｛」は、そのまま住民に表示されます。半角の {{ と }} に直してください。",
                    "Full-width braces are shown to residents as they are: write {{ and }}.",
                )


def _wide_quotes(page: Page) -> Iterator[Problem]:
    for path, _, words in page.notes.texts:
        for language, template in words.by_language.items():
            if _WIDE_QUOTES.fullmatch(template.source.strip()):
                yield page.problem(
                    "wide_quotes",
                    (*path, language) if language else path,
                    '全角の引用符「“」「”」は、そのまま住民に表示されます。半角の " に直すか、消してください。',
                    'Full-width quotation marks are shown to residents as they are: write " or remove them.',
                    severity="warning",
                )


def _shadowed(page: Page, path: Path, op: AskOp) -> Iterator[Problem]:
    for number, option in enumerate(op.options):
        for template in option.label.by_language.values():
            if word_in(template.source) is not None:
                yield page.problem(
                    "reserved_word",
                    (*path, "choices", number),
                    f"「{template.source}」はいつでも使える言葉と同じです。この質問では選択肢として扱われます。",
                    f"“{template.source}” is also a word that works everywhere; here it will be the choice.",
                    severity="warning",
                )


def _tries(page: Page, path: Path, op: AskOp) -> Iterator[Problem]:
    if (op.retries is None) != (op.on_fail is None):
        given, missing = ("retries", "on_fail") if op.on_fail is None else ("on_fail", "retries")
        yield page.problem(
            "tries",
            (*path, given),
            f"「{given}」には「{missing}」も必要です。",
            f"“{given}” needs “{missing}” too.",
            key=True,
        )


def _bounds(page: Page, path: Path, op: AskOp) -> Iterator[Problem]:
    for name, given in (("min", op.min), ("max", op.max)):
        constant = _constant(given)
        if constant is None:
            continue
        dated = op.type in {"date", "datetime"}
        counted = op.type in {"number", "choices"}
        fits = as_date(constant) is not None if dated else isinstance(constant, int | float) if counted else True
        if not fits or not (dated or counted or op.type == "time"):
            yield page.problem(
                "wrong_bound",
                (*path, name),
                f"「{name}」の「{constant}」は {op.type} の質問に合いません。",
                f"“{constant}” as “{name}” does not suit a question of type {op.type}.",
                _instead(op, name, dated=dated),
            )


def _instead(op: AskOp, name: str, *, dated: bool) -> tuple[str, str] | None:
    """Return what to write for a bound that does not suit its question."""
    if dated:
        return "暦にある日を「2026-05-31」のように書いてください。", "Write a day of the calendar, like 2026-05-31."
    if op.type in {"text", "digits", "kana"}:
        sign = ">=" if name == "min" else "<="
        return (
            f"文字数なら「constraint: answer|length {sign} …」と書きます。",
            f"For its length write “constraint: answer|length {sign} …”.",
        )
    return (
        f"「{name}」は、数・日付・時刻・いくつか選ぶ質問に使います。この行を消してください。",
        f"“{name}” is for numbers, dates, times and several choices: remove the line.",
    )


def _turned_round(page: Page, path: Path, op: AskOp) -> Iterator[Problem]:
    least, most = _comparable(op.min), _comparable(op.max)
    numbers = isinstance(least, float) and isinstance(most, float) and least > most
    days = isinstance(least, str) and isinstance(most, str) and least > most
    if numbers or days:
        yield page.problem(
            "bounds_crossed",
            (*path, "min"),
            f"「min」の「{_constant(op.min)}」が「max」の「{_constant(op.max)}」より大きいので、どの答えも受け付けられません。",
            f"“min” ({_constant(op.min)}) is above “max” ({_constant(op.max)}), so no answer is ever accepted.",
            ("二つを入れかえるか、どちらかを直してください。", "Exchange them, or mend one."),
        )


def _comparable(given: Given | None) -> float | str | None:
    """Return a fixed bound as something with an order: a number, or a date or time as it is written."""
    constant = _constant(given)
    if isinstance(constant, int | float) and not isinstance(constant, bool):
        return float(constant)
    day = as_date(constant) if constant is not None else None
    return day.isoformat() if day is not None else None


def _constant(given: Given | None) -> Any:
    if given is None:
        return None
    if given.expression is None:
        return given.constant
    return given.expression.value({}) if given.expression.constant else None


def _done_twice(page: Page, path: Path, op: AskOp, index: int) -> Iterator[Problem]:
    asked = [
        at for at, other in enumerate(page.ops[:index]) if isinstance(other, AskOp) and other.variable in op.confirmed
    ]
    if not asked:
        return
    for other in page.ops[min(asked) : index]:
        if isinstance(other, DoOp) and not other.repeatable:
            yield page.problem(
                "done_twice",
                (*path, "confirm"),
                f"確認で答えを直すと「{other.action}」がもう一度行われることがあります。確認のあとに移してください。",
                f"Changing an answer here may run “{other.action}” again: move it after the confirmation.",
                severity="warning",
            )
            return


def _silent(page: Page, path: Path, op: AskOp, index: int) -> Iterator[Problem]:
    if not _begins(page):
        return
    seen: set[int] = set()
    ahead = list(page.following[index])
    while ahead:
        at = ahead.pop()
        if at >= page.end:
            if op.type == "consent":
                return
            yield page.problem(
                "silent_end",
                path,
                "この答えのあと、何も伝えずに終わることがあります（自動の「以上で終了です」だけになります）。",
                "After this answer the talk may end without a word (only the automatic “That is all”).",
                ("終わる前に say で結果を伝えてください。", "Say what came of it before the end."),
                severity="warning",
            )
            return
        speaks = isinstance(page.ops[at], SayOp) and not isinstance(page.ops[at], RemindOp)
        if at in seen or speaks or isinstance(page.ops[at], AskOp | BeginOp | HandoffOp):
            continue
        seen.add(at)
        ahead.extend(page.following[at])


def _begins(page: Page) -> bool:
    """Say whether residents begin this flow themselves; parts that others call may end in silence."""
    flow = page.program.flow
    return bool(flow.start.keywords or flow.start.code or flow.start.follow or flow.menu is not None)
