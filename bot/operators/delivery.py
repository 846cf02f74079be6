"""`madoguchi deliveries`, `broadcasts` and `friends`: what operators look at and set right from the command line. Numbers only."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from bot.delivery.outcome import Status
from bot.operators.shown import at, opened, table

if TYPE_CHECKING:
    from bot.config import Settings

LISTED = 50


@click.group()
def deliveries() -> None:
    """What was sent to residents and what stands still: list, show, retry, release."""


@deliveries.command("list")
@click.option("--status", multiple=True, type=click.Choice([status.value for status in Status]), help="Only these.")
@click.option("--limit", default=LISTED, show_default=True, help="At most so many, the newest first.")
def list_deliveries(status: tuple[str, ...], limit: int) -> None:
    """List deliveries, newest first."""
    from bot.delivery import inspection

    with opened() as (_, database), database.read() as connection:
        rows = inspection.recent(connection, [Status(name) for name in status], limit)
    headings = ("id", "status", "kind", "purpose", "resident", "tries", "result", "written")
    table(headings, [_summary(row) for row in rows])


@deliveries.command("show")
@click.argument("number", type=int)
def show_delivery(number: int) -> None:
    """Show one delivery with all its attempts."""
    from bot.cli import stop
    from bot.delivery import inspection

    with opened() as (_, database), database.read() as connection:
        try:
            row, attempts = inspection.one(connection, number)
        except LookupError as error:
            stop(str(error.args[0]))
    for name, value in row._mapping.items():  # noqa: SLF001 - SQLAlchemy's documented name
        click.echo(f"{name:16} {at(value) if isinstance(value, dt.datetime) else value}")
    table(
        ("try", "at", "verdict", "HTTP", "LINE's request id"),
        [(one.number, at(one.at), one.verdict, one.http_status or "-", one.line_request_id or "-") for one in attempts],
    )


@deliveries.command("retry")
@click.argument("numbers", type=int, nargs=-1, required=True)
def retry(numbers: tuple[int, ...]) -> None:
    """Send again what failed or has no verdict, as a message of its own."""
    from bot.cli import NOT_READY
    from bot.crypto import Vault
    from bot.delivery import inspection
    from bot.now import Now

    failed = 0
    with opened() as (settings, database):
        vault = Vault(settings.encryption_keys)
        for number in numbers:
            try:
                with database.write() as connection:
                    again = inspection.send_again(connection, vault, number, Now()())
            except inspection.CannotSend as error:
                failed += 1
                click.echo(str(error), err=True)
            else:
                click.echo(f"{number} is sent again as {again}")
    if failed:
        raise SystemExit(NOT_READY)


@deliveries.command("release")
@click.argument("numbers", type=int, nargs=-1)
def release(numbers: tuple[int, ...]) -> None:
    """Let held deliveries go now (all of them without numbers), and stale ones by number."""
    from bot.delivery import inspection
    from bot.now import Now

    with opened() as (_, database), database.write() as connection:
        click.echo(f"{inspection.release(connection, numbers, Now()())} released")


@click.group()
def broadcasts() -> None:
    """Messages to many: list, show, pause, resume, stop."""


@broadcasts.command("list")
def list_broadcasts() -> None:
    """List broadcasts, newest first."""
    from sqlalchemy import select

    from bot.models import Broadcast

    with opened() as (_, database), database.read() as connection:
        rows = connection.execute(select(Broadcast.__table__).order_by(Broadcast.id.desc()).limit(LISTED)).all()
    table(
        ("id", "status", "to leave at", "residents", "title", "note"),
        [(row.id, row.status, at(row.send_at), row.planned or "-", row.title, row.note or "") for row in rows],
    )


@broadcasts.command("show")
@click.argument("number", type=int)
def show_broadcast(number: int) -> None:
    """Show how far a broadcast is, and what it still needs of the month."""
    from bot.delivery import broadcast
    from bot.delivery.quota import Gauge, gauges

    with _moving(number) as (connection, settings, row):
        report = broadcast.report(connection, number)
        gauge = gauges(connection, settings.quota_reserve).get(row.channel_id, Gauge(None, 0, 0))
        need = broadcast.forecast(connection, number, gauge)
    click.echo(f"{row.title}: {row.status}" + (f" ({row.note})" if row.note else ""))
    for name in ("planned", "accepted", "waiting", "held", "failed", "unknown", "stopped"):
        click.echo(f"{name:10} {getattr(report, name):>10,}")
    for reason, left_out in report.left_out.items():
        click.echo(f"{reason:10} {left_out:>10,} left out")
    click.echo(f"{need}; accepted is what LINE took, not what was read")


@broadcasts.command("pause")
@click.argument("number", type=int)
def pause(number: int) -> None:
    """Let nothing more leave until it is resumed."""
    from bot.delivery import broadcast

    with _moving(number) as (connection, _, _row):
        broadcast.pause(connection, number)
    click.echo(f"{number} is paused")


@broadcasts.command("resume")
@click.argument("number", type=int)
def resume(number: int) -> None:
    """Go on with a broadcast that was paused, held for the quota, or too old."""
    from bot.delivery import broadcast
    from bot.now import Now

    with _moving(number) as (connection, _, _row):
        broadcast.resume(connection, number, Now()())
    click.echo(f"{number} goes on")


@broadcasts.command("stop")
@click.argument("number", type=int)
@click.confirmation_option(prompt="What has not left will never be sent. Stop it?", help="Do not ask.")
def stop_broadcast(number: int) -> None:
    """End a broadcast for good."""
    from bot.delivery import broadcast
    from bot.now import Now

    with _moving(number) as (connection, _, _row):
        broadcast.stop(connection, number, Now()())
    click.echo(f"{number} is stopped")


@click.group()
def friends() -> None:
    """The account's friends: bring in those from before this installation."""


@friends.command("import")
@click.option("--channel", default="main", show_default=True, help="The channel, by its name in the settings.")
def import_friends(channel: str) -> None:
    """Enter everybody whom LINE lists as a friend (verified and premium accounts)."""
    from bot import audience
    from bot.cli import stop
    from bot.line.channels import Channels
    from bot.line.client import LineClient
    from bot.now import Now

    with opened() as (settings, database):
        client = LineClient.from_settings(settings)
        if not client.knows(channel):
            stop(f"the settings name no channel {channel}")
        known = Channels(database, [one for one in settings.channels if one.name == channel], Now())
        read = 0
        try:
            for read in audience.import_friends(client, database, channel, known.only().id, Now()):
                click.echo(f"\r{read:,} friends", nl=False)
        except audience.FriendsUnknown as error:
            stop(str(error))
        finally:
            client.close()
        click.echo(f"\r{read:,} friends entered")


@contextmanager
def _moving(number: int) -> Iterator[tuple[Any, Settings, Any]]:
    """Open a transaction with one broadcast; end with a sentence when it cannot be treated so."""
    from bot.cli import stop
    from bot.delivery import broadcast

    with opened() as (settings, database):
        try:
            with database.write() as connection:
                yield connection, settings, broadcast.find(connection, number)
        except broadcast.NotPossible as error:
            stop(str(error))


def _summary(row: Any) -> tuple[Any, ...]:
    who, said = row.reference or "-", row.last_result or "-"
    return row.id, row.status, row.kind, row.purpose, who, row.attempts, said, at(row.created_at)
