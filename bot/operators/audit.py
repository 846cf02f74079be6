"""`madoguchi audit`: is the log what was written, and a copy of it to keep elsewhere."""

from __future__ import annotations

import csv
import datetime as dt
import json
import sys

import click

from bot.now import TOKYO
from bot.operators.shown import at, opened


@click.group()
def audit() -> None:
    """The log of what staff did and looked at."""


@audit.command("verify")
@click.option("--head", "known", help="The head printed on an earlier day: the chain must still contain it.")
def verify(known: str | None) -> None:
    """Recompute the chain of seals; exit code 1 when an entry was changed, removed or inserted.

    Prints the head. Kept outside this installation, day by day, it proves later that nothing before it was changed.
    """
    from bot import audit as log
    from bot.cli import stop

    with opened() as (settings, database), database.read() as connection:
        verdict = log.verify(connection, log.keys_of(settings.lookup_keys))
        contained = known is None or log.contains(connection, known)
    if verdict.broken is not None:
        stop(f"The log was changed: {verdict.broken}.")
    if not contained:
        stop(f"The chain no longer contains the seal {known}: what it was made of is not what is there.")
    click.echo(f"{verdict.sealed} entries hold, {verdict.unsealed} are too new to be sealed; head {verdict.head}")


@audit.command("export")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day (in Tokyo); everything when not given.")
def export(since: dt.datetime | None) -> None:
    """Write the log as CSV to standard output, each entry with its seal."""
    from bot import audit as log

    out = csv.writer(sys.stdout)
    out.writerow(("id", "at", "staff_id", "actor", "action", "subject", "service", "detail", "position", "seal"))
    with opened() as (_, database), database.read() as connection:
        for row in log.entries(connection, since.replace(tzinfo=TOKYO) if since else None):
            seal = row.seal.hex() if row.seal else ""
            out.writerow(
                (
                    row.id, at(row.at), row.staff_id, row.actor, row.action, row.subject, row.service,
                    json.dumps(row.detail, ensure_ascii=False), row.position, seal,
                )
            )  # fmt: skip
