"""gunicorn's gevent worker, with two changes for connections that are kept open.

When it is told to stop it ends the idle ones at once: a router would hold up every stop for the whole graceful timeout. And it
takes few new connections at a time: with gevent's hundred, one of several processes would take and keep all that a router opens.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Literal, Self

import gevent
from gevent.server import StreamServer
from gunicorn.workers.ggevent import GeventWorker

SHARED_ACCEPTS = 8
"""So many connections a process takes before it looks after those it has, where several wait for them."""


class _Idle(gevent.Timeout):
    """The wait for the next request on one connection."""

    def __init__(self, seconds: float, waits: set[_Idle]) -> None:
        super().__init__(seconds, False)  # type: ignore[arg-type]  # gevent: False ends the block in silence
        self._waits = waits
        self._greenlet: Any = None

    def __enter__(self) -> Self:
        self._greenlet = gevent.getcurrent()
        self._waits.add(self)
        super().__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> Literal[True] | None:
        self._waits.discard(self)
        return super().__exit__(kind, value, trace)

    def end(self) -> None:
        """End the wait as if its time were up."""
        gevent.kill(self._greenlet, self)


class WebWorker(GeventWorker):  # type: ignore[misc]  # gunicorn has no types
    """The worker that `bot.serve` names."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._waits: set[_Idle] = set()

    def init_process(self) -> None:
        """Run the process until it ends."""
        if self.cfg.workers > 1:
            StreamServer.max_accept = SHARED_ACCEPTS
        super().init_process()

    def timeout_ctx(self) -> _Idle:
        """Return the context in which gunicorn waits for a connection's next request."""
        return _Idle(self.cfg.keepalive, self._waits)

    def notify(self) -> None:
        """Tell gunicorn's master that this worker lives; called every second, also while it stops."""
        super().notify()
        if not self.alive:
            for wait in list(self._waits):
                wait.end()
