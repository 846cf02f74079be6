"""A file as rows of cells: which characters it is written in, what stands between its cells, where its headings are."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

CELL_CHARACTERS = 32_767
"""What a cell of a spreadsheet holds at most; a longer one means that a quotation mark was never closed."""

_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")
_DELIMITERS = "\t,;"
_END_OF_FILE = "\x1a"
"""What hosts write behind the last row."""

LOST = "\N{REPLACEMENT CHARACTER}"


class Unusable(Exception):
    """The whole file cannot be read; `trouble` is a code of bot.imports.sentences, with its detail behind a colon."""

    def __init__(self, trouble: str) -> None:
        super().__init__(trouble)
        self.trouble = trouble


@dataclass(frozen=True, slots=True)
class Record:
    """One line of the table, numbered as a spreadsheet numbers it."""

    number: int
    cells: list[str]


def encoding_of(pieces: Iterable[bytes]) -> str:
    """Return in which characters a file is written: what its first bytes say, else UTF-8 if all of it is, else CP932.

    Raises Unusable for what is no text.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    number = 0
    for number, piece in enumerate(pieces, 1):
        if number == 1:
            if piece.startswith(_WORKBOOKS):
                raise Unusable("spreadsheet")
            if (marked := next((name for bom, name in _BOMS if piece.startswith(bom)), None)) is not None:
                return marked
            if b"\0" in piece:
                raise Unusable("binary")
        try:
            decoder.decode(piece)
        except UnicodeDecodeError:
            return "cp932"
    if number == 0:
        raise Unusable("empty")
    try:
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp932"
    return "utf-8"


def delimiter_of(source: io.RawIOBase, encoding: str) -> str:
    """Return what stands between the cells, by the first line."""
    first = next(_lines(source, encoding), "")
    return max(_DELIMITERS, key=lambda one: (first.count(one), one == ","))


def records(source: io.RawIOBase, encoding: str, delimiter: str) -> Iterator[Record]:
    """Yield the rows that are not empty; line breaks may stand within quotation marks. Raises Unusable where it breaks off."""
    csv.field_size_limit(CELL_CHARACTERS)
    number = 0
    reader = csv.reader(_lines(source, encoding), delimiter=delimiter)
    try:
        for number, cells in enumerate(reader, 1):
            stripped = [_bare(cell.strip()) for cell in cells]
            if any(stripped) and stripped != [_END_OF_FILE]:
                yield Record(number, stripped)
    except csv.Error:
        raise Unusable(f"damaged:{number + 1}") from None
    if number == 0:
        raise Unusable("empty")


def _bare(cell: str) -> str:
    """Return what ="0012" is written for: so systems keep a spreadsheet from eating zeros."""
    return cell[2:-1] if cell[:2] == '="' and cell[-1] == '"' and len(cell) > 2 else cell


def _lines(source: io.RawIOBase, encoding: str) -> Iterator[str]:
    # What CP932 cannot read is marked and told cell by cell; the rest of the file stays readable.
    return io.TextIOWrapper(io.BufferedReader(source, 1 << 18), encoding, errors="replace", newline="")


def named(cells: Iterable[str]) -> list[str]:
    """Return the headings; one that comes again gets a number, so that each names one column."""
    found: list[str] = []
    for place, cell in enumerate(cells, 1):
        heading = " ".join(cell.split())[:80] or f"（{place}列目）"
        count, name = 1, heading
        while name in found:
            count += 1
            name = f"{heading}（{count}）"
        found.append(name)
    return found


def places(headings: Iterable[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Return where each column's cell stands. Raises Unusable when a heading of the mapping is not there."""
    at = {heading: place for place, heading in enumerate(headings)}
    for heading in mapping.values():
        if heading not in at:
            raise Unusable(f"heading_missing:{heading[:40]}")
    return {column: at[heading] for column, heading in mapping.items()}
