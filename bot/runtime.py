"""One running process: its parts made once from the settings, started and stopped together."""

from __future__ import annotations

import threading
import uuid
from typing import Any

import structlog

from bot.clock import Clock, beat
from bot.config import Settings
from bot.conversation import Reaction, Talks
from bot.crash import crash_at
from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.delivery.outbox import Outbox, Result
from bot.delivery.sender import Sender
from bot.flow.book import Book
from bot.flow.load import Loaded, load
from bot.groupcommit import GroupCommit
from bot.housekeeping import JOBS
from bot.line.channels import Channels
from bot.line.client import LineClient
from bot.now import Now
from bot.reception import Reception
from bot.service import Services, load_services

log = structlog.get_logger(__name__)

CONVERSATION_PATIENCE = 1.2
"""Seconds a conversation's transaction waits for a lock; the webhook is answered within 1.5."""

SWEEP_SECONDS = 1.0
SWEEP_ROWS = 200


class FlowsBroken(Exception):
    """The flows have errors; `madoguchi flows check` explains each of them."""


class Runtime:
    """The parts of one process. `start` begins the background work that this kind of process does."""

    def __init__(self, settings: Settings, now: Now | None = None) -> None:
        self.settings = settings
        self.now = now or Now()
        self.services: Services = load_services(settings.services)
        self.loaded = load_flows(settings, self.services)
        self.database = Database(settings.database_url)
        self.vault = Vault(settings.encryption_keys)
        self.lookup = Lookup(settings.lookup_keys)
        crash = crash_at(settings.crash_at)
        self.client = LineClient.from_settings(settings, crash)
        self.outbox = Outbox(self.vault, uuid.uuid4().hex)
        self.commits = GroupCommit(self.database, CONVERSATION_PATIENCE)
        self.sender = Sender(self.client, self._record, self.now, crash=crash)
        self.talks = Talks(self.book, self.services, self.outbox, self.lookup)
        self.reception = Reception(self.talks, self.commits, self._send, self.now)
        self.clock = Clock(self.database, self.outbox, [*JOBS, *self.services.jobs], self.book, self.now)
        self._stopping = threading.Event()
        self._sweeper: threading.Thread | None = None

    def book(self) -> Book:
        """Return the flows in force."""
        return self.loaded.book

    def channels(self) -> Channels:
        """Enter the channels of the settings in the database and return them."""
        return Channels(self.database, self.settings.channels, self.now)

    def start(self, *, clock: bool, process: str) -> None:
        """Begin sweeping the outbox, and ticking where this process is the clock."""
        if self.settings.on_sqlite:
            with self.database.write() as connection:
                self.outbox.release_all(connection)
        self._sweeper = threading.Thread(target=self._sweep, args=(process,), name="sweep", daemon=True)
        self._sweeper.start()
        if clock:
            self.clock.start()

    def stop(self) -> None:
        """Finish what is under way; what is not finished in time is found by the next sweep."""
        self._stopping.set()
        self.clock.stop()
        if self._sweeper is not None:
            self._sweeper.join(5)
        self.sender.close()
        self.commits.close()
        self.client.close()
        self.database.close()

    def sweep(self) -> int:
        """Hand due rows that nobody works on to the sender; return how many."""
        with self.database.read() as connection:
            if not self.outbox.any_due(connection, self.now()):
                return 0
        with self.database.write() as connection:
            taken = self.outbox.take(connection, self.now(), SWEEP_ROWS)
        self.sender.hand_over(taken)
        return len(taken)

    def _sweep(self, process: str) -> None:
        rounds = 0
        while not self._stopping.wait(SWEEP_SECONDS):
            try:
                self.sweep()
                if rounds % 20 == 0:
                    with self.database.write() as connection:
                        beat(connection, process, self.now())
            except Exception as error:  # noqa: BLE001 - the sweep must outlive any fault: what a crash left is found by nobody else
                log.warning("sweep.failed", error=type(error).__name__)
            rounds += 1

    def _send(self, reaction: Reaction) -> None:
        self.sender.hand_over(reaction)

    def _record(self, result: Result) -> Any:
        return self.commits.submit(self.outbox.record, result)


def load_flows(settings: Settings, services: Services) -> Loaded:
    """Load the flows of this installation. Raises FlowsBroken when they have errors or lack what a service needs."""
    loaded = load(settings.flows, services.registry)
    errors = [problem for problem in loaded.problems if problem.severity == "error"]
    if errors:
        raise FlowsBroken(
            f"{settings.flows} has {len(errors)} errors; run `madoguchi flows check`. The first: {errors[0]}"
        )
    if lacking := services.check(loaded.book):
        raise FlowsBroken(f"{settings.flows} lacks: " + "; ".join(lacking))
    return loaded
