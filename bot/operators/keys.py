"""`madoguchi keys rotate`: the encryption of the whole database moved to the newest key, with what is left counted."""

from __future__ import annotations

from collections import Counter

import click

from bot.operators.shown import opened, table

LOOKUPS = """LOOKUP_KEYS: hashes cannot be renewed, for what they were made of is not stored. New ones are made with the newest key;
keep the older key behind it as long as something made with it is in use: links and lock-outs for a week, tax codes until
their next import, posters with signed codes until they are printed anew, the sealed log for as long as it is to be verified."""


def rotate_keys(check: bool) -> None:
    """Renew what older keys have sealed, unless only asked; exit code 1 when something is left."""
    from bot.cli import NOT_READY
    from bot.crypto import Vault
    from bot.rotation import left, rotate

    with opened() as (settings, database):
        vault = Vault(settings.encryption_keys)
        renewed: Counter[str] = Counter()
        if not check:
            for step in rotate(database, vault):
                renewed[step.place] += step.renewed
                click.echo(f"\r{sum(renewed.values()):,} values renewed", nl=False)
            click.echo("\r", nl=False)
        with database.read() as connection:
            remaining = left(connection, vault)
    table(("column", "renewed", "left"), [(name, renewed[name], count) for name, count in sorted(remaining.items())])
    if any(remaining.values()):
        click.echo("something is left: no key in ENCRYPTION_KEYS opens it, or a process still writes with an older key")
    else:
        click.echo("every value is sealed with the newest key: the older ones may leave ENCRYPTION_KEYS")
    click.echo(LOOKUPS)
    if any(remaining.values()):
        raise SystemExit(NOT_READY)
