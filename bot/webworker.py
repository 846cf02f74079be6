"""gunicorn's gevent worker, with two changes for connections that a router keeps open.

When it is told to stop it ends the idle ones at once: they would hold up every stop for the whole graceful timeout. And it closes
each after some requests: who accepts connections first keeps them, so that one of several processes may have all of them while the
others idle; opened anew, they go to those with time to take them.
"""

from __future__ import annotations

from types import TracebackType
from typing import Any, Literal, Self

import gevent
from gunicorn.workers.ggevent import GeventWorker

REQUESTS_A_CONNECTION = 32


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

    def handle_request(self, listener_name: Any, req: Any, sock: Any, addr: Any) -> None:
        """Answer one request; the last one of its connection says so to the other side."""
        if self.cfg.workers > 1 and req.req_number >= REQUESTS_A_CONNECTION:
            req.force_close()
        super().handle_request(listener_name, req, sock, addr)

    def timeout_ctx(self) -> _Idle:
        """Return the context in which gunicorn waits for a connection's next request."""
        return _Idle(self.cfg.keepalive, self._waits)

    def notify(self) -> None:
        """Tell gunicorn's master that this worker lives; called every second, also while it stops."""
        super().notify()
        if not self.alive:
            for wait in list(self._waits):
                wait.end()
