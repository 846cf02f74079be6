"""Names that texts and conditions use: each must have been answered, set or handed over before."""

from __future__ import annotations

import difflib
from collections.abc import Iterator

from bot.flow.lint.page import Page
from bot.flow.lint.unknown_names import GLOBALS, Use, undeclared
from bot.flow.problems import Problem
from bot.flow.program import AskOp, CollectOp, DoOp, RemindOp, SayOp, SetOp
from bot.flow.sandbox import Expression, Template
from bot.flow.source import Path

ANYTHING = "*"
AT_THE_DESK = frozenset({"ahead", "number", "opens", "office"})
"""What the texts of `handoff` may use besides."""


def check(page: Page) -> Iterator[Problem]:
    """Yield names nothing defines, and fields of `town` and `labels` that do not exist."""
    known = known_names(page)
    notes = page.notes
    used: list[tuple[Path, int, Template | Expression]] = [
        (path, at, template) for path, at, words in notes.texts for template in words.by_language.values()
    ]
    used += notes.conditions
    for path, at, found in used:
        here = known.get(at, frozenset())
        if path[-1:] in {("constraint",), ("constraint_message",)}:
            here |= {"answer"}
        if any(part in {"waiting", "outside", "full"} for part in path[-2:]):
            here |= AT_THE_DESK
        for name in sorted(found.names - here - GLOBALS):
            if path[-1:] == ("constraint",) and name == getattr(page.ops[at], "variable", None):
                yield _answer_itself(page, path, name)
            elif at in page.unreached and name in _answered(page):
                yield _cut_off(page, path, name)
            elif ANYTHING not in here:
                yield undeclared(Use(page, path, at, here, found), name)
        yield from _fields(page, path, found.fields, here)
    for name, path, at in notes.confirmed:
        here = known.get(at, frozenset())
        if name not in here and ANYTHING not in here:
            cut_off = at in page.unreached and name in _answered(page)
            yield _cut_off(page, path, name) if cut_off else undeclared(Use(page, path, at, here), name)
    for called, path, at, given in notes.calls:
        needed = set(page.book.programs[called].flow.variables) if called in page.book.programs else set()
        for name in sorted(needed - known.get(at, frozenset()) - given):
            yield _not_handed_over(page, path, called, name)


def known_names(page: Page) -> dict[int, frozenset[str]]:
    """Return per step what may be defined when it runs, on any way to it."""
    start = page.program.flow.start
    begun_with = {*(("again",) if start.follow else ()), *(("code",) if start.code else ())}
    given = frozenset({*page.program.flow.variables, *begun_with})
    known: dict[int, frozenset[str]] = {0: given}
    ahead = [0]
    while ahead:
        index = ahead.pop()
        if index >= page.end:
            continue
        for next_, names in _after(page, index, known[index]):
            before = known.get(next_)
            after = names if before is None else before | names
            if after != before:
                known[next_] = after
                ahead.append(next_)
    return known


def _after(page: Page, index: int, names: frozenset[str]) -> Iterator[tuple[int, frozenset[str]]]:
    op = page.ops[index]
    if isinstance(op, AskOp):
        for place in page.always:
            yield place, names
        names |= {op.variable} - {""}
    elif isinstance(op, CollectOp):
        names |= {op.into}
    elif isinstance(op, SetOp):
        names |= set(op.values)
    elif isinstance(op, DoOp):
        for outcome, place in op.outcomes.items():
            yield place, names | _values(page, op.action, outcome)
        names |= _values(page, op.action, None)
    elif isinstance(op, SayOp):
        # When a reminder's button is pressed, the talk that set it is over.
        left: frozenset[str] = frozenset() if isinstance(op, RemindOp) else names
        names |= {op.reminder} if isinstance(op, RemindOp) else frozenset()
        for button in op.buttons:
            for outcome, target in button.outcomes.items():
                place = page.program.places.get(target, page.end)
                yield place, left | set(button.arguments) | _values(page, button.do or "", outcome)
            if button.goto is not None:
                yield page.program.places.get(button.goto, page.end), left | set(button.arguments)
    for next_ in page.following[index]:
        yield next_, names


def _values(page: Page, action: str, outcome: str | None) -> frozenset[str]:
    spec = None if page.actions is None else page.actions.get(action)
    if spec is None:
        return frozenset({ANYTHING})
    outcomes = spec.outcomes if outcome is None else (outcome,)
    return frozenset(name for each in outcomes for name in spec.values_for(each))


def _answered(page: Page) -> frozenset[str]:
    return frozenset(page.program.questions)


def _cut_off(page: Page, path: Path, name: str) -> Problem:
    """Return that a step has no answers because nothing leads to it: the name itself is right."""
    return page.problem(
        "undeclared",
        path,
        f"このステップには、どこからも進めないため、「{name}」の答えがありません。",
        f"Nothing leads to this step, so it has no answer “{name}”.",
        (
            "直前の goto や end を見直すか、このステップの id へ goto してください。",
            "Look at the goto or end before it, or lead to it with goto.",
        ),
    )


def _answer_itself(page: Page, path: Path, name: str) -> Problem:
    return page.problem(
        "undeclared",
        path,
        f"「constraint」の中では、いまの答えを「{name}」ではなく「answer」と書きます。",
        f"In “constraint” the answer under check is called “answer”, not “{name}”.",
    )


def _not_handed_over(page: Page, path: Path, called: str, name: str) -> Problem:
    return page.problem(
        "missing_argument",
        path,
        f"「{called}」には「{name}」が必要です。with: で渡してください。",
        f"“{called}” needs “{name}”: hand it over in with:.",
    )


def _fields(page: Page, path: Path, fields: frozenset[tuple[str, str]], here: frozenset[str]) -> Iterator[Problem]:
    asked = {op.variable for op in page.ops if isinstance(op, AskOp)}
    looked_up = {op.variable: _columns(page, op) for op in page.ops if isinstance(op, AskOp) and op.type == "lookup"}
    for root, name in sorted(fields):
        if root in here:
            continue
        if root == "snippets" and name not in page.program.snippets:
            yield _missing_field(page, path, f"snippets.{name}", sorted(page.program.snippets), "snippets:")
        elif root == "tables" and name not in page.book.tables:
            yield _missing_field(page, path, f"tables.{name}", sorted(page.book.tables), "table:")
        elif root == "town" and name not in page.book.town.town:
            yield _missing_field(page, path, f"town.{name}", sorted(page.book.town.town), "town.yaml の town:")
        elif root == "labels" and name not in asked:
            yield _missing_field(page, path, f"labels.{name}", sorted(asked), "ask")
        elif root == "rows" and name not in looked_up:
            yield _missing_field(page, path, f"rows.{name}", sorted(looked_up), "type: lookup の質問")
        elif root.startswith("rows.") and name not in (columns := looked_up.get(root.partition(".")[2], (name,))):
            yield _missing_field(page, path, f"{root}.{name}", sorted(columns), "CSV の見出し")


def _columns(page: Page, op: AskOp) -> tuple[str, ...]:
    listing = page.book.lists.get(op.listing or "")
    return () if listing is None else tuple(column for column in listing.columns if ":" not in column)


def _missing_field(page: Page, path: Path, name: str, known: list[str], home: str) -> Problem:
    meant = next(iter(difflib.get_close_matches(name.rpartition(".")[2], known, n=1, cutoff=0.6)), None)
    ja, en = (f"「{meant}」ではありませんか。", f" Did you mean “{meant}”?") if meant else ("", "")
    return page.problem(
        "unknown_value",
        path,
        f"「{name}」は {home} にありません。{ja}",
        f"“{name}” is not in {home}.{en}",
    )
