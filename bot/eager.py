"""How a greenlet waits for PostgreSQL: it looks whether there is anything to wait for before it asks the event loop.

Most of what a pipeline waits for is there already, and the loop takes as long to say so as the server takes for a row.
"""

from __future__ import annotations

from collections.abc import Generator
from select import POLLIN, POLLOUT
from typing import Any

from gevent import monkey
from psycopg import Connection
from psycopg.waiting import Ready, Wait

# The one that does not wait for other greenlets: it is asked with no time to wait at all.
_poll = monkey.get_original("select", "poll")

_Waiting = Generator[Any, Any, Any]
"""What psycopg does on a connection: it yields what it has to wait for and is sent what is ready."""


class EagerConnection(Connection[Any]):
    """A connection for a process of greenlets."""

    def wait(self, gen: _Waiting, interval: float = 0.1, timeout: float | None = None) -> Any:
        """Let `gen` go as far as it can, and wait as psycopg does where it cannot."""
        return super().wait(_as_far_as_it_goes(gen, self.pgconn.socket), interval, timeout)


def in_greenlets() -> bool:
    """Tell whether this process runs greenlets, in which waiting must not hold up the others."""
    return monkey.is_module_patched("select")


def _as_far_as_it_goes(gen: _Waiting, socket: int) -> _Waiting:
    """Go on with `gen` while `socket` is ready for what it wants; yield only what has to be waited for."""
    look = _poll()
    try:
        wanted = next(gen)
        while True:
            look.register(socket, (POLLIN if wanted & Wait.R else 0) | (POLLOUT if wanted & Wait.W else 0))
            ready = 0
            for _, seen in look.poll(0):
                # An error is something to read: reading tells which.
                ready = (Ready.R if seen & ~POLLOUT else 0) | (Ready.W if seen & POLLOUT else 0)
            while not ready:
                ready = yield wanted
                if not ready:  # the time is up for now: psycopg looks about and wants the same again
                    gen.send(ready)
            wanted = gen.send(ready)
    except StopIteration as end:
        return end.value
