"""`madoguchi alerts`: who is called when something waits, what was raised, and whether a call arrives."""

from __future__ import annotations

import secrets

import click

from bot.operators.shown import at, opened, table

LISTED = 50


@click.group()
def alerts() -> None:
    """Calling staff outside the console: the roster, what was raised, and a trial call."""


@alerts.command("list")
@click.option("--limit", default=LISTED, show_default=True, help="At most so many, the newest first.")
def list_alerts(limit: int) -> None:
    """List what was raised, who took it on, and how the calls went."""
    from bot.alerts.inspection import recent

    with opened() as (_, database), database.read() as connection:
        found = recent(connection, limit)
    table(
        ("id", "state", "level", "kind", "service", "raised", "calls sent", "waiting", "failed", "last trouble"),
        [
            (
                one.id, one.state, one.level, one.kind, one.service, at(one.raised_at),
                one.sent, one.waiting, one.failed, one.trouble or "-",
            )
            for one in found
        ],
    )  # fmt: skip


@alerts.command("acknowledge")
@click.argument("number", type=int)
def acknowledge_alert(number: int) -> None:
    """Take one on from here: nobody is called any more."""
    from bot.alerts import acknowledge
    from bot.cli import stop
    from bot.now import Now

    with opened() as (_, database), database.write() as connection:
        first = acknowledge(connection, Now()(), number)
    if not first:
        stop(f"{number} is not open")
    click.echo(f"{number} is taken on")


@alerts.command("roster")
def show_roster() -> None:
    """Show who is called, of what and when."""
    from bot.alerts.roster import everybody, hours
    from bot.crypto import Vault

    with opened() as (settings, database), database.read() as connection:
        contacts = everybody(connection, Vault(settings.encryption_keys))
    table(
        ("id", "level", "service", "hours", "by", "name"),
        [
            (
                one.id, one.level, one.service or "all", hours(one),
                "+".join(way for way, given in (("mail", one.email), ("webhook", one.hook)) if given), one.name,
            )
            for one in contacts
        ],
    )  # fmt: skip


@alerts.command("add")
@click.argument("name")
@click.option("--email", help="Where mails go.")
@click.option("--webhook", help="Where signed webhooks go (https://).")
@click.option("--secret", help="What signs them; one is made up and shown when you give none.")
@click.option("--service", help="Only of this service (its folder in flows/, or platform); otherwise of every one.")
@click.option("--level", type=click.IntRange(1, 3), default=1, show_default=True, help="1 is called first.")
@click.option("--weekdays", default="1234567", show_default=True, help="1 is Monday.")
@click.option(
    "--hours", "written", default="00:00-24:00", show_default=True, help="In Japan's time; 21:00-07:00 may be."
)
@click.option("--urgent-only", is_flag=True, help="Only when it is urgent.")
def add_contact(
    name: str, email: str | None, webhook: str | None, secret: str | None, service: str | None, level: int,
    weekdays: str, written: str, urgent_only: bool,
) -> None:  # fmt: skip
    """Enter somebody in the roster."""
    from bot.alerts import roster
    from bot.cli import BAD_SETTINGS, stop
    from bot.config import is_loopback
    from bot.crypto import Vault
    from bot.now import Now

    made_up = secrets.token_urlsafe(24) if webhook and not secret else None
    hook = roster.Hook(webhook, secret or made_up or "") if webhook else None
    with opened() as (settings, database):
        try:
            since, until = roster.minutes(written)
            contact = roster.Contact(
                name, email, hook, service, None, level, urgent_only, weekdays, from_minute=since, till_minute=until
            )
            roster.check(contact, loopback=is_loopback(settings.line_api_base))
        except roster.NotAContact as error:
            stop(str(error), BAD_SETTINGS)
        with database.write() as connection:
            number = roster.add(connection, Vault(settings.encryption_keys), contact, Now()())
    click.echo(f"{name} is on the roster as {number}")
    if made_up:
        click.echo(f"the secret that signs its webhooks, shown this once: {made_up}")


@alerts.command("remove")
@click.argument("number", type=int)
def remove_contact(number: int) -> None:
    """Take somebody off the roster."""
    from bot.alerts import roster
    from bot.cli import stop

    with opened() as (_, database), database.write() as connection:
        found = roster.remove(connection, number)
    if not found:
        stop(f"there is no {number} on the roster")
    click.echo(f"{number} is off the roster")


@alerts.command("try")
@click.option("--service", default="platform", show_default=True, help="As if something waited at this service.")
@click.option("--urgent", is_flag=True, help="As if it were urgent.")
def try_alert(service: str, urgent: bool) -> None:
    """Raise a trial alert: whoever is on call now should be called within seconds."""
    from bot.alerts import raise_alert
    from bot.now import Now

    with opened() as (_, database), database.write() as connection:
        key = f"trial:{secrets.token_hex(8)}"
        number = raise_alert(connection, Now()(), kind="trial", service=service, key=key, urgent=urgent)
    click.echo(f"{number} is raised; see `madoguchi alerts list`")
