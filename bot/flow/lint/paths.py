"""The ways through a flow: steps nobody comes to, loops that never ask, turns with too much to say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeGuard

from bot.flow.leaves import close
from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import AskOp, EndOp, HandoffOp, JumpOp, Op, RemindOp, SayOp, Words
from bot.line.limits import BUTTONS_TEXT_GRAPHEMES, MESSAGES_PER_REQUEST, graphemes


def check(page: Page) -> Iterator[Problem]:
    """Yield what is wrong with the ways through `page`."""
    yield from _unreachable(page)
    yield from _endless(page)
    yield from _wordy(page)
    yield from _unknown_flows(page)


def _unreachable(page: Page) -> Iterator[Problem]:
    reached = page.reached()
    told: set[tuple[str | int, ...]] = set()
    for index, op in enumerate(page.ops):
        path = page.notes.spots[index]
        if index in reached or isinstance(op, JumpOp) or path in told or isinstance(op, EndOp):
            continue
        if any(path[: len(other)] == other or path[:-1] == other[:-1] for other in told):
            continue
        told.add(path)
        yield page.problem(
            "unreachable",
            path,
            "このステップには、どこからも進めません。",
            "Nothing leads to this step.",
            (
                "直前の goto や end を見直すか、このステップの id へ goto してください。不要なら消してください。",
                "Look at the goto or end before it, lead to it with goto, or remove it.",
            ),
            severity="warning",
        )


def _endless(page: Page) -> Iterator[Problem]:
    silent = [index for index, op in enumerate(page.ops) if not isinstance(op, AskOp | HandoffOp)]
    reached = page.reached()
    for index in silent:
        if index in reached and _returns(page, index):
            yield page.problem(
                "endless",
                page.notes.spots[index],
                "ここから質問をはさまずに同じ所へ戻るため、終わりません。",
                "This comes back to itself without a question, so it never ends.",
                (
                    "goto の行き先を変えるか、途中に ask を入れてください。",
                    "Change the goto, or ask something in between.",
                ),
            )
            return


def _returns(page: Page, start: int) -> bool:
    seen: set[int] = set()
    ahead = list(page.following[start])
    while ahead:
        index = ahead.pop()
        if index == start:
            return True
        if index in seen or index >= page.end or isinstance(page.ops[index], AskOp | HandoffOp):
            continue
        seen.add(index)
        ahead.extend(page.following[index])
    return False


def _wordy(page: Page) -> Iterator[Problem]:
    most: dict[int, int] = {}

    def count(index: int, trail: frozenset[int]) -> int:
        if index >= page.end or index in trail:
            return 0
        if index not in most:
            op = page.ops[index]
            own = _bubbles(page, op) if _speaks(op) else 1 if isinstance(op, AskOp | HandoffOp) else 0
            ahead = () if isinstance(op, AskOp | HandoffOp) else page.following[index]
            most[index] = own + max((count(next_, trail | {index}) for next_ in ahead), default=0)
        return most[index]

    starts = {
        0,
        *(
            after
            for index, op in enumerate(page.ops)
            if isinstance(op, AskOp | HandoffOp)
            for after in page.following[index]
        ),
    }
    for start in sorted(starts & page.reached()):
        if count(start, frozenset()) > MESSAGES_PER_REQUEST:
            yield page.problem(
                "too_many_messages",
                page.notes.spots[start],
                f"ここから次の質問までに{most[start]}通の文章があります。LINEで一度に送れるのは{MESSAGES_PER_REQUEST}通です。",
                f"{most[start]} texts follow before the next question; LINE carries {MESSAGES_PER_REQUEST} at once.",
                (
                    "文章をまとめてください（そのままだと自動でつなげて送ります）。",
                    "Join some (otherwise they are joined for you).",
                ),
                severity="warning",
            )
            return


def _speaks(op: Op) -> TypeGuard[SayOp]:
    return isinstance(op, SayOp) and not isinstance(op, RemindOp)


def _bubbles(page: Page, op: SayOp) -> int:
    """Return how many messages a step becomes: buttons under too long a text get one of their own."""
    texts = [item for item in op.items if isinstance(item, Words)]
    languages = page.book.town.languages if op.buttons and texts else ()
    longest = max((graphemes(texts[-1].in_(code, page.longest(code))) for code in languages), default=0)
    return len(op.items) + (longest > BUTTONS_TEXT_GRAPHEMES)


def _unknown_flows(page: Page) -> Iterator[Problem]:
    for index, op in enumerate(page.ops):
        flow = getattr(op, "flow", None)
        path = page.notes.spots[index]
        if flow is not None and flow not in page.book.programs:
            yield _unknown_flow(page, flow, (*path, "start"))
        for number, button in enumerate(op.buttons if isinstance(op, SayOp) else ()):
            if button.start is not None and button.start not in page.book.programs:
                yield _unknown_flow(page, button.start, (*path, "buttons", number, "start"))


def _unknown_flow(page: Page, flow: str, path: tuple[str | int, ...]) -> Problem:
    if flow in page.program.places:
        ja, en = f"ステップなら「goto: {flow}」と書きます。", f" For the step write “goto: {flow}”."
    else:
        ja, en = close(flow, page.book.programs)
    return page.problem(
        "unknown_flow", path, f"「{flow}」というフローがありません。{ja}", f"There is no flow “{flow}”.{en}"
    )
