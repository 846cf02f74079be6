"""`madoguchi richmenu`: draw the menu below the chat as a picture, or put it on the LINE account."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from bot.config import Settings
    from bot.db import Database
    from bot.flow.richmenu import RichMenu

_FOLDER = click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path), default="flows")
_LANGUAGE = click.option("--language", default=None, help="Language of the labels; the town's first one by default.")


@click.group()
def richmenu() -> None:
    """The menu below the chat (flows/richmenu.yaml): its picture, and putting it on LINE."""


@richmenu.command()
@_FOLDER
@_LANGUAGE
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), default="richmenu.png", show_default=True,
    help="Where to write the picture.",
)  # fmt: skip
def draw(folder: Path, language: str | None, out: Path) -> None:
    """Draw the menu's picture into a file."""
    from bot.line.richmenu import draw as picture

    menu, chosen, _ = _read(folder, language)
    out.write_bytes(picture(menu, chosen))
    click.echo(f"{out}: {out.stat().st_size // 1024} KB, {chosen}")


@richmenu.command()
@_FOLDER
@click.option("--language", default=None, help="Only this language, for everybody; otherwise each resident's own.")
@click.option("--channel", default="main", show_default=True, help="Which LINE channel, when there are several.")
def publish(folder: Path, language: str | None, channel: str) -> None:
    """Put the menu on LINE in every language of the town: each resident sees their own, all others the first one's."""
    from bot.config import SettingsError, read_settings
    from bot.db import Database

    menu, first, languages = _read(folder, language)
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    if channel not in {each.name for each in settings.channels}:
        raise click.BadParameter(f"there is no channel {channel!r}", param_hint="--channel")
    database = Database(settings.database_url)
    try:
        done = _publish(settings, database, channel, menu, languages if language is None else [first])
    finally:
        database.close()
    for spoken, number in done.items():
        click.echo(
            f"{number} is now the menu in {spoken}" + (", shown to everybody else too" if spoken == first else "")
        )
    click.echo("Residents who chose a language see theirs within minutes of a running installation.")
    click.echo("LINE shows it when a chat is opened anew, within about a minute; LINE on computers shows no rich menu.")


def _publish(
    settings: Settings, database: Database, channel: str, menu: RichMenu, languages: Sequence[str]
) -> Mapping[str, str]:
    """Put the menu on LINE, note it for those who link residents to it, and take away one that nobody here knows."""
    from bot import menus
    from bot.line.channels import Channels
    from bot.line.client import LineClient
    from bot.line.richmenu import draw as picture
    from bot.line.richmenu import menu_object
    from bot.line.richmenu_publishing import NotAccepted, publish_menus, remove
    from bot.now import Now

    client = LineClient.from_settings(settings)
    try:
        ready = {language: (menu_object(menu, language), picture(menu, language)) for language in languages}
        known = Channels(database, [one for one in settings.channels if one.name == channel], Now()).only()
        api = client.sdk(channel)
        done = publish_menus(api, settings.line_data_base, ready, languages[0])
        with database.write() as connection:
            ours = menus.known(connection, known.id)
            menus.published(connection, known.id, done.menus, languages[0], Now())
        if done.before is not None and done.before not in ours:
            remove(api, done.before)
    except NotAccepted as error:
        raise click.ClickException(str(error)) from error
    finally:
        client.close()
    return done.menus


def _read(folder: Path, language: str | None) -> tuple[RichMenu, str, list[str]]:
    from bot.flow import report
    from bot.flow.lint import check
    from bot.flow.load import RICH_MENU, load

    loaded = load(folder)
    own = [each for each in check(loaded) if each.place.file.endswith(RICH_MENU) and each.severity == "error"]
    if own:
        raise click.ClickException(report.text(own, "ja"))
    if loaded.richmenu is None:
        raise click.ClickException(f"there is no {RICH_MENU} in {folder}")
    languages = list(loaded.book.town.languages)
    if language is not None and language not in languages:
        raise click.BadParameter(f"one of {', '.join(languages)}", param_hint="--language")
    return loaded.richmenu[0], language or languages[0], languages
