"""Small numbers in tables: a cell that could point at a person is hidden, with enough of the rest that it cannot be worked out."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

Row = TypeVar("Row", bound=Hashable)
Column = TypeVar("Column", bound=Hashable)
Cell = tuple[int, int]
Grid = Sequence[Sequence[int]]


@dataclass(frozen=True, slots=True)
class Shown(Generic[Row, Column]):
    """A table as it may be told: cells, sums of rows and columns and the sum of all; None where nothing is told."""

    rows: Sequence[Row]
    columns: Sequence[Column]
    cells: Mapping[tuple[Row, Column], int | None]
    row_sums: Mapping[Row, int | None]
    column_sums: Mapping[Column, int | None]
    total: int | None


def suppress(
    counts: Mapping[tuple[Row, Column], int], rows: Sequence[Row], columns: Sequence[Column], least: int
) -> Shown[Row, Column]:
    """Return the table with every number from 1 to `least` - 1 hidden, and enough others that no hidden one follows from the sums.

    Which sums of columns are hidden depends on these sums alone, so that tables of the same people by other rows (areas, age
    bands, days) hide the same ones and do not betray each other.
    """
    grid = _with_sums([[counts.get((row, column), 0) for column in columns] for row in rows], len(columns) + 1)
    hidden = _hidden(grid, least)
    told = [
        [None if (at, below) in hidden else number for below, number in enumerate(line)] for at, line in enumerate(grid)
    ]
    return Shown(
        rows,
        columns,
        {(row, column): told[at][below] for at, row in enumerate(rows) for below, column in enumerate(columns)},
        {row: told[at][-1] for at, row in enumerate(rows)},
        {column: told[-1][below] for below, column in enumerate(columns)},
        told[-1][-1],
    )


def _with_sums(cells: list[list[int]], width: int) -> list[list[int]]:
    lines = [[*line, sum(line)] for line in cells]
    return [*lines, [sum(line[below] for line in lines) for below in range(width)]]


def _hidden(grid: Grid, least: int) -> set[Cell]:
    bottom = len(grid) - 1
    hidden = {
        (at, below) for at, line in enumerate(grid[:-1]) for below, number in enumerate(line) if 0 < number < least
    }
    hidden |= {(bottom, below) for below in _hidden_sums(grid[-1], least)}
    while (betrayed := next(_betrayed(hidden), None)) is not None:
        open_ = [(at, below) for at in range(bottom) for below in range(len(grid[0])) if (at, below) not in hidden]
        if not open_:
            break
        hidden.add(_cover(grid, hidden, betrayed, open_))
    return hidden


def _hidden_sums(sums: Sequence[int], least: int) -> set[int]:
    """Return which of the columns' sums (the last is the sum of all) are hidden: small ones, and another if only one is."""
    hidden = {at for at, number in enumerate(sums) if 0 < number < least}
    others = [at for at in range(len(sums) - 1) if at not in hidden]
    if len(hidden) == 1 and others:
        hidden.add(min(others, key=lambda at: sums[at] or 1 << 30))
    return hidden


def _betrayed(hidden: set[Cell]) -> Iterator[Cell]:
    """Yield the hidden cells whose number follows from the sums.

    Take rows and columns as the points of a graph and hidden cells as its edges: the sums leave a cell open exactly when it lies on
    a circle of hidden cells (around it numbers can go up and down in turn).
    """
    for cell in sorted(hidden):
        if ("column", cell[1]) not in _side(hidden - {cell}, ("row", cell[0])):
            yield cell


def _side(edges: set[Cell], start: tuple[str, int]) -> set[tuple[str, int]]:
    """Return the rows and columns that hidden cells connect with `start`."""
    seen, ahead = {start}, [start]
    while ahead:
        kind, at = ahead.pop()
        joined = (
            ("column", below) if kind == "row" else ("row", row)
            for row, below in edges
            if (row if kind == "row" else below) == at
        )
        fresh = [point for point in joined if point not in seen]
        seen.update(fresh)
        ahead += fresh
    return seen


def _cover(grid: Grid, hidden: set[Cell], betrayed: Cell, open_: Sequence[Cell]) -> Cell:
    """Return the cell to hide next: best one that closes a circle around the betrayed one, then one of its row or column.

    Among these the smallest number, sums after others, zeros last: that costs the reader least.
    """
    edges = hidden - {betrayed}
    near, far = _side(edges, ("row", betrayed[0])), _side(edges, ("column", betrayed[1]))

    def cost(cell: Cell) -> tuple[bool, bool, bool, int]:
        ends = ("row", cell[0]), ("column", cell[1])
        closes = (ends[0] in near and ends[1] in far) or (ends[0] in far and ends[1] in near)
        beside = any(end in near | far for end in ends)
        number = grid[cell[0]][cell[1]]
        return not closes, not beside, cell[1] == len(grid[0]) - 1, number or 1 << 30

    return min(open_, key=cost)
