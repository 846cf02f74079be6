"""Actions of services: they exist, get what they need, and every answer they may give leads somewhere."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping

from bot.flow.action import ActionSpec
from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import DoOp, Given, SayOp
from bot.flow.source import Path


def check(page: Page) -> Iterator[Problem]:
    """Yield what is wrong with the actions `page` calls; nothing when no signatures are known."""
    if page.actions is None:
        return
    for index, op in enumerate(page.ops):
        path = page.notes.spots[index]
        if isinstance(op, DoOp):
            yield from _call(page, path, op.action, op.arguments, frozenset(op.outcomes))
        elif isinstance(op, SayOp):
            for number, button in enumerate(op.buttons):
                if button.do is not None:
                    here = (*path, "buttons", number)
                    yield from _call(page, here, button.do, button.arguments, frozenset(button.outcomes))


def _call(
    page: Page, path: Path, name: str, arguments: Mapping[str, Given], outcomes: frozenset[str]
) -> Iterator[Problem]:
    spec = (page.actions or {}).get(name)
    if spec is None:
        ja, en = _meant_action(page, name)
        yield page.problem(
            "unknown_action",
            (*path, "do"),
            f"「{name}」という処理はありません。{ja}",
            f"There is no action “{name}”.{en}",
        )
        return
    yield from _arguments(page, path, spec, arguments)
    yield from _outcomes(page, path, spec, outcomes)


def _arguments(page: Page, path: Path, spec: ActionSpec, arguments: Mapping[str, Given]) -> Iterator[Problem]:
    for name, given in arguments.items():
        expected = spec.arguments.get(name)
        if expected is None:
            ja, en = _meant(name, list(spec.arguments))
            yield page.problem(
                "unknown_argument",
                (*path, "with", name),
                f"「{spec.name}」は「{name}」を受け取りません。{ja}",
                f"“{spec.name}” takes no “{name}”.{en}",
                key=True,
            )
        elif expected.choices and given.expression is None and str(given.constant) not in expected.choices:
            yield page.problem(
                "wrong_argument",
                (*path, "with", name),
                f"「{name}」に使えるのは {'、'.join(expected.choices)} です。",
                f"“{name}” is one of {', '.join(expected.choices)}.",
            )
    for name, expected in spec.arguments.items():
        if expected.required and name not in arguments:
            yield page.problem(
                "missing_argument",
                (*path, "do"),
                f"「{spec.name}」には with: に「{name}」が必要です。",
                f"“{spec.name}” needs “{name}” in with:.",
            )


def _outcomes(page: Page, path: Path, spec: ActionSpec, outcomes: frozenset[str]) -> Iterator[Problem]:
    for name in sorted(outcomes - set(spec.outcomes)):
        ja, en = _meant(name, list(spec.outcomes))
        yield page.problem(
            "unknown_outcome",
            (*path, "on", name),
            f"「{spec.name}」の結果に「{name}」はありません。{ja}",
            f"“{spec.name}” never answers “{name}”.{en}",
            key=True,
        )
    missing = [name for name in spec.outcomes if name not in outcomes]
    if missing and (outcomes or len(spec.outcomes) > 1):
        yield page.problem(
            "missing_outcome",
            (*path, "on") if outcomes else (*path, "do"),
            f"「{spec.name}」の結果「{'」「'.join(missing)}」のときの行き先がありません。on: に加えてください。",
            f"“{spec.name}” may also answer {', '.join(missing)}: add where to go to on:.",
        )


def _meant_action(page: Page, name: str) -> tuple[str, str]:
    """Return the action that was probably meant, else those of its service, else the services."""
    if name in page.book.programs:
        return (
            f"これはフローの名前です。「call: {name}」か「start: {name}」と書きます。",
            f" It is the name of a flow: write “call: {name}” or “start: {name}”.",
        )
    known = list(page.actions or {})
    service, _, own = name.rpartition(".")
    siblings = {each.rpartition(".")[2]: each for each in known if each.rpartition(".")[0] == service}
    # The service stands before every action of it, and would make any two of them look alike.
    near = difflib.get_close_matches(own, siblings, n=1, cutoff=0.6) or difflib.get_close_matches(
        name, [] if siblings else known, n=1, cutoff=0.7
    )
    if near:
        return _did_you_mean(siblings.get(near[0], near[0]))
    elsewhere = [each for each in known if each.rpartition(".")[2] == own]
    if len(elsewhere) == 1:
        return _did_you_mean(elsewhere[0])
    if siblings:
        ja, en = "、".join(_titled(page, siblings, "ja")), ", ".join(_titled(page, siblings, "en"))
        return f"「{service}」にあるもの：{ja}", f" “{service}” has: {en}"
    services = dict.fromkeys(each.rpartition(".")[0] for each in known)
    ja, en = f"処理のあるサービス：{'、'.join(services)}", f" Services with actions: {', '.join(services)}"
    return (ja, en) if services else ("", "")


def _titled(page: Page, siblings: Mapping[str, str], language: str) -> Iterator[str]:
    for name in siblings.values():
        title = (page.actions or {})[name].title
        yield name if title is None else f"{name} ({title.en})" if language == "en" else f"{name}（{title.ja}）"


def _did_you_mean(meant: str) -> tuple[str, str]:
    return f"「{meant}」ではありませんか。", f" Did you mean “{meant}”?"


def _meant(name: str, known: list[str]) -> tuple[str, str]:
    meant = next(iter(difflib.get_close_matches(name, known, n=1, cutoff=0.5)), None)
    if meant is not None:
        return _did_you_mean(meant)
    return (f"あるもの：{'、'.join(known)}", f" Known: {', '.join(known)}") if known else ("", "")
