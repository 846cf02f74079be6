"""Values only the town itself knows (an office's number): while they are missing, the flows must not be published."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.flow.load import TOWN, Loaded
from bot.flow.problems import Problem, Sentence
from bot.flow.source import Path

PLACEHOLDER = "要設定"
"""What a value in `town.yaml` may say until the town has written its own; an empty one means the same."""


def check(loaded: Loaded) -> Iterator[Problem]:
    """Yield the values of `town.yaml` that are still to be filled in."""
    for source in loaded.sources.values():
        if source.file.rsplit("/", 1)[-1] != TOWN or not isinstance(source.value, Mapping):
            continue
        for path in _empty(source.value.get("town", {}), ("town",)):
            name = ".".join(map(str, path[1:]))
            what = Sentence(
                f"町の値「{name}」がまだ書かれていません。", f"The town's value “{name}” is still to be filled in."
            )
            remedy = Sentence(
                "正しい値を書いてください。公開の前に必要です。", "Write the right one; it is needed before publishing."
            )
            yield source.problem("unfilled", path, what, remedy, key=True, severity="warning")


def _empty(value: Any, path: Path) -> Iterator[Path]:
    if isinstance(value, Mapping):
        for name, entry in value.items():
            yield from _empty(entry, (*path, name))
    elif value is None or (isinstance(value, str) and (not value.strip() or PLACEHOLDER in value)):
        yield path
