"""One measurement: a bot on a fresh database, a crowd of residents, and what was seen in a window of time."""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.bench.bots import Bot
from tests.bench.load import Crowd, Pool, Tally, World, stand_in
from tests.bench.tls import certificate
from tests.bench.walk import STEPS, Form

WARM_SECONDS = 2.0
DRAIN_SECONDS = 20.0

Start = Callable[[str, Mapping[str, str]], AbstractContextManager[Bot]]
"""Starts a bot that calls LINE at the address given, with some more environment."""


@dataclass(frozen=True, slots=True)
class Case:
    """How a bot is loaded.

    `together` residents walk at once and are followed by others (closed loop), or new ones set out so that `rate` events
    come in a second (open loop). `size` events share a webhook; LINE answers after `latency` seconds.
    `first` is the number of the first resident.
    """

    name: str
    form: Form
    start: Start
    together: int = 200
    rate: float | None = None
    size: int = 1
    latency: float = 0.0
    tls: bool = False
    duplicates: float = 0.0
    connections: int = 256
    first: int = 0


def measure(case: Case, seconds: float) -> dict[str, Any]:
    """Run one case and return its figures."""
    return asyncio.run(_measure(case, seconds))


async def _measure(case: Case, seconds: float) -> dict[str, Any]:
    world = World(case.form, case.latency)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        context, trusted = certificate(folder) if case.tls else (None, None)
        _server, port = await stand_in(world, context)
        line = f"https://localhost:{port}" if case.tls else f"http://127.0.0.1:{port}"
        starting = case.start(line, {"SSL_CERT_FILE": str(trusted)} if trusted else {})
        bot = await asyncio.to_thread(stack.enter_context, starting)
        try:
            return await _observe(case, world, bot, seconds)
        finally:
            # The bot still talks to the stand-in while it stops.
            await asyncio.to_thread(stack.close)


async def _observe(case: Case, world: World, bot: Bot, seconds: float) -> dict[str, Any]:
    crowd = Crowd(case.form, case.size, case.first)
    world.send = Pool(bot.port, world, case.connections, case.duplicates).send
    total = WARM_SECONDS + seconds
    if case.rate is None:
        crowd.prepare(int(3000 * total / STEPS / case.size) + case.together)
        world.finished = lambda _group: world.set_out(crowd.take())
        for _ in range(max(1, case.together // case.size)):
            world.set_out(crowd.take())
        arrivals = None
    else:
        crowd.prepare(int(case.rate * total / STEPS / case.size) + 10)
        arrivals = asyncio.create_task(arrive(world, crowd, case.rate / STEPS / case.size))
    await asyncio.sleep(WARM_SECONDS)
    world.tally = tally = Tally()
    begun, cpu = time.perf_counter(), bot.cpu_seconds()
    await asyncio.sleep(seconds)
    taken, cpu = time.perf_counter() - begun, bot.cpu_seconds() - cpu
    figures = tally.as_json(taken) | {
        "cpu_ms_per_event": round(cpu * 1000 / max(1, tally.answered), 3),
        "pss_mib": [round(size) for size in bot.pss_mib()],
    }
    if arrivals is not None:
        arrivals.cancel()
    world.finished = lambda _group: None
    figures["lost"] = await drain(world)
    return figures


async def arrive(world: World, crowd: Crowd, groups_per_second: float) -> None:
    begun, out = time.perf_counter(), 0
    while True:
        while out < (time.perf_counter() - begun) * groups_per_second:
            world.set_out(crowd.take())
            out += 1
        await asyncio.sleep(0.002)


async def drain(world: World) -> int:
    """Wait until everybody has walked to the end; return how many residents still wait for an answer."""
    try:
        await asyncio.wait_for(world.quiet.wait(), DRAIN_SECONDS)
    except TimeoutError:
        return len(world.groups)
    return 0
