"""What a fault does: the answers it gives, and what happens to the connection."""

from __future__ import annotations

import errno
import socket
import struct
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.simulator.calls import Answer, Call
from bot.simulator.faults import ERRORS, Fault

HTML = b"<html><head><title>502 Bad Gateway</title></head><body><h1>502 Bad Gateway</h1></body></html>"
UNANSWERED = frozenset({"drop-before", "drop-after", "reset", "reset-after", "hang", "hang-after"})


def failure(fault: Fault, call: Call) -> Answer:
    """Return what a fault answers instead of doing what was asked."""
    if fault.kind == "html-502":
        return Answer(HTML, 502, "text/html")
    if fault.kind == "redirect":
        return Answer(b"", 302, "text/plain", (("Location", call.environ.get("SCRIPT_NAME", "") + "/_sim/elsewhere"),))
    status, message = ERRORS.get(fault.kind, (200, ""))
    headers = (("x-line-accepted-request-id", call.request_id),) if status == 409 else ()
    return Answer({"message": fault.message or message}, status, headers=headers)


def spoil(answer: Answer, fault: Fault | None) -> Answer:
    """Return the answer that arrives after what was asked has been done."""
    if fault is None or answer.status >= 400:
        return answer
    if fault.kind == "500-after":
        return Answer({"message": fault.message or "Internal Server Error"}, 500)
    if fault.kind == "empty-200":
        return Answer(b"", 200)
    if fault.kind == "broken-200":
        return Answer(answer.payload()[:-3] + b'"', 200)
    if fault.kind == "html-200":
        return Answer(b"<html><body>OK</body></html>", 200, "text/html")
    return answer


@dataclass(frozen=True, slots=True)
class Wire:
    """An answer on its way, and what is to happen to it."""

    environ: dict[str, Any]
    start_response: Callable[..., Any]
    headers: list[tuple[str, str]]
    payload: bytes
    seconds: float
    kind: str


def drop(wire: Wire) -> list[bytes]:
    """Close the connection without an answer; a reset tells the caller so at once.

    Servers end a connection quietly when the caller has reset it, so that is what they are told.
    """
    connection = wire.environ.get("simulator.socket") or wire.environ.get("gunicorn.socket")
    if connection is not None and wire.kind.startswith("reset"):
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    raise ConnectionResetError(errno.ECONNRESET, f"the fault {wire.kind} was asked for")


def hang(wire: Wire) -> list[bytes]:
    """Answer nothing for a while, then close the connection."""
    time.sleep(wire.seconds)
    return drop(wire)


def drip(wire: Wire) -> Iterator[bytes]:
    """Answer byte by byte over the fault's seconds."""
    wire.start_response("200 OK", [*wire.headers, ("Content-Length", str(len(wire.payload)))])
    pause = wire.seconds / max(1, len(wire.payload))
    for index in range(len(wire.payload)):
        time.sleep(pause)
        yield wire.payload[index : index + 1]


ON_THE_WIRE: dict[str, Callable[[Wire], Iterable[bytes]]] = {
    "drop-before": drop,
    "drop-after": drop,
    "reset": drop,
    "reset-after": drop,
    "hang": hang,
    "hang-after": hang,
    "slow": drip,
}
