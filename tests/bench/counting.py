"""A counting stand-in for LINE that costs little: it keeps the rate limits and the retry keys, and knows who got what how often.

python -m tests.bench.counting    prints its port, then one line of counts for each line it reads
"""

from __future__ import annotations

import asyncio
import sys
import time

import orjson

LATENCY = 0.04
LIMITS = {b"multicast": 200.0, b"push": 2000.0}
TOO_MANY = b'{"message":"The API rate limit has been exceeded. Try again later."}'
AGAIN = b'{"message":"The retry key is already accepted"}'


class Counts:
    """How often each user (numbered in the last eight digits of the id) was sent to."""

    def __init__(self) -> None:
        self.received = bytearray()
        self.calls: dict[bytes, int] = {}
        self.refused = 0
        self.repeated = 0
        self.keys: set[bytes] = set()
        self.levels = {name: (limit, 0.0) for name, limit in LIMITS.items()}

    def allows(self, endpoint: bytes) -> bool:
        """Take one call out of LINE's bucket."""
        limit = LIMITS[endpoint]
        level, at = self.levels[endpoint]
        now = time.monotonic()
        level = min(limit, level + (now - at) * limit)
        self.levels[endpoint] = (level - 1 if level >= 1 else level, now)
        return level >= 1

    def take(self, endpoint: bytes, key: bytes, body: bytes) -> tuple[int, bytes]:
        """Count one request and return status and body of the answer."""
        if not self.allows(endpoint):
            self.refused += 1
            return 429, TOO_MANY
        if key in self.keys:
            self.repeated += 1
            return 409, AGAIN
        self.keys.add(key)
        self.calls[endpoint] = self.calls.get(endpoint, 0) + 1
        to = orjson.loads(body)["to"]
        users = to if isinstance(to, list) else [to]
        for user in users:
            number = int(user[-8:])
            if number >= len(self.received):
                self.received.extend(bytes(number + 1 - len(self.received)))
            self.received[number] += 1
        return 200, b'{"sentMessages":[]}'

    def as_json(self) -> bytes:
        """Return the counts: users reached, the most often one of them was, calls, refusals, repetitions."""
        return orjson.dumps(
            {
                "users": len(self.received) - self.received.count(0),
                "most": max(self.received, default=0),
                "calls": sum(self.calls.values()),
                "refused": self.refused,
                "repeated": self.repeated,
            }
        )


class Connection(asyncio.Protocol):
    """One keep-alive connection of the bot."""

    def __init__(self, counts: Counts) -> None:
        self.counts = counts
        self.data = b""
        self.transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self.data += data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = self.data[:end]
            lines = head.split(b"\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(b":") for line in lines[1:])}
            length = int(headers.get(b"content-length", b"0"))
            if len(self.data) < end + 4 + length:
                return
            body, self.data = self.data[end + 4 : end + 4 + length], self.data[end + 4 + length :]
            endpoint = lines[0].split(b" ")[1].rsplit(b"/", 1)[-1]
            if endpoint in LIMITS:
                status, answer = self.counts.take(endpoint, headers.get(b"x-line-retry-key", b""), body)
            else:
                status, answer = 200, b'{"type":"none","totalUsage":0}'
            asyncio.get_running_loop().call_later(LATENCY, self.answer, status, answer)

    def answer(self, status: int, body: bytes) -> None:
        """Write one answer."""
        if self.transport is not None:
            head = b"HTTP/1.1 %d OK\r\nx-line-request-id: r\r\nContent-Length: %d\r\n\r\n" % (status, len(body))
            self.transport.write(head + body)


async def main() -> None:
    """Serve until standard input ends."""
    counts, loop = Counts(), asyncio.get_running_loop()
    server = await loop.create_server(lambda: Connection(counts), "127.0.0.1", 0)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    while await loop.run_in_executor(None, sys.stdin.readline):
        sys.stdout.write(counts.as_json().decode() + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main())
