"""`madoguchi jobs`: what works in the background, and beginning again what was given up."""

from __future__ import annotations

import click

from bot.jobs.inspection import STATUSES
from bot.operators.shown import at, opened, table

LISTED = 50


@click.group()
def jobs() -> None:
    """Work in the background: list it, and begin again what was given up."""


@jobs.command("list")
@click.option("--status", multiple=True, type=click.Choice(STATUSES), help="Only these.")
@click.option("--limit", default=LISTED, show_default=True, help="At most so many, the failed ones first.")
def list_jobs(status: tuple[str, ...], limit: int) -> None:
    """List jobs: the failed with class and place of their last error."""
    from bot.jobs.inspection import listed

    with opened() as (_, database), database.read() as connection:
        found = listed(connection, status, limit)
    table(
        ("id", "status", "job", "tries", "due", "error", "place"),
        [
            (
                one.id, one.status, one.task, one.attempts, at(one.due_at) if one.due_at else "now",
                one.error or "-", one.place or "-",
            )
            for one in found
        ],
    )  # fmt: skip


@jobs.command("retry")
@click.argument("numbers", type=int, nargs=-1)
@click.option("--all", "every", is_flag=True, help="All that were given up.")
def retry(numbers: tuple[int, ...], every: bool) -> None:
    """Begin again failed jobs, by number or all of them."""
    from bot.cli import BAD_SETTINGS, NOT_READY, stop
    from bot.crypto import Vault
    from bot.jobs import jobs_for
    from bot.jobs.inspection import failed_numbers
    from bot.now import Now

    if bool(numbers) == every:
        stop("name the jobs by number, or say --all", BAD_SETTINGS)
    missing = 0
    with opened() as (settings, database):
        queue = jobs_for(database, Vault(settings.encryption_keys), [], Now())
        with database.read() as connection:
            chosen = failed_numbers(connection) if every else list(numbers)
        for number in chosen:
            with database.write() as connection:
                found = queue.begin_again(connection, number)
            missing += not found
            click.echo(f"{number} begins again" if found else f"{number} is no failed job", err=not found)
    if missing:
        raise SystemExit(NOT_READY)
