"""`madoguchi flows`: the workbench of the flow language, and putting flows in force for this installation."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from bot.flow.action import ActionSpec
from bot.flow.cli import group

if TYPE_CHECKING:
    from bot.db import Database
    from bot.editions import Change, Editions, FlowsBroken, OpenState
    from bot.flow.book import Book

_BY = click.option("--by", default=lambda: os.environ.get("USER", "command line"), help="Who does it, for the record.")
_SAYS = {"new": "新しく加わります", "changed": "変わります", "removed": "なくなります", "same": "変わりません"}
_NOTHING = "まだ何も公開されていません。`madoguchi flows publish` で公開してください。"
_OBEYED = "5秒以内に、すべての画面に反映されます。"


def specs() -> Mapping[str, ActionSpec]:
    """Import the services and return the signatures of their actions."""
    from bot.service import load_services

    return load_services(os.environ.get("MADOGUCHI_SERVICES") or "handlers").registry


def chats(address: str, resident: str) -> Sequence[Mapping[str, Any]]:
    """Return the turns of a resident's chat in the simulator at `address`. Raises LookupError when it cannot be had."""
    from bot.simulator.client import ControlError, Simulator, quote

    try:
        found = Simulator(address).call("GET", f"transcripts/main/{quote(resident)}")
    except ControlError as error:
        raise LookupError(
            f"「{resident}」という住民はシミュレーターにいません。画面に出ている名前のとおりに書いてください（例：'山田 花子'）。"
        ) from error
    except OSError as error:
        raise LookupError(
            f"{address} にシミュレーターがありません。`madoguchi demo` を始めるか、--from で場所を書いてください。"
        ) from error
    moves: Sequence[Mapping[str, Any]] = found["moves"]
    return moves


def today() -> dt.date:
    """Return the day it is in the town."""
    from bot.now import Now

    return Now().tokyo().date()


flows = group(specs, chats, today)


@flows.command(
    "publish", help="フローを公開します。何が変わるか、いま何人が会話中かを示します（put the flows in force）。"
)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default="flows")
@click.option("--dry-run", is_flag=True, help="Only show what would change.")
@_BY
def publish(folder: Path, by: str, *, dry_run: bool) -> None:
    """Show what changes for how many running talks, then publish."""
    from bot.editions import FlowsBroken, read_folder

    with _editions(folder) as (_, editions):
        texts = read_folder(folder)
        try:
            for change in editions.changes(texts, _opener()):
                click.echo(_line(change))
            if dry_run:
                editions.check(texts, strict=True)
                click.echo("このまま公開できます（まだ公開していません）。")
            else:
                number = editions.publish(texts, by, strict=True)
                click.echo(f"公開 {number} にしました。{_OBEYED}")
        except FlowsBroken as error:
            _broken(error)


@flows.command("history", help="公開の履歴を示します（what was in force when）。")
def history() -> None:
    """List the latest fifty activations, in the town's time as the console does."""
    from bot import editions
    from bot.now import TOKYO

    with _editions(Path("flows")) as (database, _), database.read() as connection:
        found = editions.history(connection)
    for number, moment, by in found:
        click.echo(f"{number:>5}  {moment.astimezone(TOKYO):%Y-%m-%d %H:%M:%S}  {by}")
    if not found:
        click.echo(_NOTHING)


@flows.command("rollback", help="前の公開に戻します（put an earlier publication in force again）。")
@click.argument("number", type=int)
@_BY
def rollback(number: int, by: str) -> None:
    """Put an earlier publication in force again."""
    from bot.editions import FlowsBroken

    with _editions(Path("flows")) as (_, editions):
        try:
            editions.activate(number, by)
        except LookupError:
            click.echo(f"公開 {number} はありません。番号は `madoguchi flows history` で確かめてください。", err=True)
            sys.exit(1)
        except FlowsBroken as error:
            _broken(error)
    click.echo(f"公開 {number} に戻しました。{_OBEYED}")


@flows.command("pause", help="サービスを休止し、代わりの連絡先を案内します（pause a service at once）。")
@click.argument("service")
@click.option(
    "--text", "texts", multiple=True, required=True, help="LANGUAGE=TEXT: what residents are told, once per language."
)
@_BY
def pause(service: str, texts: tuple[str, ...], by: str) -> None:
    """Pause a service (`tax`) or one flow (`tax.remind`)."""
    from bot import editions
    from bot.now import Now

    by_language = dict(text.partition("=")[::2] for text in texts)
    if not all(by_language.values()) or "ja" not in by_language:
        click.echo(
            "--text は言語ごとに「ja=文章」の形で、少なくとも ja を書いてください：--text 'ja=ただいま休止しています。…'",
            err=True,
        )
        sys.exit(2)
    with _editions(Path("flows")) as (database, edition), database.write() as connection:
        if not any(name == service or name.startswith(f"{service}.") for name in _in_force(edition).programs):
            click.echo(f"「{service}」というサービスやフローはありません。", err=True)
            sys.exit(2)
        editions.pause(connection, service, by_language, by, Now())
    click.echo(f"「{service}」を休止しました。{_OBEYED}")


@flows.command("resume", help="休止を終えます（end a pause）。")
@click.argument("service")
def resume(service: str) -> None:
    """End the pause of a service or flow."""
    from bot import editions

    with _editions(Path("flows")) as (database, _), database.write() as connection:
        found = editions.resume(connection, service)
    click.echo(f"「{service}」を再開しました。{_OBEYED}" if found else f"「{service}」は休止していませんでした。")


def _in_force(edition: Editions) -> Book:
    """Return the flows in force, or end with a sentence where nothing ever was published."""
    from bot.editions import NothingPublished

    try:
        return edition.book()
    except NothingPublished:
        click.echo(_NOTHING, err=True)
        sys.exit(1)


def _line(change: Change) -> str:
    """Say what becomes of a flow and of the talks under way in it."""
    anew = "終了をお知らせします" if change.kind == "removed" else "はじめからお願いします"
    fates = (
        (change.going_on, "始めたときの内容のまま続きます"),
        (change.taken_over, "新しい内容で続きます"),
        (change.begun_anew, anew),
    )
    told = "、".join(f"{count}人は{fate}" for count, fate in fates if count)
    running = f"会話中の{told}" if change.running and change.kind != "same" else ""
    return f"{change.flow:<32} {_SAYS[change.kind]}{f'（{running}）' if running else ''}"


def _broken(error: FlowsBroken) -> NoReturn:
    """Explain why nothing was published, and end."""
    from bot.flow import report

    click.echo(report.text(error.problems, "ja") if error.problems else str(error), err=True)
    click.echo("公開していません。", err=True)
    sys.exit(1)


def _opener() -> OpenState | None:
    """Return what opens stored states, None where the keys are not at hand."""
    from bot.config import SettingsError, read_settings
    from bot.crypto import Vault

    try:
        vault = Vault(read_settings(os.environ).encryption_keys)
    except SettingsError:
        return None
    return lambda resident, sealed: vault.open("conversations.state", resident, sealed)


def _require_tables(database: Database) -> None:
    """End with a sentence where the database does not answer, or was never made ready for this release."""
    from sqlalchemy.exc import SQLAlchemyError

    from bot import migrate

    try:
        with database.read() as connection:
            behind = migrate.is_behind(migrate.current(connection))
    except SQLAlchemyError as error:
        click.echo(
            f"データベースにつながりません（{type(error).__name__}）。DATABASE_URL を確かめてください。", err=True
        )
        sys.exit(1)
    if behind:
        click.echo("データベースの準備ができていません。先に `madoguchi db upgrade` を実行してください。", err=True)
        sys.exit(1)


@contextmanager
def _editions(folder: Path) -> Iterator[tuple[Database, Editions]]:
    from bot.config import normalised_database_url
    from bot.db import Database
    from bot.editions import Editions
    from bot.now import Now
    from bot.service import load_services

    services = load_services(os.environ.get("MADOGUCHI_SERVICES") or "handlers")
    url = os.environ.get("DATABASE_DIRECT_URL") or os.environ.get("DATABASE_URL") or "sqlite:///madoguchi.db"
    database = Database(normalised_database_url(url))
    try:
        _require_tables(database)
        edition = Editions(database, services, folder, Now())
        edition.refresh()
        yield database, edition
    finally:
        database.close()
