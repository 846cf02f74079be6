"""Keep-alive connections to one host: what a reply costs is mostly the connection it does not have to open."""

from __future__ import annotations

import http.client
import select
import socket
import ssl
import threading
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.crash import CrashPoint, no_crash

CONNECT_SECONDS = 3.0
ANSWER_SECONDS = 8.0
IDLE_SECONDS = 50.0
MAX_ANSWER_BYTES = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request; `status` is None when no answer came, so that nobody knows whether it was accepted."""

    status: int | None
    body: bytes = b""
    request_id: str | None = None
    trouble: str | None = None


@dataclass(slots=True)
class _Idle:
    connection: http.client.HTTPConnection
    since: float


class Connections:
    """A pool for one base URL, used by many threads or greenlets; every wait is bounded."""

    def __init__(self, base: str, crash: CrashPoint = no_crash, answer_seconds: float = ANSWER_SECONDS) -> None:
        parts = urlsplit(base)
        self._host, self._port = parts.hostname or "", parts.port
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
        connection = self._take()
        try:
            if connection.sock is None:
                self._connect(connection)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return Answer(None, trouble=f"connect: {type(error).__name__}")
        sock: socket.socket = connection.sock
        try:
            # Head and body in one write, and no header objects: a third of what a request costs.
            sock.sendall(self._head(method, path, len(body), headers) + body)
            if method == "POST":
                self._crash("during_reply")
            response = http.client.HTTPResponse(sock, method=method)
            response.begin()
            answer = Answer(response.status, response.read(MAX_ANSWER_BYTES), response.getheader("x-line-request-id"))
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            return Answer(None, trouble=type(error).__name__)
        if response.will_close or not response.isclosed():
            connection.close()
        else:
            with self._lock:
                self._idle.append(_Idle(connection, time.monotonic()))
        return answer

    def close(self) -> None:
        """Close what is idle."""
        with self._lock:
            idle, self._idle = self._idle, deque()
        for entry in idle:
            entry.connection.close()

    def _take(self) -> http.client.HTTPConnection:
        while True:
            with self._lock:
                entry = self._idle.pop() if self._idle else None
            if entry is None:
                return self._new()
            idle = time.monotonic() - entry.since
            if idle < 1 or (idle < IDLE_SECONDS and not _readable(entry.connection.sock)):
                return entry.connection
            entry.connection.close()

    def _head(self, method: str, path: str, length: int, headers: Mapping[str, str]) -> bytes:
        lines = [f"{method} {self._prefix}{path} HTTP/1.1", f"Host: {self._authority}", f"Content-Length: {length}"]
        lines.append("Accept-Encoding: identity")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if any("\r" in line or "\n" in line for line in lines):
            raise ValueError("a header holds a line break: look at the access token")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def _connect(self, connection: http.client.HTTPConnection) -> None:
        connection.connect()
        sock: socket.socket = connection.sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(self._answer_seconds)

    def _new(self) -> http.client.HTTPConnection:
        if self._tls is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=CONNECT_SECONDS, context=self._tls)
        return http.client.HTTPConnection(self._host, self._port, timeout=CONNECT_SECONDS)


def _readable(sock: socket.socket | None) -> bool:
    """Tell whether an idle connection has something to read, which can only be its end."""
    return sock is None or bool(select.select([sock], [], [], 0)[0])
