"""Counts of pages: nobody who opens a page waits for one that takes long, and none grows old."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from bot.console.figures import QUICK_SECONDS, SAME_SECONDS, Figures
from bot.db import Database
from tests.console.client import Hall


class Watch:
    """A clock that goes on by what a count takes."""

    def __init__(self, takes: float) -> None:
        self.takes = takes
        self.seconds = 0.0
        self.counted = 0

    def __call__(self) -> float:
        return self.seconds

    def count(self, connection: Connection) -> int:
        assert connection.closed is False
        self.seconds += self.takes
        self.counted += 1
        return self.counted


def figures_of(database: Database, takes: float) -> tuple[Figures, Watch]:
    watch = Watch(takes)
    figures = Figures(database, watch)
    figures.add("everything", watch.count)
    return figures, watch


def seen(figures: Figures, database: Database) -> Any:
    with database.read() as connection:
        return figures.read("everything", connection)


def test_a_quick_count_is_made_for_every_page(hall: Hall) -> None:
    figures, watch = figures_of(hall.database, QUICK_SECONDS / 2)
    figures.renew()
    assert [seen(figures, hall.database) for _ in range(3)] == [2, 3, 4]
    watch.seconds += 10 * SAME_SECONDS
    figures.renew()
    assert watch.counted == 4


def test_no_page_waits_for_a_count_that_takes_long(hall: Hall) -> None:
    figures, watch = figures_of(hall.database, 1.0)
    figures.renew()
    assert [seen(figures, hall.database) for _ in range(3)] == [1, 1, 1]
    watch.seconds += SAME_SECONDS - 2
    figures.renew()
    assert seen(figures, hall.database) == 1
    watch.seconds += 2
    figures.renew()
    assert seen(figures, hall.database) == 2


def test_a_count_takes_no_more_than_a_fiftieth_of_the_time(hall: Hall) -> None:
    figures, watch = figures_of(hall.database, 10.0)
    figures.renew()
    watch.seconds += 499
    figures.renew()
    assert watch.counted == 1
    watch.seconds += 1
    figures.renew()
    assert watch.counted == 2


def test_a_page_says_so_while_it_is_counted_for_the_first_time(hall: Hall) -> None:
    figures, watch = figures_of(hall.database, 1.0)
    figures.renew()
    figures.add("more", watch.count)
    with hall.database.read() as connection:
        assert figures.read("more", connection) is None


def test_where_nothing_runs_in_the_background_a_page_counts(hall: Hall) -> None:
    figures, _watch = figures_of(hall.database, 1.0)
    assert [seen(figures, hall.database) for _ in range(2)] == [1, 2]


def test_a_process_prepares_its_pages_beside_its_work(town_hall: Hall) -> None:
    for one in town_hall.runtime.beside:
        one.do()
    assert town_hall.console.extensions["flows checked"][0] == town_hall.runtime.editions.published()[0]
    assert town_hall.console.extensions["babel"].instance.domain_instance.of("en")
