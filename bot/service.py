"""What a resident service gives the platform: actions that flows call by name, and jobs that the clock visits."""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection

from bot.consulting import Consulting
from bot.crypto import Lookup, Vault
from bot.delivery.outbox import Outbox
from bot.flow.action import ActionSpec, Registry
from bot.flow.book import Book
from bot.flow.talk import ActionResult, Json
from bot.imports import ImportKind
from bot.jobs import Task


@dataclass(frozen=True, slots=True)
class Caller:
    """The resident on whose behalf an action runs."""

    id: int
    channel_id: int
    reference: str
    language: str | None


@dataclass(frozen=True, slots=True)
class ActionContext:
    """What an action may use: the transaction of the turn and nothing outside the database.

    `book` and `services` are this installation's, `public_url` the address of its own pages, where it has any.
    """

    connection: Connection
    resident: Caller
    now: dt.datetime
    town: Mapping[str, Json]
    vault: Vault
    lookup: Lookup
    book: Book | None = None
    services: Sequence[Service] = ()
    public_url: str | None = None


ActionFunction = Callable[[ActionContext, Mapping[str, Json]], ActionResult]


@dataclass(frozen=True, slots=True)
class Action:
    """An action's promise and the function that keeps it."""

    spec: ActionSpec
    run: ActionFunction


class Missed(StrEnum):
    """What a job wants when ticks passed while no clock ran."""

    EACH = "each"
    LATEST = "latest"
    SKIP = "skip"


Compose = Callable[[str, str | None, Mapping[str, Json]], Sequence[dict[str, Any]]]
"""Writes a message as a flow says it: the flow's name, the resident's language, its values; returns LINE message objects."""


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a job may use at one tick: a transaction of at most 1,000 rows, the outbox, and the town's own variables."""

    connection: Connection
    scheduled_for: dt.datetime
    now: dt.datetime
    outbox: Outbox
    town: Mapping[str, Json]
    compose: Compose
    book: Book | None = None
    public_url: str | None = None


@dataclass(frozen=True, slots=True)
class Job:
    """Work the clock starts: `cron` holds APScheduler's cron fields in Asia/Tokyo.

    `run` does one transaction's worth and returns whether more of the same is left.
    """

    name: str
    cron: Mapping[str, str | int]
    run: Callable[[JobContext], bool]
    missed: Missed = Missed.LATEST


Tell = Callable[[Connection, int, str], Sequence[str]]
"""Returns what a service keeps about a resident (by id), one line per thing, in the language given."""


@dataclass(frozen=True, slots=True)
class Upcoming:
    """Something a resident will be told later: what it is about, when (aware), and a key by which they stop it.

    Without a key it is not stopped by itself, only with its `topic` or where it comes from.
    """

    key: str
    title: str
    at: dt.datetime
    topic: str | None = None


@dataclass(frozen=True, slots=True)
class Ahead:
    """How a service that keeps reminders of its own shows them in 「通知の設定」, and stops one.

    `tell` takes a resident's id and language, `stop` a resident's id and a key. `topics` returns the topics in which a resident
    may be written to though nothing can be told ahead: they can be stopped like any other.
    """

    tell: Callable[[Connection, int, str], Sequence[Upcoming]]
    stop: Callable[[Connection, int, str], bool]
    topics: Callable[[Connection, int], Collection[str]] = lambda _connection, _resident_id: ()


@dataclass(frozen=True, slots=True)
class Service:
    """One resident service. Importing its module also declares its tables."""

    name: str
    actions: Sequence[Action] = ()
    jobs: Sequence[Job] = ()
    check: Callable[[Book], list[str]] = lambda _book: []
    """Returns what the flows and the town's settings lack for this service, one sentence each."""

    tasks: Sequence[Task] = ()
    """Work that its actions and jobs defer."""

    own_data: Tell = lambda _connection, _resident_id, _language: ()
    """Tells residents what is stored about them besides what they filed; asked by 自分のデータ."""

    release: Callable[[ActionContext], int] = lambda _context: 0
    """Lets go what is bound to a resident's account, so that it can be registered anew; returns how many things it was."""

    imports: Sequence[ImportKind] = ()
    """Kinds of files that staff may hand in for it."""

    ahead: Ahead | None = None
    """What it will tell residents later from tables of its own; what flows `remind` of is known anyway."""

    consulting: Consulting | None = None
    """How it uses the desk, where its flows hand over to people."""

    pages: str | None = None
    """The module of its console pages, imported only where the console is served."""

    public: str | None = None
    """The module of pages for everybody (a form for facilities): `public_pages(runtime)` returns their blueprint."""

    sample: str | None = None
    """The module that fills a demo's database with sample data, imported only there."""

    title: str | None = None
    """What staff call it (「子ども相談」); its name, where nothing is said."""


Witness = Callable[[str, ActionContext, ActionResult], None]
"""Is told what an action answered, by its name."""


class Services:
    """All services of this installation."""

    def __init__(self, services: Sequence[Service]) -> None:
        self.all = tuple(services)
        self.registry = Registry(action.spec for service in services for action in service.actions)
        self._run = {action.spec.name: action.run for service in services for action in service.actions}
        self._witness: Witness | None = None

    def action(self, name: str) -> ActionFunction:
        """Return the function behind an action's name."""
        run, witness = self._run[name], self._witness
        if witness is None:
            return run

        def watched(context: ActionContext, arguments: Mapping[str, Json]) -> ActionResult:
            result = run(context, arguments)
            witness(name, context, result)
            return result

        return watched

    def title_of(self, name: str) -> str:
        """Return what staff call a service."""
        titles = {service.name: service.title or service.name for service in self.all}
        return titles.get(name, _PLATFORM if name == "platform" else name)

    def watch(self, witness: Witness) -> None:
        """Let `witness` see what every action answers: for a demo, never for a town's real residents."""
        self._witness = witness

    def check(self, book: Book) -> list[str]:
        """Return what the flows and the town's settings lack for the services."""
        return [sentence for service in self.all for sentence in service.check(book)]

    @property
    def jobs(self) -> list[Job]:
        """Return the jobs of all services."""
        return [job for service in self.all for job in service.jobs]

    @property
    def import_kinds(self) -> list[ImportKind]:
        """Return the kinds of files that the services take."""
        return [kind for service in self.all for kind in service.imports]

    def import_kind(self, name: str) -> ImportKind | None:
        """Return the kind of file of that name."""
        return next((kind for kind in self.import_kinds if kind.name == name), None)

    @property
    def tasks(self) -> list[Task]:
        """Return the deferred work of all services."""
        return [task for service in self.all for task in service.tasks]


_PLATFORM = "システム"
"""What staff call what belongs to no service."""

OWN = ("bot.owndata", "bot.reminders", "bot.campaigns", "bot.desk.service")
"""What the platform does for residents itself, in the form of a service."""


def load_services(package: str) -> Services:
    """Import the platform's own services and those that `package` lists in SERVICES; each module has a `service`."""
    names: Sequence[str] = [*OWN, *importlib.import_module(package).SERVICES]
    return Services([importlib.import_module(name).service for name in names])
