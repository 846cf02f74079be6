"""Lists behind `type: lookup`: the file is there, and its columns are written for every language of the town."""

from __future__ import annotations

from collections.abc import Iterator

from bot.flow.leaves import close
from bot.flow.lint.page import Page
from bot.flow.lint.variables import ANYTHING, known_names
from bot.flow.problems import Problem
from bot.flow.program import AskOp
from bot.flow.source import Path


def check(page: Page) -> Iterator[Problem]:
    """Yield questions whose list is missing or unwanted."""
    for index, op in enumerate(page.ops):
        if not isinstance(op, AskOp):
            continue
        path = page.notes.spots[index]
        if op.type == "choice" and op.listing is not None:
            yield from _given(page, path, op, index)
        elif op.type != "lookup":
            if op.listing is not None:
                ja = f"from は type: lookup か choice の質問に使います（いまは {op.type}）。"
                en = f"from belongs to type: lookup or choice (this is {op.type})."
                yield page.problem("from_unused", (*path, "from"), ja, en, key=True)
        elif op.listing is None:
            ja = "一覧がありません。from: に CSV のファイル名を書いてください。"
            yield page.problem("no_list", (*path, "type"), ja, "There is no list: name a CSV file under from:.")
        elif op.listing not in page.book.lists:
            meant = close(op.listing, page.book.lists)
            ja = f"「{op.listing}」というファイルがありません。{meant[0]}"
            yield page.problem("no_list", (*path, "from"), ja, f"There is no file “{op.listing}”.{meant[1]}")


def _given(page: Page, path: Path, op: AskOp, index: int) -> Iterator[Problem]:
    """Yield what is wrong with a choice among what an action handed over."""
    name = op.listing or ""
    if op.options:
        ja = "choices と from のどちらか一つを書きます。"
        yield page.problem("two_lists", (*path, "from"), ja, "Write either choices or from.", key=True)
    known = known_names(page).get(index, frozenset())
    if name not in known and ANYTHING not in known:
        meant = close(name, known)
        ja = f"「{name}」という一覧は、ここまでにありません。処理（do）が返す名前を書きます。{meant[0]}"
        en = f"No list “{name}” is known here: name one that an action hands back.{meant[1]}"
        yield page.problem("no_list", (*path, "from"), ja, en)
