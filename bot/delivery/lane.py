"""A lane: workers that deliver side by side to different residents, and in sequence to each of them."""

from __future__ import annotations

import datetime as dt
import queue
import threading
import time
from collections import deque
from collections.abc import Callable
from itertools import count

import structlog

from bot.delivery.outbox import Dispatch, Result
from bot.delivery.outcome import Status

log = structlog.get_logger(__name__)

_Ready = tuple[int, int, int | None]
"""Urgency, turn and resident: what a worker takes up next."""


class Lane:
    """`deliver` makes the attempts and has their outcome stored; `put_back` returns to the outbox what must wait behind another.

    With `by_urgency` the most urgent resident is served first, otherwise the one who has waited longest.
    """

    def __init__(
        self,
        name: str,
        workers: int,
        deliver: Callable[[Dispatch], Result | None],
        put_back: Callable[[Dispatch, dt.datetime], None],
        *,
        by_urgency: bool,
    ) -> None:
        self._name = name
        self._size = workers
        self._deliver = deliver
        self._put_back = put_back
        self._lines: dict[int, deque[Dispatch]] = {}
        self._ready: queue.SimpleQueue[_Ready] | queue.PriorityQueue[_Ready]
        self._ready = queue.PriorityQueue() if by_urgency else queue.SimpleQueue()
        self._turns = count()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []
        self._idle = 0
        self._closing = False

    def add(self, dispatch: Dispatch) -> None:
        """Queue one dispatch; after the end it is left to its lease and to another sender."""
        with self._lock:
            if self._closing:
                return
            line = self._lines.get(dispatch.resident_id)
            if line is not None:
                line.append(dispatch)
                return
            self._lines[dispatch.resident_id] = deque([dispatch])
            self._start_worker()
            self._ready.put((dispatch.priority, next(self._turns), dispatch.resident_id))

    def backlog(self) -> int:
        """Return for how many residents something is on its way."""
        return len(self._lines)

    def finish(self, deadline: float) -> None:
        """Send what was handed over until `deadline` (monotonic seconds), then stop."""
        while self._lines and time.monotonic() < deadline:
            time.sleep(0.02)
        with self._lock:
            self._closing = True
        for _ in self._threads:
            self._ready.put((-1, next(self._turns), None))
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))

    def _start_worker(self) -> None:
        if len(self._threads) < self._size and self._idle <= self._ready.qsize():
            thread = threading.Thread(target=self._work, name=f"{self._name}-{len(self._threads)}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        while True:
            self._idle += 1
            _, _, resident_id = self._ready.get()
            self._idle -= 1
            if resident_id is None:
                return
            self._serve(resident_id)

    def _serve(self, resident_id: int) -> None:
        dispatch, result = self._lines[resident_id][0], None
        try:
            result = self._deliver(dispatch)
        except Exception as error:  # noqa: BLE001 - a worker must outlive a bug; the row stays leased and is swept
            log.error("delivery.crashed", delivery=dispatch.id, error=type(error).__name__)
        again_at = result.again_at if result is not None and result.status is Status.WAITING else None
        behind: list[Dispatch] = []
        with self._lock:
            line = self._lines[resident_id]
            line.popleft()
            if again_at is not None:
                behind = list(line)
                line.clear()
            if line:
                self._ready.put((line[0].priority, next(self._turns), resident_id))
            else:
                del self._lines[resident_id]
        for waiting in behind:
            self._put_back(waiting, again_at or waiting.lease_until)
