"""One connection to an HTTP server: a request out, its answer in, within a time that is set.

The standard library's client takes longer to read LINE's short answers than our own server takes for a whole turn.
"""

from __future__ import annotations

import contextlib
import select
import socket
import ssl
import time
from dataclasses import dataclass

import httptools

RECEIVED_AT_ONCE = 65536


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back for one request; `status` is None when no answer came, so that nobody knows whether it was accepted."""

    status: int | None
    body: bytes = b""
    request_id: str | None = None
    trouble: str | None = None


class Broken(Exception):
    """The connection ended, or what came over it is no HTTP."""


class Wire:
    """An open connection; after an exception, or when `reusable` is False, it is of no more use."""

    def __init__(
        self, host: str, port: int, tls: ssl.SSLContext | None, connect_seconds: float, most_bytes: int
    ) -> None:
        """Connect. Raises OSError."""
        connected = socket.create_connection((host, port), connect_seconds)
        try:
            self._socket = connected if tls is None else tls.wrap_socket(connected, server_hostname=host)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        except OSError:
            connected.close()
            raise
        self._most_bytes = most_bytes
        self._parser = httptools.HttpResponseParser(self)
        self.reusable = True
        self._begin()

    def _begin(self) -> None:
        self._body: list[bytes] = []
        self._room = self._most_bytes
        self._request_id: str | None = None
        self._status: int | None = None
        self._complete = False

    def send(self, request: bytes, seconds: float) -> None:
        """Write a whole request. Raises OSError."""
        self._begin()
        self._socket.settimeout(seconds)
        self._socket.sendall(request)

    def receive(self, seconds: float) -> Answer:
        """Read the answer to the request sent. Raises OSError (TimeoutError after `seconds`) and Broken."""
        end = time.monotonic() + seconds
        try:
            while not self._complete:
                data = self._socket.recv(RECEIVED_AT_ONCE)
                if data:
                    self._parser.feed_data(data)
                elif self._status is None:
                    raise Broken("closed without an answer")
                else:
                    self._end_early()
                if not self._complete:
                    self._socket.settimeout(_left(end))
        except httptools.HttpParserError as error:
            if self._status is None:
                raise Broken("no HTTP") from error
            self._end_early()
        except OSError:
            if self._status is None:
                raise
            self._end_early()
        return Answer(self._status, b"".join(self._body), self._request_id)

    def _end_early(self) -> None:
        """A status is a verdict, also when the rest of the answer never comes."""
        self._complete, self.reusable = True, False

    def stale(self) -> bool:
        """Tell whether an idle connection has something to read, which can only be its end."""
        return bool(select.select([self._socket], [], [], 0)[0])

    def close(self) -> None:
        """Close it."""
        with contextlib.suppress(OSError):  # it is being thrown away
            self._socket.close()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Take one header (called by the parser)."""
        if name.lower() == b"x-line-request-id" and not self._complete:
            self._request_id = value.decode("latin-1")

    def on_headers_complete(self) -> None:
        """Take the status (called by the parser)."""
        if self._complete:  # a second answer to one request: nobody knows what it is about
            self.reusable = False
            return
        status = self._parser.get_status_code()
        self._status = status if status >= 200 else None

    def on_body(self, data: bytes) -> None:
        """Take a part of the body, as far as there is room (called by the parser)."""
        if self._complete:
            return
        self._body.append(data[: self._room])
        self._room -= len(data)
        if self._room < 0:
            self._end_early()

    def on_message_complete(self) -> None:
        """Note that the answer is whole (called by the parser)."""
        if self._status is not None and not self._complete:
            self._complete = True
            self.reusable = self.reusable and self._parser.should_keep_alive()


def _left(end: float) -> float:
    """Return the seconds until `end`. Raises TimeoutError when it has passed."""
    left = end - time.monotonic()
    if left <= 0:
        raise TimeoutError("the answer takes too long")
    return left
