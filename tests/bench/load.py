"""A load generator that costs less than what it measures: signed requests over raw sockets, and the counting stand-in in one loop.

Residents walk a form: each sends the next event 20 ms after the answer to the last one has come in.
"""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.bench.walk import STEPS, Form, Group, whom

THINKING = 0.02
REDELIVERED_AFTER = 1.0
ANSWER = b'{"sentMessages":[{"id":"1","quoteToken":"q"}]}'
HEAD = b"x-line-request-id: r\r\nContent-Type: application/json\r\n"
QUOTA = b'{"type":"none","totalUsage":0}'
PER_SECOND = 2000.0
"""LINE's own limit of replies and pushes in a second and channel."""


@dataclass
class Tally:
    """What was seen from outside. Times are seconds."""

    answered: int = 0
    acknowledged: int = 0
    refused: int = 0
    """Acknowledgements of 503."""
    wrong: int = 0
    """Acknowledgements that are neither 200 nor 503."""
    doubled: int = 0
    disordered: int = 0
    pushed: int = 0
    forms: int = 0
    too_many: int = 0
    to_answer: list[float] = field(default_factory=list)
    to_acknowledge: list[float] = field(default_factory=list)

    def as_json(self, seconds: float) -> dict[str, Any]:
        """Return the figures of a window of `seconds`."""
        return {
            "answered_per_second": round(self.answered / seconds, 1),
            "acknowledged_per_second": round(self.acknowledged / seconds, 1),
            "answer_ms": percentiles(self.to_answer),
            "acknowledge_ms": percentiles(self.to_acknowledge),
            "refused": self.refused,
            "wrong": self.wrong,
            "doubled": self.doubled,
            "out_of_order": self.disordered,
            "pushed": self.pushed,
            "forms": self.forms,
            "too_many": self.too_many,
        }


def percentiles(times: Iterable[float]) -> dict[str, float]:
    """Return p50, p95, p99 and the longest, in milliseconds."""
    ordered = sorted(times)
    if not ordered:
        return {}
    at = {name: ordered[min(len(ordered) - 1, int(len(ordered) * share))] for name, share in SHARES.items()}
    return {name: round(seconds * 1000, 2) for name, seconds in at.items()}


SHARES = {"p50": 0.5, "p95": 0.95, "p99": 0.99, "max": 1.0}


class World:
    """The residents under way, what they wait for, and the tally of the running window."""

    def __init__(self, form: Form, latency: float = 0.0, limited: bool = False) -> None:
        self.form = form
        self.latency = latency
        self.limited = limited
        self.tally = Tally()
        self.groups: dict[int, Group] = {}
        """By the number of each resident of a group that is under way."""
        self.seen: set[tuple[int, int]] = set()
        self.furthest: dict[int, int] = {}
        self.send: Callable[[Group], None] = lambda _group: None
        self.finished: Callable[[Group], None] = lambda _group: None
        self.quiet = asyncio.Event()
        """Set while nobody is under way."""
        self._level, self._level_at = PER_SECOND, time.monotonic()

    def set_out(self, group: Group) -> None:
        """Let a group send its next event."""
        for resident in range(group.first, group.first + group.size):
            self.groups[resident] = group
        group.waiting = group.size
        self.quiet.clear()
        self.send(group)

    def answer(self, path: bytes, body: bytes) -> tuple[int, bytes]:
        """Take one call of the bot, as LINE would, and return status and body."""
        if not path.endswith((b"/reply", b"/push")):
            return 200, QUOTA
        if self.limited and not self._allowed():
            self.tally.too_many += 1
            return 429, b'{"message":"The API rate limit has been exceeded. Try again later."}'
        if path.endswith(b"/reply"):
            start = body.index(b'"replyToken":"' if b'"replyToken":"' in body else b'"replyToken": "')
            start = body.index(b'"', start + 12) + 1
            self._count(*whom(body[start : body.index(b'"', start)]), body)
        else:
            resident = int(orjson.loads(body)["to"][1:])
            self.tally.pushed += 1
            group = self.groups.get(resident)
            if group is not None:
                self._count(resident, group.step, body)
        return 200, ANSWER

    def _allowed(self) -> bool:
        now = time.monotonic()
        self._level = min(PER_SECOND, self._level + (now - self._level_at) * PER_SECOND)
        self._level_at = now
        self._level -= self._level >= 1
        return self._level >= 1

    def _count(self, resident: int, step: int, body: bytes) -> None:
        tally = self.tally
        if (resident, step) in self.seen:
            tally.doubled += 1
            return
        self.seen.add((resident, step))
        tally.answered += 1
        if step < self.furthest.get(resident, 0):
            tally.disordered += 1
        self.furthest[resident] = step
        group = self.groups.get(resident)
        if group is None or group.step != step:
            return
        group.hear(resident, body)
        group.waiting -= 1
        now = time.perf_counter()
        tally.to_answer.append(now - group.begun)
        if group.waiting == 0:
            asyncio.get_running_loop().call_later(THINKING, self._go_on, group)

    def _go_on(self, group: Group) -> None:
        if group.step + 1 < STEPS:
            group.step += 1
            self.set_out(group)
            return
        self.tally.forms += group.size
        for resident in range(group.first, group.first + group.size):
            del self.groups[resident]
            self.furthest.pop(resident, None)
            self.seen.difference_update((resident, step) for step in range(STEPS))
        self.finished(group)
        if not self.groups:
            self.quiet.set()


class Called(asyncio.Protocol):
    """One keep-alive connection of the bot to the stand-in."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.data = b""
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each whole request."""
        self.data = self.data + data if self.data else data
        while (end := self.data.find(b"\r\n\r\n")) >= 0:
            head = self.data[:end]
            length = content_length(head)
            if len(self.data) < end + 4 + length:
                return
            body, self.data = self.data[end + 4 : end + 4 + length], self.data[end + 4 + length :]
            status, answer = self.world.answer(head.split(b" ", 2)[1], body)
            written = b"HTTP/1.1 %d OK\r\n%bContent-Length: %d\r\n\r\n%b" % (status, HEAD, len(answer), answer)
            if self.world.latency:
                asyncio.get_running_loop().call_later(self.world.latency, self.transport.write, written)
            else:
                self.transport.write(written)


def content_length(head: bytes) -> int:
    """Return the length that a head announces, 0 without."""
    at = head.lower().find(b"\r\ncontent-length:")
    if at < 0:
        return 0
    end = head.find(b"\r\n", at + 2)
    return int(head[at + 17 : end if end >= 0 else len(head)])


class Caller(asyncio.Protocol):
    """One connection to the bot: a webhook at a time."""

    def __init__(self, pool: Pool) -> None:
        self.pool = pool
        self.transport: Any = None
        self.data = b""
        self.sent: tuple[Group, int, float] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport and send what waits."""
        self.transport = transport
        self.pool.free(self)

    def post(self, group: Group, step: int, raw: bytes) -> None:
        """Send one webhook."""
        self.sent = group, step, time.perf_counter()
        self.transport.write(raw)

    def data_received(self, data: bytes) -> None:
        """Read the acknowledgement."""
        self.data += data
        end = self.data.find(b"\r\n\r\n")
        if end < 0 or self.sent is None or len(self.data) < end + 4 + content_length(self.data[:end]):
            return
        status, closes = int(self.data[9:12]), b"connection: close" in self.data[:end].lower()
        self.data = b""
        sent, self.sent = self.sent, None
        self.pool.acknowledged(status, *sent)
        if closes:
            self.transport.close()
        else:
            self.pool.free(self)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """A webhook without an acknowledgement is delivered again."""
        sent, self.sent = self.sent, None
        self.pool.lost(self, sent)


class Pool:
    """LINE's connections to the bot: webhooks wait here for a free one."""

    def __init__(self, port: int, world: World, size: int, duplicates: float = 0.0) -> None:
        self.port, self.world, self.size = port, world, size
        self.open = 0
        self.idle: deque[Caller] = deque()
        self.waiting: deque[tuple[Group, int, bytes]] = deque()
        self.duplicates = duplicates
        self._owed = 0.0
        self._opening: set[asyncio.Task[Any]] = set()

    def send(self, group: Group) -> None:
        """Post the group's next webhook, and now and then a copy of it, as LINE does."""
        group.begun = time.perf_counter()
        self.post(group, group.step, group.next_request())
        self._owed += self.duplicates
        if self._owed >= 1:
            self._owed -= 1
            self.post(group, group.step, group.request(group.step, again=True))

    def post(self, group: Group, step: int, raw: bytes) -> None:
        """Use a free connection (the one longest so, as who spreads work does), open one, or wait."""
        if self.idle:
            self.idle.popleft().post(group, step, raw)
            return
        self.waiting.append((group, step, raw))
        if self.open < self.size:
            self.open += 1
            task = asyncio.get_running_loop().create_task(self._connect())
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    async def _connect(self) -> None:
        try:
            await asyncio.get_running_loop().create_connection(lambda: Caller(self), "127.0.0.1", self.port)
        except OSError:
            self.open -= 1
            asyncio.get_running_loop().call_later(0.1, self._retry)

    def _retry(self) -> None:
        if self.waiting and self.open < self.size:
            self.post(*self.waiting.popleft())

    def free(self, caller: Caller) -> None:
        """Give a connection its next webhook."""
        if self.waiting:
            caller.post(*self.waiting.popleft())
        else:
            self.idle.append(caller)

    def lost(self, caller: Caller, sent: tuple[Group, int, float] | None) -> None:
        """Replace a closed connection where webhooks wait."""
        self.open -= 1
        if caller in self.idle:
            self.idle.remove(caller)
        if sent is not None:
            self._deliver_again(sent[0], sent[1])
        elif self.waiting:
            self.post(*self.waiting.popleft())

    def acknowledged(self, status: int, group: Group, step: int, since: float) -> None:
        """Count an acknowledgement; what was not taken is delivered again."""
        tally = self.world.tally
        tally.to_acknowledge.append(time.perf_counter() - since)
        if status == 200:
            tally.acknowledged += group.size
        elif status == 503:
            tally.refused += 1
            self._deliver_again(group, step)
        else:
            tally.wrong += 1

    def _deliver_again(self, group: Group, step: int) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(REDELIVERED_AFTER, lambda: self.post(group, step, group.request(step, again=True)))


async def stand_in(world: World, tls: ssl.SSLContext | None = None) -> tuple[asyncio.Server, int]:
    """Serve LINE's side and return server and port."""
    server = await asyncio.get_running_loop().create_server(lambda: Called(world), "127.0.0.1", 0, ssl=tls)
    return server, server.sockets[0].getsockname()[1]


class Crowd:
    """Gives out groups of new residents, made before they are needed."""

    def __init__(self, form: Form, size: int, first: int = 0) -> None:
        self.form, self.size = form, size
        self._next = first
        self._made: deque[Group] = deque()

    def prepare(self, number: int) -> None:
        """Sign the requests of `number` groups."""
        for _ in range(number):
            self._made.append(Group(self.form, self._next, self.size))
            self._next += self.size

    def take(self) -> Group:
        """Return a group that has not walked yet."""
        if not self._made:
            self.prepare(1)
        return self._made.popleft()
