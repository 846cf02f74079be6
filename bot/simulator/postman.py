"""Carries webhooks to bots over HTTP, in order within a chat and side by side between chats, never blocking the caller.

Plain threads and queues only, so that it works with real threads and under gevent's patching alike.
"""

from __future__ import annotations

import http.client
import select
import socket
import threading
import urllib.parse
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

WORKERS = 32
IDLE_SECONDS = 5.0
WAITING_KEPT = 100_000


@dataclass(slots=True)
class Letter:
    """A POST to a webhook: `lane` is what stays in order, `done` gets status (0: none), outcome, headers and body."""

    lane: str
    url: str
    headers: dict[str, str]
    body: bytes
    timeout: float
    done: Callable[[int, str, list[tuple[str, str]], bytes], None]


@dataclass(eq=False)
class Postman:
    """A few workers that come when there is something to carry and leave when idle."""

    workers: int = WORKERS
    _lanes: dict[str, deque[Letter]] = field(default_factory=dict)
    _ready: deque[str] = field(default_factory=deque)
    _condition: threading.Condition = field(default_factory=threading.Condition)
    _running: int = 0
    _idle: int = 0
    _waiting: int = 0
    _closed: bool = False

    def post(self, letter: Letter) -> None:
        """Queue a letter behind those of its lane."""
        with self._condition:
            if self._closed:
                return
            if self._waiting >= WAITING_KEPT:
                raise RuntimeError(f"{WAITING_KEPT} webhooks wait for the bot: let it answer before you send more")
            self._waiting += 1
            lane = self._lanes.get(letter.lane)
            if lane is not None:
                lane.append(letter)
                return
            self._lanes[letter.lane] = deque([letter])
            self._ready.append(letter.lane)
            if self._idle >= len(self._ready):
                self._condition.notify()
            elif self._running < self.workers:
                self._running += 1
                threading.Thread(target=self._work, name="simulator-postman", daemon=True).start()

    def wait_idle(self, timeout: float) -> bool:
        """Wait until nothing is queued or under way; return whether that happened within `timeout` seconds."""
        with self._condition:
            return self._condition.wait_for(lambda: not self._lanes, timeout)

    def close(self) -> None:
        """Carry nothing more."""
        with self._condition:
            self._closed = True
            self._lanes.clear()
            self._ready.clear()
            self._condition.notify_all()

    def _work(self) -> None:
        connections: dict[str, http.client.HTTPConnection] = {}
        try:
            while True:
                with self._condition:
                    self._idle += 1
                    came = self._condition.wait_for(lambda: self._ready or self._closed, IDLE_SECONDS)
                    self._idle -= 1
                    if not came or self._closed:
                        break
                    lane = self._ready.popleft()
                    letter = self._lanes[lane][0]
                carry(letter, connections)
                self._finish(lane)
        finally:
            with self._condition:
                self._running -= 1
            for connection in connections.values():
                connection.close()

    def _finish(self, lane: str) -> None:
        with self._condition:
            letters = self._lanes.get(lane)
            if letters is None:
                return
            letters.popleft()
            self._waiting -= 1
            if letters:
                self._ready.append(lane)
                self._condition.notify()
            else:
                del self._lanes[lane]
                self._condition.notify_all()


def carry(letter: Letter, connections: dict[str, http.client.HTTPConnection]) -> None:
    """Send one letter over a kept connection and report how it went, in the words of LINE's error statistics."""
    target = urllib.parse.urlsplit(letter.url)
    connection = connections.pop(target.netloc, None)
    status, outcome, headers, body = 0, "", list[tuple[str, str]](), b""
    try:
        if connection is None or _is_stale(connection):
            if connection is not None:
                connection.close()
            kind = http.client.HTTPSConnection if target.scheme == "https" else http.client.HTTPConnection
            connection = kind(target.netloc, timeout=letter.timeout)
            connection.connect()
            connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        elif connection.sock is not None:
            connection.sock.settimeout(letter.timeout)
    except (OSError, ValueError, http.client.InvalidURL):
        letter.done(0, "could_not_connect", [], b"")
        return
    try:
        connection.request(
            "POST", target.path + (f"?{target.query}" if target.query else ""), letter.body, letter.headers
        )
        answer = connection.getresponse()
        body = answer.read(65_536)
        status, headers = answer.status, answer.getheaders()
        outcome = "" if 200 <= status < 300 else "error_status_code"
        if answer.isclosed() and not answer.will_close:
            connections[target.netloc] = connection
        else:
            connection.close()
    except TimeoutError:
        outcome = "request_timeout"
        connection.close()
    except (OSError, http.client.HTTPException):
        outcome = "unclassified"
        connection.close()
    letter.done(status, outcome, headers, body)


def _is_stale(connection: http.client.HTTPConnection) -> bool:
    if connection.sock is None:
        return True
    poller = select.poll()
    poller.register(connection.sock, select.POLLIN)
    return bool(poller.poll(0))
