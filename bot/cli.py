"""The command `madoguchi`. Each subcommand imports what it needs when it runs, so that `--help` answers at once."""

from __future__ import annotations

import importlib
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

import click

if TYPE_CHECKING:
    from bot.config import Settings

NOT_READY = 1
BAD_SETTINGS = 2

_ELSEWHERE = {
    "simulator": ("bot.simulator.cli", "simulator", "Run a stand-in for LINE on this machine."),
    "flows": ("bot.workbench", "flows", "Check, test and show the flows."),
    "richmenu": ("bot.operators.richmenu", "richmenu", "Draw the menu below the chat, or put it on LINE."),
    "deliveries": ("bot.operators.delivery", "deliveries", "List, show, retry and release what is sent to residents."),
    "broadcasts": ("bot.operators.delivery", "broadcasts", "List, show, pause, resume and stop messages to many."),
    "staff": ("bot.operators.staff", "staff", "Enter, list, reset and import who may sign in to the console."),
    "audit": ("bot.operators.audit", "audit", "Verify and export the log of what staff did."),
    "friends": ("bot.operators.delivery", "friends", "Enter the account's friends from before this installation."),
    "jobs": ("bot.operators.jobs", "jobs", "List the work in the background, and begin again what was given up."),
    "alerts": (
        "bot.operators.alerts",
        "alerts",
        "See who is called when something waits, and try whether it reaches them.",
    ),
    "demo": ("bot.demo.cli", "demo", "Open the whole product on this machine, without a LINE account."),
}
"""Subcommands that live in modules of their own: where, and their line in the help."""


def _elsewhere() -> dict[str, tuple[str, str, str]]:
    """Return these, and those the services' package lists in COMMANDS."""
    package = importlib.import_module(os.environ.get("MADOGUCHI_SERVICES") or "handlers")
    return {**getattr(package, "COMMANDS", {}), **_ELSEWHERE}


class LazyGroup(click.Group):
    """A group whose larger subcommands are imported only when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return all names, in order."""
        return sorted([*super().list_commands(ctx), *_elsewhere()])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command, importing it if it lives elsewhere."""
        elsewhere = _elsewhere()
        if cmd_name not in elsewhere:
            return super().get_command(ctx, cmd_name)
        module, name, _ = elsewhere[cmd_name]
        command: click.Command = getattr(importlib.import_module(module), name)
        return command

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; what an operator can mend ends it with a sentence instead of a traceback."""
        try:
            return super().invoke(ctx)
        except Exception as error:
            sentence = _sentence_for(error)
            if sentence is None:
                raise
            stop(sentence)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the list of commands without importing them."""
        rows, elsewhere = [], _elsewhere()
        for name in self.list_commands(ctx):
            here = super().get_command(ctx, name)
            rows.append((name, here.get_short_help_str(80) if here else elsewhere[name][2]))
        with formatter.section("Commands"):
            formatter.write_dl(rows)


def _sentence_for(error: Exception) -> str | None:
    """Return what to do about an error that lies in the installation; None for one of ours."""
    from bot.db import is_unavailable
    from bot.editions import FlowsBroken, NothingPublished

    if isinstance(error, FlowsBroken | NothingPublished):
        return str(error)
    if not is_unavailable(error):
        return None
    reason = str(getattr(error, "orig", None) or error).partition("\n")[0]
    return f"The database does not answer: check DATABASE_URL and that the server runs. ({reason})"


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="madoguchi")
def main() -> None:
    """Madoguchi: the town-hall counter on LINE."""


def stop(message: str, code: int = NOT_READY) -> NoReturn:
    """End the command with a sentence on standard error."""
    click.echo(message, err=True)
    sys.exit(code)


def settings_or_stop() -> Settings:
    """Read the settings, or end with everything that is missing."""
    from bot.config import SettingsError, read_settings

    try:
        return read_settings(os.environ)
    except SettingsError as error:
        stop(str(error), BAD_SETTINGS)


@main.command()
def web() -> None:
    """Serve webhooks (gunicorn). On SQLite this one process is worker and clock too."""
    settings_or_stop()
    executable = os.path.join(os.path.dirname(sys.executable), "gunicorn")  # noqa: PTH118, PTH120 - a symlinked python must not be resolved
    os.execv(executable, [executable, "--config", "python:bot.serve", "bot.app:from_environment()"])  # noqa: S606 - our own server


@main.command()
def worker() -> None:
    """Send what is due to residents and work off jobs (PostgreSQL only)."""
    _run_process("worker", clock=False)


@main.command()
def clock() -> None:
    """Visit the ticks of all jobs (PostgreSQL only; two of them are harmless)."""
    _run_process("clock", clock=True)


def _run_process(process: str, *, clock: bool) -> None:
    settings = settings_or_stop()
    if settings.on_sqlite:
        stop(
            f"On SQLite the web process is {process} too: set DATABASE_URL to PostgreSQL before you start a `{process}`."
        )
    from bot import logs
    from bot import process as background
    from bot.startup import obstacle

    if (sentence := obstacle(settings)) is not None:
        stop(f"Madoguchi cannot start: {sentence}")
    logs.set_up()
    background.run(settings, process, clock=clock)


@main.group()
def db() -> None:
    """The database: bring it to the code's revision, or see where it stands."""


@db.command("upgrade")
def db_upgrade() -> None:
    """Create or bring up to date all tables (the release phase of a PaaS)."""
    from bot import migrate

    before, after = migrate.upgrade(_database())
    click.echo(f"database at {after}" + ("" if before == after else f" (was {before or 'empty'})"))


@db.command("current")
def db_current() -> None:
    """Say which revision the database has; exit code 1 when it is not the code's."""
    from bot import migrate

    with _database().read() as connection:
        found = migrate.current(connection)
    click.echo(f"database at {found or 'nothing (empty)'}, code at {migrate.head()}")
    if found != migrate.head():
        sys.exit(NOT_READY)


@db.command("copy")
@click.argument("source")
@click.argument("target")
def db_copy(source: str, target: str) -> None:
    """Copy everything from one database (its URL) into another, empty one, and compare row by row."""
    _run_elsewhere("bot.operators.database", "copy_database", source, target)


def _run_elsewhere(module: str, name: str, *arguments: object) -> None:
    """Run what stands on this module, by name as the groups above: it cannot be imported here."""
    getattr(importlib.import_module(module), name)(*arguments)


def _database() -> Any:
    from bot.config import normalised_database_url
    from bot.db import Database
    from bot.service import load_services

    load_services(os.environ.get("MADOGUCHI_SERVICES") or "handlers")
    # Not through a pooler: an upgrade takes locks for as long as it lasts.
    url = os.environ.get("DATABASE_DIRECT_URL") or os.environ.get("DATABASE_URL") or "sqlite:///madoguchi.db"
    return Database(normalised_database_url(url))


@main.group()
def keys() -> None:
    """Keys for encryption and look-ups."""


@keys.command("new")
def keys_new() -> None:
    """Print a fresh key for ENCRYPTION_KEYS or LOOKUP_KEYS."""
    from bot.crypto import new_key

    click.echo(new_key())


@keys.command("rotate")
@click.option("--check", is_flag=True, help="Only say what is left to do.")
def keys_rotate(check: bool) -> None:
    """Seal everything again with the newest of ENCRYPTION_KEYS, beside the traffic; stop and begin it at will."""
    _run_elsewhere("bot.operators.keys", "rotate_keys", check)


@main.command()
@click.option(
    "--redelivery", is_flag=True, help="Prove that LINE delivers again: the next message is answered 503 once."
)
@click.option("--channel", default="main", show_default=True, help="The channel whose redelivery is to be proven.")
@click.option("--wait", "seconds", default=600, show_default=True, help="How many seconds to wait for the proof.")
def doctor(redelivery: bool, channel: str, seconds: int) -> None:
    """Say in one screen what is wrong with this deployment; exit code 1 when something is."""
    from bot import doctor as diagnosis

    if not redelivery:
        sys.exit(diagnosis.show(os.environ))
    if channel not in [one.name for one in settings_or_stop().channels]:
        stop(f"the settings name no channel {channel}", BAD_SETTINGS)
    sys.exit(0 if diagnosis.prove_redelivery(os.environ, channel, seconds, click.echo) else NOT_READY)


if __name__ == "__main__":
    main()
