"""The jobs of imports: each runs a stage in a child process, so that a large file takes neither memory nor time from webhooks."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from bot.child import command, told
from bot.config import Settings
from bot.jobs import Arguments, NotYet, Task, TaskContext

CHECK = "imports.check"
LOAD = "imports.load"
TRIES = 400
"""A child works for a few minutes and is begun again until the file is through."""

MORE, BUSY, AWAY = 70, 71, 72
"""With these a child ends: there is more to do; somebody else is at it; the database is away."""

_WAIT = {MORE: 0.1, BUSY: 5.0, AWAY: 10.0}
CHILD_SECONDS = 420
"""How long a child works; well below the time after which a job is taken for lost."""

GRACE_SECONDS = 120


class ChildDied(Exception):
    """The child ended in a way it never should: out of memory, or killed. It is begun again and goes on where it was."""


def tasks(settings: Settings) -> tuple[Task, Task]:
    """Return the jobs of this installation."""
    run = _runner(settings)
    return Task(CHECK, run, TRIES), Task(LOAD, run, TRIES)


def _runner(settings: Settings) -> Callable[[TaskContext, Arguments], None]:
    def run(context: TaskContext, arguments: Arguments) -> None:
        said = told(settings, context.now, **{"import": arguments["import"], "seconds": CHILD_SECONDS})
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                command("bot.importer"), input=said, timeout=CHILD_SECONDS + GRACE_SECONDS, check=False
            )
        except subprocess.TimeoutExpired:
            raise ChildDied("a stage of an import hung and was ended") from None
        if done.returncode in _WAIT:
            raise NotYet(_WAIT[done.returncode])
        if done.returncode != 0:
            raise ChildDied(f"the child ended with {done.returncode}")

    return run
