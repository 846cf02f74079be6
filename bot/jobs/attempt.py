"""One attempt at a job, and what follows from it; the same rules for every queue."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import orjson
import structlog

from bot.crypto import Vault
from bot.jobs.task import Arguments, NotYet, Task, TaskContext
from bot.logs import place_of

log = structlog.get_logger(__name__)

ARGUMENTS = "jobs.arguments"
"""The place to which arguments are bound while they wait."""

BACKOFF = (2, 5, 15, 60, 300, 900, 3600)
"""Seconds before the next try after an error, by number of tries; the last goes on."""


@dataclass(frozen=True, slots=True)
class Done:
    """The job is over and forgotten."""


@dataclass(frozen=True, slots=True)
class Again:
    """The job is tried again after `seconds`."""

    seconds: float


@dataclass(frozen=True, slots=True)
class GivenUp:
    """The job is kept as failed: the error's class and place, never its message."""

    error: str
    place: str


Outcome = Done | Again | GivenUp


class Attempts:
    """Runs tasks by name."""

    def __init__(self, tasks: Iterable[Task], vault: Vault) -> None:
        self.tasks: Mapping[str, Task] = {task.name: task for task in tasks}
        self._vault = vault

    def seal(self, uid: str, arguments: Arguments) -> bytes:
        """Encrypt the arguments of the job `uid`."""
        return self._vault.seal(ARGUMENTS, uid, orjson.dumps(dict(arguments)))

    def run(self, context: TaskContext, name: str, uid: str, sealed: bytes, tried: int) -> Outcome:
        """Try the job once; `tried` counts the attempts before this one, those that a crash cut short too."""
        task = self.tasks.get(name)
        if task is None:
            return GivenUp("UnknownTask", name)
        if tried >= task.tries:
            return GivenUp("CutShort", name)
        last_try = tried + 1 == task.tries
        try:
            task.run(replace(context, last_try=last_try), orjson.loads(self._vault.open(ARGUMENTS, uid, sealed)))
        except NotYet as waiting:
            return GivenUp("NotYet", place_of(waiting)) if last_try else Again(waiting.seconds)
        except Exception as error:  # noqa: BLE001 - whatever a task meets, the pool goes on and the job is told
            log.warning("job.failed", job=name, error=type(error).__name__, place=place_of(error), count=tried + 1)
            if last_try:
                return GivenUp(type(error).__name__[:120], place_of(error))
            return Again(BACKOFF[min(tried, len(BACKOFF) - 1)])
        return Done()
