"""A background process (worker or clock): does its work until it is told to stop."""

from __future__ import annotations

import signal
import threading
from types import FrameType

import structlog

from bot.config import Settings
from bot.runtime import Runtime

log = structlog.get_logger(__name__)


def run(settings: Settings, process: str, *, clock: bool) -> None:
    """Run until SIGTERM or SIGINT, then finish what is under way."""
    runtime = Runtime(settings)
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    runtime.start(clock=clock, process=process)
    log.info("process.started", process=process)
    stopping.wait()
    runtime.stop()
    log.info("process.stopped", process=process)
