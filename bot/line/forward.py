"""Passes webhooks on to another system of the town (a vendor's), as they came: after they are stored, and never in their way."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass
from urllib.parse import urlsplit

import structlog

from bot.line.connections import Answer, Connections

log = structlog.get_logger(__name__)

WORKERS = 8
MOST_WAITING = 1000
MOST_BYTES = 16_000_000
PAUSES = (1.0, 5.0, 25.0)
"""Seconds before the next tries of a webhook that was not taken; then it is let go."""

ANSWER_SECONDS = 5.0
STOP_SECONDS = 3.0


@dataclass(slots=True)
class _Parcel:
    body: bytes
    signature: str
    tried: int = 0
    due: float = 0.0


class Forwarder:
    """Sends copies to one address from memory: what does not fit is dropped and counted, and a crash loses what waits.

    It is a courtesy to the other system; residents' events are safe with us.
    """

    def __init__(self, channel: str, url: str, *, pauses: tuple[float, ...] = PAUSES) -> None:
        parts = urlsplit(url)
        self._channel = channel
        self._pauses = pauses
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._connections = Connections(f"{parts.scheme}://{parts.netloc}", answer_seconds=ANSWER_SECONDS)
        self._waiting: deque[_Parcel] = deque()
        self._bytes = 0
        self._wake = threading.Condition()
        self._closing = False
        self._threads: list[threading.Thread] = []
        self.dropped = 0

    def pass_on(self, body: bytes, signature: str) -> None:
        """Queue a copy; returns at once."""
        with self._wake:
            self._bytes += len(body)
            self._waiting.append(_Parcel(body, signature))
            while len(self._waiting) > MOST_WAITING or self._bytes > MOST_BYTES:
                self._bytes -= len(self._waiting.popleft().body)
                self._drop()
            self._start()
            self._wake.notify()

    def close(self) -> None:
        """Give what waits a moment to leave, then stop."""
        deadline = time.monotonic() + STOP_SECONDS
        while self._waiting and time.monotonic() < deadline:
            time.sleep(0.05)
        with self._wake:
            self._closing = True
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()) + 0.1)
        self._connections.close()

    def _start(self) -> None:
        if self._threads:
            return
        self._threads = [threading.Thread(target=self._work, name="forward", daemon=True) for _ in range(WORKERS)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while (parcel := self._next()) is not None:
            try:
                self._send(parcel)
            except Exception as error:  # noqa: BLE001 - a worker must outlive whatever the other system does
                log.warning("forward.failed", channel=self._channel, error=type(error).__name__)

    def _next(self) -> _Parcel | None:
        with self._wake:
            while not self._closing:
                now = time.monotonic()
                found = next((parcel for parcel in self._waiting if parcel.due <= now), None)
                if found is not None:
                    self._waiting.remove(found)
                    self._bytes -= len(found.body)
                    return found
                self._wake.wait(0.5 if self._waiting else None)
        return None

    def _send(self, parcel: _Parcel) -> None:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "X-Line-Signature": parcel.signature,
            "User-Agent": "LineBotWebhook/2.0",
        }
        answer: Answer = self._connections.post(self._path, parcel.body, headers)
        if answer.status is not None and answer.status < 500:
            if answer.status >= 300:
                log.warning("forward.refused", channel=self._channel, status=answer.status)
            return
        if parcel.tried >= len(self._pauses):
            self._drop()
            return
        parcel.due = time.monotonic() + self._pauses[parcel.tried]
        parcel.tried += 1
        with self._wake:
            self._waiting.append(parcel)
            self._bytes += len(parcel.body)
            self._wake.notify()

    def _drop(self) -> None:
        self.dropped += 1
        log.warning("forward.dropped", channel=self._channel, count=self.dropped)
