"""Lists behind `type: lookup`: the file is there, and its columns are written for every language of the town."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow.leaves import close
from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import AskOp


def check(page: Page) -> Iterator[Problem]:
    """Yield questions whose list is missing or unwanted."""
    for index, op in enumerate(page.ops):
        if not isinstance(op, AskOp):
            continue
        path = page.notes.spots[index]
        if op.type != "lookup":
            if op.listing is not None:
                ja = f"from は type: lookup の質問に使います（いまは {op.type}）。"
                yield page.problem(
                    "from_unused", (*path, "from"), ja, f"from belongs to type: lookup (this is {op.type}).", key=True
                )
        elif op.listing is None:
            ja = "一覧がありません。from: に CSV のファイル名を書いてください。"
            yield page.problem("no_list", (*path, "type"), ja, "There is no list: name a CSV file under from:.")
        elif op.listing not in page.book.lists:
            meant = close(op.listing, page.book.lists)
            ja = f"「{op.listing}」というファイルがありません。{meant[0]}"
            yield page.problem("no_list", (*path, "from"), ja, f"There is no file “{op.listing}”.{meant[1]}")
