"""`madoguchi richmenu`: draw the menu below the chat as a picture, or put it on the LINE account."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
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

    menu, chosen = _read(folder, language)
    out.write_bytes(picture(menu, chosen))
    click.echo(f"{out}: {out.stat().st_size // 1024} KB, {chosen}")


@richmenu.command()
@_FOLDER
@_LANGUAGE
@click.option("--channel", default="main", show_default=True, help="Which LINE channel, when there are several.")
def publish(folder: Path, language: str | None, channel: str) -> None:
    """Create the menu on LINE, upload its picture, show it to everybody, and remove the one it replaces."""
    from bot.config import SettingsError, read_settings
    from bot.line.client import LineClient
    from bot.line.richmenu import draw as picture
    from bot.line.richmenu import menu_object
    from bot.line.richmenu_publishing import NotAccepted, publish_menu

    menu, chosen = _read(folder, language)
    try:
        settings = read_settings(os.environ)
    except SettingsError as error:
        raise click.ClickException(str(error)) from error
    if channel not in {each.name for each in settings.channels}:
        raise click.BadParameter(f"there is no channel {channel!r}", param_hint="--channel")
    client = LineClient.from_settings(settings)
    try:
        number, removed = publish_menu(
            client.sdk(channel), settings.line_data_base, menu_object(menu, chosen), picture(menu, chosen)
        )
    except NotAccepted as error:
        raise click.ClickException(str(error)) from error
    finally:
        client.close()
    click.echo(f"{number} is now everybody's menu" + (f"; {removed} was removed" if removed else ""))
    click.echo("LINE shows it when a chat is opened anew, within about a minute; LINE on computers shows no rich menu.")


def _read(folder: Path, language: str | None) -> tuple[RichMenu, str]:
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
    return loaded.richmenu[0], language or languages[0]
