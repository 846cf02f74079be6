"""Submissions as a table for spreadsheets: one flow, one column per question, safe to open, in the characters asked for.

CP932 lacks many characters: each of those is written 〓, and the last column counts them per row.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from bot.crypto import CannotOpen, Vault
from bot.flow.book import Book
from bot.now import TOKYO
from bot.submissions.reading import Line, lines, open_answers

UTF8 = "utf-8"
CP932 = "cp932"
LACKING = "〓"
"""What printers put where they have no type: it stands out, and is never mistaken for what was written."""

_LIKE = str.maketrans({"〜": "～", "−": "－", "—": "―", "‖": "∥", "¢": "￠", "£": "￡", "¬": "￢", "\xa0": " "})
"""The same characters under the numbers by which CP932 knows them."""

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")
_PLAIN_NUMBER = re.compile(r"[-+]?\d+(\.\d+)?")


def guarded(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula.

    >>> guarded("=1+1"), guarded("-5"), guarded("見本")
    ("'=1+1", '-5', '見本')
    """
    return f"'{text}" if text.startswith(_FORMULA) and not _PLAIN_NUMBER.fullmatch(text) else text


def in_cp932(text: str) -> tuple[str, int]:
    """Return the text with what CP932 lacks written 〓, and how many characters that were."""
    likened = text.translate(_LIKE)
    kept = "".join(letter if _has(letter) else LACKING for letter in likened)
    return kept, sum(not _has(letter) for letter in likened)


def _has(letter: str) -> bool:
    try:
        letter.encode(CP932)
    except UnicodeEncodeError:
        return False
    return True


class Table:
    """Writes rows of one flow; `told` names states and sources, `named` staff and residents, in the reader's language."""

    def __init__(
        self,
        book: Book,
        vault: Vault,
        encoding: str,
        headings: Sequence[str],
        told: Callable[[str], str],
        now: dt.datetime,
        language: str = "ja",
    ) -> None:
        self._book = book
        self._vault = vault
        self._encoding = encoding
        self._headings = headings
        self._told = told
        self._now = now
        self._language = language
        self._columns: dict[str, str] = {}

    def begin(self, flow: str) -> bytes:
        """Return the heading; the columns are the questions of the flow as it is now."""
        program = self._book.programs.get(flow)
        if program is not None:
            blank = dict.fromkeys([*program.questions, *program.groups])
            row = _Row(flow, program.revision)
            self._columns = {line.name: line.label for line in lines(self._book, row, blank, self._language, self._now)}
        lacking = [self._told("lacking")] if self._encoding == CP932 else []
        start = b"\xef\xbb\xbf" if self._encoding == UTF8 else b""
        return start + self._written([*self._headings, *self._columns.values(), self._told("others"), *lacking], 0)

    def rows(self, found: Iterable[Any], staff: Mapping[int, str], residents: Mapping[int, str]) -> Iterator[bytes]:
        """Yield the rows; answers to questions that are no longer asked come together in one cell."""
        for row in found:
            yield self._row(row, staff, residents)

    def _row(self, row: Any, staff: Mapping[int, str], residents: Mapping[int, str]) -> bytes:
        try:
            answered = lines(self._book, row, open_answers(self._vault, row), self._language, self._now)
        except CannotOpen:
            answered = [Line("", "", self._told("sealed"))]
        by_name = {line.name: line for line in answered}
        cells = [
            str(row.id),
            f"{row.filed_at.astimezone(TOKYO):%Y-%m-%d %H:%M}",
            self._told(row.source),
            self._told(row.status),
            staff.get(row.assigned_to, ""),
            residents.get(row.resident_id, ""),
        ]
        cells += [self._cell(by_name.get(name)) for name in self._columns]
        others = [line for line in answered if line.name not in self._columns]
        cells.append(
            "\n".join(f"{line.label}：{self._cell(line)}" if line.label else self._cell(line) for line in others)
        )
        return self._written(cells, 1)

    def _cell(self, line: Line | None) -> str:
        if line is None:
            return ""
        place = "" if line.place is None else f"{line.place[0]:.6f},{line.place[1]:.6f}"
        said = line.text or (self._told("file") if line.bundle else "")
        return " ".join(part for part in (said, place) if part)

    def _written(self, cells: Sequence[str], counting: int) -> bytes:
        safe = [guarded(cell) for cell in cells]
        if self._encoding == CP932:
            pairs = [in_cp932(cell) for cell in safe]
            lost = sum(count for _, count in pairs)
            safe = [text for text, _ in pairs] + ([str(lost or "")] if counting else [])
        line = io.StringIO()
        csv.writer(line, lineterminator="\r\n").writerow(safe)
        return line.getvalue().encode(self._encoding)


class _Row:
    """What `lines` needs to know of a row: its flow and revision."""

    def __init__(self, flow: str, revision: str) -> None:
        self.flow = flow
        self.revision = revision
