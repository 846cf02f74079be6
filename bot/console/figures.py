"""Counts over millions of rows that a page shows: counted in the background, so that nobody who opens a page waits for one.

What counts quickly is counted anew for each page. What takes long is counted when a process starts and again beside the pages,
for no more than a fiftieth of the time; pages show it as it was last counted.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Connection

from bot.db import Database

QUICK_SECONDS, SAME_SECONDS, REST = 0.05, 60.0, 50.0
"""What takes longer than the first is counted in the background: again after so many seconds, or so many times what it took."""

Counted = TypeVar("Counted")


@dataclass(slots=True)
class Figure(Generic[Counted]):
    """One count: how it is made, what it was, when that was and how long it took."""

    count: Callable[[Connection], Counted]
    value: Counted | None = None
    at: float | None = None
    took: float = 0.0

    @property
    def is_quick(self) -> bool:
        """Tell whether a page may count it itself."""
        return self.at is not None and self.took < QUICK_SECONDS

    def is_due(self, now: float) -> bool:
        """Tell whether it is to be counted in the background."""
        return self.at is None or (not self.is_quick and now - self.at >= max(SAME_SECONDS, REST * self.took))


class Figures:
    """The counts of one process. `renew` is called again and again in the background."""

    def __init__(self, database: Database, clock: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._clock = clock
        self._figures: dict[str, Figure[Any]] = {}
        self._renewed = False

    def add(self, name: str, count: Callable[[Connection], Any]) -> None:
        """Enter a count."""
        self._figures[name] = Figure(count)

    def read(self, name: str, connection: Connection) -> Any:
        """Return what was counted, not to be changed; None while it is counted for the first time."""
        figure = self._figures[name]
        # Where nothing runs in the background, as in a command, there is nobody to leave it to.
        if figure.is_quick or not self._renewed:
            self._count(figure, connection)
        return figure.value

    def renew(self) -> None:
        """Count what is new, and what takes long and is old."""
        self._renewed = True
        for figure in self._figures.values():
            if figure.is_due(self._clock()):
                with self._database.read() as connection:
                    self._count(figure, connection)

    def _count(self, figure: Figure[Any], connection: Connection) -> None:
        begun = self._clock()
        figure.value = figure.count(connection)
        figure.at = self._clock()
        figure.took = figure.at - begun
