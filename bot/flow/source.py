"""YAML as a clerk writes it: plain values, the place of every key and value, and YAML's traps turned into what was meant.

`0123` stays "0123", `2026-05-31` and `1:30` stay text, `yes` and `no` are words; a key written twice is a problem.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from bot.flow.problems import Place, Problem, Sentence
from bot.flow.unmerged import unmerged
from bot.flow.yaml_trouble import explain

Path = tuple[str | int, ...]
_INT = re.compile(r"[-+]?(0|[1-9][0-9]{0,15})")
_FLOAT = re.compile(r"[-+]?[0-9]{1,15}\.[0-9]{1,15}")
_BOOL = {"true": True, "false": False, "True": True, "False": False, "TRUE": True, "FALSE": False}
_BRACKET = re.compile(r"[\[\]{}]")
_TIGHT_HASH = re.compile(r"\s*(#\S.*)")
_MAX_DEPTH = 40
_MAX_CHARACTERS = 500_000
_MAX_BRACKETS = 200
"""So many brackets open at once are no flow, and take the library seconds and its stack."""


class WrittenInt(int):
    """A number that remembers how it was written, for where a text is wanted."""

    written: str


class WrittenFloat(float):
    """A decimal that remembers how it was written (`1.10` is not `1.1` in a text)."""

    written: str


@dataclass
class Source:
    """One file, read: its value, its lines, and where each key and value stands."""

    file: str
    value: Any = None
    lines: list[str] = field(default_factory=list)
    keys: dict[Path, tuple[int, int]] = field(default_factory=dict)
    values: dict[Path, tuple[int, int]] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Return where `path` stands; the nearest enclosing value when it is not in the file."""
        table = self.keys if key else self.values
        while path:
            if (spot := table.get(path) or self.values.get(path)) is not None:
                return Place(self.file, *spot)
            path = path[:-1]
        return Place(self.file, *self.values.get((), (1, 1)))

    def has(self, path: Path) -> bool:
        """Tell whether the file holds something at `path`."""
        return path in self.values

    def line(self, place: Place) -> str:
        """Return the line of `place` as written."""
        return self.lines[place.line - 1] if 0 < place.line <= len(self.lines) else ""

    def problem(
        self,
        code: str,
        path: Path,
        what: Sentence,
        remedy: Sentence | None = None,
        *,
        key: bool = False,
        severity: Any = "error",
    ) -> Problem:
        """Return a problem at `path`, with the line itself."""
        place = self.place(path, key=key)
        return Problem(code, place, what, remedy, severity, self.line(place))


def read(text: str, file: str) -> Source:
    """Read YAML `text`; what is wrong is in `problems`, and then `value` is None."""
    source = Source(file, lines=text.splitlines())
    if len(text) > _MAX_CHARACTERS:
        what = Sentence("ファイルが大きすぎます。分けてください。", "The file is too large: split it.")
        source.problems.append(source.problem("too_large", (), what))
        return source
    if (place := _too_many_brackets(source)) is not None:
        what = Sentence("括弧が閉じないまま続いています。", "Too many brackets are opened and not closed.")
        source.problems.append(Problem("too_deep", place, what, source=source.line(place)[:200]))
        return source
    if (conflict := unmerged(source.lines, file)) is not None:
        source.problems.append(conflict)
        return source
    try:
        node = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        source.problems.append(explain(error, source.file, source.lines))
        return source
    except (YAMLError, ValueError, RecursionError) as error:
        place = Place(file)
        what = Sentence("YAML として読めません。", f"This cannot be read as YAML: {error}")
        source.problems.append(Problem("yaml", place, what, source=source.line(place)))
        return source
    if node is None:
        source.values[()] = (1, 1)
        source.problems.append(source.problem("empty", (), Sentence("ファイルが空です。", "The file is empty.")))
        return source
    source.value = _plain(source, node, (), 0)
    return source


def _too_many_brackets(source: Source) -> Place | None:
    """Return where too many brackets are open, those in texts too."""
    depth = 0
    for number, line in enumerate(source.lines, 1):
        for found in _BRACKET.finditer(line):
            depth = depth + 1 if found.group() in "[{" else max(0, depth - 1)
            if depth > _MAX_BRACKETS:
                return Place(source.file, number, found.start() + 1)
    return None


def _plain(source: Source, node: Node, path: Path, depth: int) -> Any:
    if path not in source.values:
        source.values[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
    if node.anchor is not None:
        # A few lines of anchors can stand for millions of values; no flow needs them.
        what = Sentence("「&」と「*」による共有は使えません。", "Sharing by & and * cannot be used.")
        remedy = Sentence(
            "文章なら引用符で囲み、共有は snippets: で行ってください。", "Quote a text; share texts under snippets:."
        )
        source.problems.append(source.problem("yaml_anchor", path, what, remedy))
        return None
    if depth > _MAX_DEPTH:
        what = Sentence("字下げが深すぎます。", "The nesting is too deep.")
        source.problems.append(source.problem("too_deep", path, what))
        return None
    if isinstance(node, MappingNode):
        return _mapping(source, node, path, depth)
    if isinstance(node, SequenceNode):
        return [_plain(source, item, (*path, index), depth + 1) for index, item in enumerate(node.value)]
    if isinstance(node, ScalarNode):
        _cut_text(source, node, path)
        return _scalar(node)
    return None


def _cut_text(source: Source, node: ScalarNode, path: Path) -> None:
    """Warn of a Japanese text after which a # stands at once: YAML reads nothing of what follows, and says nothing."""
    if node.style is not None or node.value.isascii() or node.end_mark is None:
        return
    line = source.lines[node.end_mark.line] if node.end_mark.line < len(source.lines) else ""
    if (hash_ := _TIGHT_HASH.match(line[node.end_mark.column :])) is not None:
        what = Sentence(
            f"「{hash_.group(1)[:20]}」から後ろは読まれないため、文章が途中で切れます。",
            f"Nothing from “{hash_.group(1)[:20]}” on is read, so the text is cut.",
        )
        remedy = Sentence(
            '文章なら全体を " と " で囲み、覚え書きなら「#」のあとに半角スペースを入れてください。',
            'Put the whole text between " and "; put a space after the # of a remark.',
        )
        source.problems.append(source.problem("text_cut", path, what, remedy, severity="warning"))


def _mapping(source: Source, node: MappingNode, path: Path, depth: int) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, ScalarNode) else str(key_node.tag)
        here = (*path, key)
        spot = (key_node.start_mark.line + 1, key_node.start_mark.column + 1)
        if key in found:
            first = source.keys[here][0]
            source.keys[here] = spot
            what = Sentence(
                f"「{key}」が二回書かれています（一回目は {first} 行目）。",
                f"“{key}” is written twice (first in line {first}).",
            )
            remedy = Sentence("どちらか一つを消してください。", "Remove one of the two.")
            source.problems.append(source.problem("duplicate_key", here, what, remedy, key=True))
            continue
        source.keys[here] = spot
        if isinstance(value_node, ScalarNode) and not value_node.value and value_node.style is None:
            source.values[here] = spot  # nothing is written: YAML would point at the line after
        found[key] = _plain(source, value_node, here, depth + 1)
    return found


def _scalar(node: ScalarNode) -> Any:
    text: str = node.value
    tag = str(node.tag)
    if node.style in {"'", '"', "|", ">"} or tag.endswith(":str"):
        return text
    if tag.endswith(":null"):
        return None
    if tag.endswith(":bool"):
        return _BOOL.get(text, text)
    if tag.endswith(":int") and _INT.fullmatch(text):
        number = WrittenInt(text)
        number.written = text
        return number
    if tag.endswith(":float") and _FLOAT.fullmatch(text):
        decimal = WrittenFloat(text)
        decimal.written = text
        return decimal
    return text
