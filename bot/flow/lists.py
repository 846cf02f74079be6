"""Lists that staff keep as CSV beside a flow (what goes into which bin): read forgivingly, searched the way people ask."""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from bot.flow.problems import Place, Problem, Sentence
from bot.flow.unmerged import unmerged
from bot.flow.words import fold

SUFFIX = ".csv"
ROWS_MOST = 3_000
NEAREST = 8
_NEAR_ENOUGH = 0.4
_APART = re.compile(r"[・、,;；/／|\s]+")
_HEADING = re.compile(r"[a-z][a-z0-9_]*(:[a-z]{2,3}(-[A-Za-z]{2,8})*)?")
_LARGE = str.maketrans("ぁぃぅぇぉっゃゅょゎ", "あいうえおつやゆよわ", "ーｰ-‐")


def _sound(text: str) -> str:
    """Return a name as it is compared: ソファー, そふぁ and ｿﾌｱ are one."""
    return fold(text).translate(_LARGE)


def _pairs(sound: str) -> Counter[str]:
    return Counter(sound[at : at + 2] for at in range(len(sound) - 1)) or Counter([sound])


@dataclass(frozen=True)
class Listing:
    """One list: rows as column → text. `name` is the column residents see and search, `words` are further names."""

    file: str
    rows: tuple[Mapping[str, str], ...] = ()
    columns: tuple[str, ...] = ()

    def row(self, name: str) -> Mapping[str, str] | None:
        """Return the row called `name`, None when there is none (any more)."""
        return self._rows.get(name)

    def in_(self, name: str, language: str) -> dict[str, str]:
        """Return the columns of a row in `language`; those not written per language, or not translated, stand as they are."""
        row = self.row(name) or {}
        plain = {column: text for column, text in row.items() if ":" not in column}
        return {column: row.get(f"{column}:{language}") or text for column, text in plain.items()}

    def exact(self, text: str) -> str | None:
        """Return the name of the one row that `text` names."""
        return self._exact.get(_sound(text))

    def nearest(self, text: str) -> list[str]:
        """Return the names of at most eight rows near to `text`, best first."""
        wanted = _sound(text)
        if not wanted:
            return []
        pairs = _pairs(wanted)
        scores = ((self._score(wanted, pairs, entry), number) for number, entry in enumerate(self._index))
        best = sorted((-score, number) for score, number in scores if score >= _NEAR_ENOUGH)
        return list(dict.fromkeys(self._index[number][1] for _, number in best))[:NEAREST]

    @staticmethod
    def _score(wanted: str, pairs: Counter[str], entry: tuple[str, str, Counter[str]]) -> float:
        sound, _, own = entry
        if len(sound) >= 2 and (wanted in sound or sound in wanted):
            return 1 + min(len(sound), len(wanted)) / max(len(sound), len(wanted))
        return 2 * (pairs & own).total() / (pairs.total() + own.total())

    @cached_property
    def _rows(self) -> dict[str, Mapping[str, str]]:
        return {row["name"]: row for row in reversed(self.rows)}

    @cached_property
    def _index(self) -> list[tuple[str, str, Counter[str]]]:
        return [(sound, row["name"], _pairs(sound)) for row in self.rows for sound in _sounds(row)]

    @cached_property
    def _exact(self) -> dict[str, str]:
        """Return what each sound can only mean: a word of several rows means none of them, unless it is one's name."""
        meant: dict[str, set[str]] = {}
        for sound, name, _ in self._index:
            meant.setdefault(sound, set()).add(name)
        return {sound: names.pop() for sound, names in meant.items() if len(names) == 1} | {
            _sound(row["name"]): row["name"] for row in self.rows
        }


def _sounds(row: Mapping[str, str]) -> Iterator[str]:
    names = [text for column, text in row.items() if column.split(":")[0] == "name"]
    words = [word for column, text in row.items() if column.split(":")[0] == "words" for word in _APART.split(text)]
    yield from dict.fromkeys(found for found in map(_sound, (*names, *words)) if found)


@dataclass
class _Reading:
    file: str
    lines: list[str]
    problems: list[Problem] = field(default_factory=list)

    def note(self, code: str, line: int, ja: str, en: str) -> None:
        source = self.lines[line - 1] if 0 < line <= len(self.lines) else ""
        self.problems.append(Problem(code, Place(self.file, line), Sentence(ja, en), source=source))


def decode(content: bytes) -> str:
    """Return the text of a CSV as spreadsheets save it: UTF-8, or the Shift_JIS of a Japanese Windows.

    Raises UnicodeDecodeError when it is neither.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp932")


def read_list(text: str, file: str) -> tuple[Listing, list[Problem]]:
    """Read a CSV whose first line names the columns; what is wrong comes back with its line."""
    reading = _Reading(file, text.splitlines())
    if (conflict := unmerged(reading.lines, file)) is not None:
        return Listing(file), [conflict]
    reader = csv.reader(io.StringIO(text, newline=""))
    headings = [heading.strip() for heading in next(reader, [])]
    if not _headings(reading, headings):
        return Listing(file), reading.problems
    rows = []
    seen: dict[str, int] = {}
    for cells in reader:
        line = reader.line_num
        if not any(cell.strip() for cell in cells):
            continue
        row = dict(zip(headings, (cell.strip() for cell in cells), strict=False))
        if _row(reading, line, cells, headings, seen):
            rows.append(row)
    if len(rows) > ROWS_MOST:
        ja, en = f"一覧は{ROWS_MOST}行までです（いま{len(rows)}行）。", f"At most {ROWS_MOST} rows (now {len(rows)})."
        reading.note("too_many_rows", 1, ja, en)
    elif not rows:
        reading.note("empty", 1, "一覧に行がありません。", "The list has no rows.")
    return Listing(file, tuple(rows[:ROWS_MOST]), tuple(headings)), reading.problems


def _headings(reading: _Reading, headings: list[str]) -> bool:
    wrong = [heading for heading in headings if not _HEADING.fullmatch(heading)]
    if "name" not in headings:
        ja = "1行目の見出しに「name」の列がありません。住民に見せる名前の列を「name」にしてください。"
        reading.note(
            "no_name_column", 1, ja, "The first line has no column “name”: call the names residents see “name”."
        )
    elif wrong:
        shown = "」「".join(wrong)
        ja = f"見出し「{shown}」は使えません。半角の英小文字と _ で書き、訳は「how:en」のように書きます。"
        reading.note(
            "bad_heading", 1, ja, f"Headings are small letters, translations like how:en; not {', '.join(wrong)}."
        )
    elif len(set(headings)) < len(headings):
        reading.note("duplicate_heading", 1, "同じ見出しが二つあります。", "Two columns have the same heading.")
    return not reading.problems


def _row(reading: _Reading, line: int, cells: list[str], headings: list[str], seen: dict[str, int]) -> bool:
    if len(cells) != len(headings):
        ja = (
            f'列が{len(cells)}個あります（見出しは{len(headings)}個）。文章の中の「,」は " で囲んだ中に書いてください。'
        )
        reading.note(
            "wrong_columns", line, ja, f"{len(cells)} cells under {len(headings)} headings: quote texts with commas."
        )
        return False
    name = cells[headings.index("name")].strip()
    if not name:
        reading.note("no_name", line, "「name」が空です。", "The cell “name” is empty.")
        return False
    if name in seen:
        ja, en = (
            f"「{name}」が二回あります（一回目は {seen[name]} 行目）。",
            f"“{name}” is there twice (first in line {seen[name]}).",
        )
        reading.note("duplicate_name", line, ja, en)
        return False
    seen[name] = line
    return True
