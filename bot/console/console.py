"""What pages are given: the parts of the running process, and the places where they enter navigation and tiles."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from sqlalchemy import Connection

from bot.console.access import Permission, Person
from bot.console.figures import Figures
from bot.console.rate import Rates
from bot.flow.book import Book
from bot.now import Now
from bot.runtime import Runtime

Words = Any
"""A text, or one that is translated when it is shown (`lazy_gettext`)."""

SECTIONS = ("work", "send", "watch", "manage")
"""The groups of the navigation, in order."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the navigation. `count` returns what waits there, shown beside it when not 0."""

    section: str
    title: Words
    endpoint: str
    permission: Permission
    icon: str
    order: int = 50
    count: Callable[[Connection, Person], int] | None = None


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure on the home page, read for whoever looks. `read` returns None where there is nothing to show.

    `tone`: "", "good", "warning" or "danger".
    """

    title: Words
    permission: Permission
    read: Callable[[Connection, Person], Figure | None]
    order: int = 50


@dataclass(frozen=True, slots=True)
class Figure:
    """What a tile shows: a number or short text, a sentence below it, and where a click leads."""

    value: str | int
    note: Words = ""
    href: str | None = None
    tone: str = ""


@dataclass(frozen=True, slots=True)
class DemoAccount:
    """A sign-in that the demo tells everybody."""

    sign_in: str
    title: str


@dataclass
class Console:
    """One console. Page modules get it in `pages(console)`; in a view use `console()`."""

    runtime: Runtime
    entries: list[Entry] = field(default_factory=list)
    tiles: list[Tile] = field(default_factory=list)
    demo: bool = False
    demo_accounts: Sequence[DemoAccount] = ()
    demo_password: str = ""

    def __post_init__(self) -> None:
        self.database = self.runtime.database
        self.vault = self.runtime.vault
        self.lookup = self.runtime.lookup
        self.now = self.runtime.now
        self.wall = Now()
        """Real time, which the demo does not move: for signing in."""
        self.settings = self.runtime.settings
        self.services = self.runtime.services
        self.jobs = self.runtime.jobs
        self.outbox = self.runtime.outbox
        self.figures = Figures(self.database)
        self.rates = Rates()

    def book(self) -> Book:
        """Return the flows in force."""
        return self.runtime.editions.book()

    def town(self) -> str:
        """Return the town's name, as residents read it."""
        return str(self.book().town_in("ja").get("name") or "まどぐち")

    def navigate(
        self,
        section: str,
        title: Words,
        endpoint: str,
        permission: Permission,
        icon: str = "dot",
        order: int = 50,
        count: Callable[[Connection, Person], int] | None = None,
    ) -> None:
        """Enter a page in the navigation of everyone who may open it. `icon` is a Bootstrap icon's name."""
        self.entries.append(Entry(section, title, endpoint, permission, icon, order, count))

    def tile(
        self,
        title: Words,
        permission: Permission,
        read: Callable[[Connection, Person], Figure | None],
        order: int = 50,
    ) -> None:
        """Put a figure on the home page of everyone who holds `permission`."""
        self.tiles.append(Tile(title, permission, read, order))

    def navigation(self, person: Person) -> Sequence[tuple[str, list[Entry]]]:
        """Return the sections and their entries that `person` may open."""
        mine = sorted((one for one in self.entries if person.may(one.permission)), key=lambda one: one.order)
        grouped = [(section, [one for one in mine if one.section == section]) for section in SECTIONS]
        return [(section, entries) for section, entries in grouped if entries]


def console() -> Console:
    """Return the console that serves this request."""
    found: Console = current_app.extensions["console"]
    return found
