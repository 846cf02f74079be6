"""The first page after signing in: what waits, and how residents get on."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, render_template
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from sqlalchemy import Connection, func, select

from bot.console import usage
from bot.console.access import ALL_SERVICES, SIGNED_IN, Person, allow, person
from bot.console.console import Console, Figure, Tile, console
from bot.models import Reminder
from bot.now import TOKYO

DAYS = 28
"""How far back the charts go."""


def pages(_console: Console) -> Blueprint:
    """Return the home page."""
    blueprint = Blueprint("home", __name__)
    blueprint.add_url_rule("/", view_func=home)
    blueprint.add_url_rule("/tiles", view_func=tiles)
    _console.tile(lazy_gettext("今日これからのお知らせ"), SIGNED_IN, _reminders, order=45)
    return blueprint


def _reminders(connection: Connection, who: Person) -> Figure | None:
    """Return how many reminders of the services `who` looks after leave before midnight."""
    services = frozenset().union(*(grant.services for grant in who.grants))
    tomorrow = (console().now().astimezone(TOKYO) + dt.timedelta(days=1)).replace(
        hour=0, minute=0, second=0, microsecond=0
    )
    due = select(func.count()).select_from(Reminder).where(Reminder.due_at < tomorrow)
    if ALL_SERVICES not in services:
        due = due.where(Reminder.service.in_(services))
    number = connection.execute(due).scalar_one()
    return Figure(number, _("ご本人が頼んだものです。")) if number else None


@allow(SIGNED_IN)
def home() -> str:
    """Show the figures and charts of whoever looks."""
    with console().database.read() as connection:
        counts = usage.read(connection, person(), DAYS)
    return render_template("console/home.html", tiles=_figures(), **counts)


@allow(SIGNED_IN)
def tiles() -> str:
    """Return the figures alone, for the page that stays open all day."""
    return render_template("console/tiles.html", tiles=_figures())


def _figures() -> list[tuple[Tile, Figure]]:
    there, who = console(), person()
    found = []
    with there.database.read() as connection:
        for tile in sorted(there.tiles, key=lambda one: one.order):
            figure = tile.read(connection, who) if who.may(tile.permission) else None
            if figure is not None:
                found.append((tile, figure))
    return found
