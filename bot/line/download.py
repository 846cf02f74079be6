"""Fetching what residents sent: streamed to a file with a cap, never whole in memory."""

from __future__ import annotations

import http.client
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO
from urllib.parse import urlsplit

CONNECT_SECONDS = 3.0
STALL_SECONDS = 8.0
WHOLE_SECONDS = 180.0
PIECE_BYTES = 64 * 1024


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came of it: LINE's status (None without an answer), bytes written; `cut` when it was larger than allowed."""

    status: int | None
    size: int = 0
    cut: bool = False


def download(address: str, headers: Mapping[str, str], target: BinaryIO, limit: int) -> Fetched:
    """Write the body of a 200 to `target`, at most `limit` bytes; whatever the network does becomes a value."""
    parts = urlsplit(address)
    connection = (
        http.client.HTTPSConnection(
            parts.hostname or "", parts.port, timeout=CONNECT_SECONDS, context=ssl.create_default_context()
        )
        if parts.scheme == "https"
        else http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=CONNECT_SECONDS)
    )
    try:
        connection.connect()
        connection.sock.settimeout(STALL_SECONDS)
        connection.request("GET", parts.path, headers=dict(headers))
        answer = connection.getresponse()
        return _receive(answer, target, limit) if answer.status == 200 else Fetched(answer.status)
    except (OSError, http.client.HTTPException):
        return Fetched(None)
    finally:
        connection.close()


def _receive(answer: http.client.HTTPResponse, target: BinaryIO, limit: int) -> Fetched:
    size, deadline = 0, time.monotonic() + WHOLE_SECONDS
    if answer.length is not None and answer.length > limit:
        return Fetched(200, 0, cut=True)
    while piece := answer.read(PIECE_BYTES):
        size += len(piece)
        if size > limit:
            return Fetched(200, size, cut=True)
        if time.monotonic() > deadline:
            return Fetched(None, size)
        target.write(piece)
    return Fetched(200, size)
