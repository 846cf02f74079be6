"""Small recurring work of one process (sweeping, looking for new editions, a sign of life), in one background thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

log = structlog.get_logger(__name__)

STEP_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Round:
    """Something to do every so many seconds, for the first time `first` seconds after the start."""

    name: str
    every: float
    do: Callable[[], object]
    first: float = 0.0


class Rounds:
    """Goes its rounds until it is stopped; a fault in one is logged and met again at the next."""

    def __init__(self, rounds: Sequence[Round]) -> None:
        self._rounds = rounds
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._go, name="rounds", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the round under way."""
        self._stopping.set()
        if self._thread.is_alive():
            self._thread.join(5)

    def _go(self) -> None:
        due = {one.name: time.monotonic() + one.first for one in self._rounds}
        while not self._stopping.wait(STEP_SECONDS):
            for one in self._rounds:
                if time.monotonic() >= due[one.name]:
                    due[one.name] = time.monotonic() + one.every
                    self._do(one)

    @staticmethod
    def _do(one: Round) -> None:
        try:
            one.do()
        except Exception as error:  # noqa: BLE001 - what recurs must outlive any fault: nobody else would find what it finds
            log.warning("round.failed", job=one.name, error=type(error).__name__)
