"""What a task is, what it may use, and what a queue of jobs promises: a job is one launching of a task with its arguments."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from sqlalchemy import Connection

from bot.crypto import Vault
from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.line.client import LineClient
from bot.now import Now

Arguments = Mapping[str, Any]
"""What JSON can hold, encrypted while it waits; ids travel, never texts, names or answers."""


class NotYet(Exception):
    """A task raises it when what it waits for is not ready; it is tried again after `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"again in {seconds} seconds")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class TaskContext:
    """What a task may use. It opens its own short transactions and holds none while it waits for anything.

    `last_try` tells that nothing comes after this attempt: whoever waits for the work is to be told now.
    """

    database: Database
    now: Now
    vault: Vault
    outbox: Outbox
    client: LineClient
    last_try: bool = False


@dataclass(frozen=True, slots=True)
class Task:
    """Work by name. It runs at least once per job, so a second run must do no harm.

    An exception means another try later, at most `tries` in all; after the last the job is kept as failed, for staff.
    """

    name: str
    run: Callable[[TaskContext, Arguments], None]
    tries: int = 8


class Jobs(Protocol):
    """A queue of jobs."""

    def defer(
        self,
        connection: Connection,
        task: str,
        arguments: Arguments,
        *,
        key: str | None = None,
        lock: str | None = None,
        priority: int = 0,
        due_at: dt.datetime | None = None,
    ) -> bool:
        """Write a job that is there when the caller's transaction commits; return whether it is new.

        `key` keeps a second one out while the first waits. Jobs of one `lock` never run side by side; such a job cannot have a
        `due_at` too, it would hold up all others of its lock (ValueError). A higher `priority` goes first.
        """

    def drop(self, connection: Connection, key: str) -> bool:
        """Take back the waiting job of that key; return whether there was one. One that runs already is not stopped."""

    def begin_again(self, connection: Connection, number: int) -> bool:
        """Let a failed job wait anew, with all its tries; tell whether there was one of that number.

        Where another one of its key waits already, that one does the work and this one is forgotten.
        """

    def start(self, context: TaskContext) -> None:
        """Begin to work off jobs in the background."""

    def stop(self) -> None:
        """Finish what is under way; what is not finished in time is found by others."""


def check_lock(lock: str | None, due_at: dt.datetime | None) -> None:
    """Raise ValueError for a job with both."""
    if lock is not None and due_at is not None:
        raise ValueError("a job has a lock or a due time: one for later would hold up all others of its lock")
