"""`madoguchi db copy`: a whole installation into another database, said table by table."""

from __future__ import annotations

import os

import click


def copy_database(source: str, target: str) -> None:
    """Copy, or end with a sentence that says why not."""
    from bot.cli import BAD_SETTINGS, stop
    from bot.config import normalised_database_url
    from bot.copying import CannotCopy, Copied, copy
    from bot.db import Database
    from bot.now import Now
    from bot.service import load_services

    load_services(os.environ.get("MADOGUCHI_SERVICES") or "handlers")
    if source == target:
        stop("source and target are the same database", BAD_SETTINGS)
    there, here = (Database(normalised_database_url(url), pool_size=2) for url in (source, target))

    def told(one: Copied) -> None:
        if one.rows:
            click.echo(f"{one.table:32} {one.rows:>12,} rows, compared")

    try:
        rows = copy(there, here, Now(), told)
    except CannotCopy as error:
        stop(str(error))
    finally:
        there.close()
        here.close()
    click.echo(f"{rows:,} rows copied; set DATABASE_URL to the new database and start its processes")
