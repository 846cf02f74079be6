"""Keep-alive connections to one host: what a reply costs is mostly the connection it does not have to open."""

from __future__ import annotations

import ssl
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.crash import CrashPoint, no_crash
from bot.line.wire import Answer, Broken, Wire

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 8.0
IDLE_SECONDS = 50.0
MAX_ANSWER_BYTES = 1_000_000

__all__ = ["ANSWER_SECONDS", "CONNECT_SECONDS", "Answer", "Connections"]


@dataclass(slots=True)
class _Idle:
    wire: Wire
    since: float


class Connections:
    """A pool for one base URL, used by many threads or greenlets; every wait is bounded."""

    def __init__(self, base: str, crash: CrashPoint = no_crash, answer_seconds: float = ANSWER_SECONDS) -> None:
        parts = urlsplit(base)
        self._host = parts.hostname or ""
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._authority = parts.netloc.rpartition("@")[2]
        self._prefix = parts.path.rstrip("/")
        self._tls = ssl.create_default_context() if parts.scheme == "https" else None
        self._idle: deque[_Idle] = deque()
        self._lock = threading.Lock()
        self._crash = crash
        self._answer_seconds = answer_seconds

    def post(self, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send `body` and return the answer; whatever the network does becomes an Answer without status."""
        return self._exchange("POST", path, body, headers)

    def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """Ask for a short answer (at most a megabyte of it is read)."""
        return self._exchange("GET", path, b"", headers)

    def _exchange(self, method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        # Head and body in one write, and no header objects: a third of what a request costs.
        request = self._head(method, path, len(body), headers) + body
        try:
            wire = self._take() or Wire(self._host, self._port, self._tls, CONNECT_SECONDS, MAX_ANSWER_BYTES)
        except OSError as error:
            return Answer(None, trouble=f"connect: {type(error).__name__}")
        try:
            wire.send(request, self._answer_seconds)
            if method == "POST":
                self._crash("during_reply")
            answer = wire.receive(self._answer_seconds)
        except (OSError, Broken) as error:
            wire.close()
            return Answer(None, trouble=type(error).__name__)
        if wire.reusable:
            with self._lock:
                self._idle.append(_Idle(wire, time.monotonic()))
        else:
            wire.close()
        return answer

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, deque()
        for entry in idle:
            entry.wire.close()

    def _take(self) -> Wire | None:
        """Return an idle connection that still lives, None when there is none."""
        while True:
            with self._lock:
                entry = self._idle.pop() if self._idle else None
            if entry is None:
                return None
            idle = time.monotonic() - entry.since
            if idle < 1 or (idle < IDLE_SECONDS and not entry.wire.stale()):
                return entry.wire
            entry.wire.close()

    def _head(self, method: str, path: str, length: int, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} {self._prefix}{path} HTTP/1.1", f"Host: {self._authority}", f"Content-Length: {length}"]
        lines.append("Accept-Encoding: identity")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        head = "\r\n".join(lines)
        if head.count("\r") >= len(lines) or head.count("\n") >= len(lines):
            raise ValueError("a header holds a line break: look at the access token")
        return f"{head}\r\n\r\n".encode("latin-1")
