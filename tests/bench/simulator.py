"""How many pushes a second the stand-in takes on one core, beside the plainest answer the same server can give.

Run it by hand: `python -m tests.bench.simulator [seconds]`. The ratio is the stand-in's own share; the first number is
what it leaves to others' load tests.
"""

from __future__ import annotations

import json
import os
import socket
import sys
import threading
import time
from collections.abc import Callable

from bot.simulator.client import Simulator

CONNECTIONS = 8


def request(path: str, body: bytes, method: str = "POST") -> bytes:
    """Return a whole HTTP request with an access token."""
    head = (
        f"{method} {path} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer t\r\nContent-Type: application/json\r\n"
    )
    return head.encode() + f"Content-Length: {len(body)}\r\n\r\n".encode() + body


def hammer(host: str, port: int, raw: bytes, seconds: float) -> float:
    """Send the same request over kept connections and return answers a second."""
    counts = [0] * CONNECTIONS
    end = time.perf_counter() + seconds

    def one(index: int) -> None:
        with socket.create_connection((host, port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.perf_counter() < end:
                connection.sendall(raw)
                answer = connection.recv(65_536)
                if not answer.startswith(b"HTTP/1.1 200"):
                    raise RuntimeError(answer.decode())
                counts[index] += 1

    threads = [threading.Thread(target=one, args=(index,)) for index in range(CONNECTIONS)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - began)


def main(seconds: float, write: Callable[[str], object] = sys.stdout.write) -> None:
    """Measure and print."""
    with Simulator.start() as line:
        os.sched_setaffinity(line.pid, {0})
        os.sched_setaffinity(0, {1})
        line.configure(rate_limits=False)
        hanako = line.resident("花子")
        host, port = line.address
        plain = hammer(host, port, request("/_sim/faults", b"", "GET"), seconds)
        push = {"to": hanako.id, "messages": [{"type": "text", "text": "納期限は5月31日です。"}]}
        pushes = hammer(host, port, request("/v2/bot/message/push", json.dumps(push).encode()), seconds)
        write(f"push {pushes:.0f}/s, an empty list {plain:.0f}/s, ratio {pushes / plain:.2f}\n")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 3.0)
