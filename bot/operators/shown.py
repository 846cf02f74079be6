"""What the operators' commands share: the open database of this installation, and tables of numbers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from bot.now import TOKYO

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.db import Database


@contextmanager
def opened() -> Iterator[tuple[Settings, Database]]:
    """Open the database that the settings name; end with a sentence when they are incomplete."""
    from bot.cli import settings_or_stop
    from bot.db import Database
    from bot.service import load_services

    settings = settings_or_stop()
    load_services(settings.services)
    database = Database(settings.database_url, pool_size=2)
    try:
        yield settings, database
    finally:
        database.close()


def table(headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Print rows in columns as wide as they need."""
    cells = [[str(cell) for cell in row] for row in [headings, *rows]]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    for row in cells:
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def at(moment: dt.datetime) -> str:
    """Return a moment as the wall clock of the town hall shows it."""
    return moment.astimezone(TOKYO).strftime("%Y-%m-%d %H:%M:%S")
