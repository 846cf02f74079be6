"""Under water: three times the highest rate for a minute. Nothing may be lost, acknowledgements come in time or say no at once.

Run: python -m tests.bench.flood [--engine sqlite|postgres] [--seconds 60] [--times 3]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from tests.bench.bots import OUR_FORM, Bot, ours
from tests.bench.case import Case, measure
from tests.bench.load import Caller, Crowd, Pool, Tally, World, percentiles, stand_in
from tests.bench.walk import Group

CONNECTIONS = 400
LIKE_BEFORE = 1.0
"""A reply within so many seconds counts as recovered."""

PATIENCE = 2.0
"""So many seconds LINE waits for an acknowledgement."""

CALM = 0.8
"""What was not taken comes again at this share of the highest rate."""

DRAIN_SECONDS = 120.0


class Once(World):
    """Residents who send one message each and go home when it is answered."""

    def _go_on(self, group: Group) -> None:
        for resident in range(group.first, group.first + group.size):
            self.groups.pop(resident, None)
        if not self.groups:
            self.quiet.set()


class Impatient(Pool):
    """LINE in a flood: a webhook that is not taken within two seconds has timed out; what was not taken comes again later."""

    def __init__(self, port: int, world: World, size: int) -> None:
        super().__init__(port, world, size)
        self.timed_out = 0
        self.later: deque[tuple[Group, int]] = deque()

    def free(self, caller: Caller) -> None:
        """Give a connection the next webhook that has not timed out."""
        overdue = time.perf_counter() - PATIENCE
        while self.waiting and self.waiting[0][0].begun < overdue:
            group, step, _ = self.waiting.popleft()
            self.timed_out += 1
            self.later.append((group, step))
        super().free(caller)

    def _deliver_again(self, group: Group, step: int) -> None:
        self.later.append((group, step))

    async def deliver_the_rest(self, rate: float) -> None:
        """Deliver again what was not taken, `rate` a second, until all of it is."""
        begun, out, most = time.perf_counter(), 0, 2 * len(self.later)
        while self.world.groups and out <= most:
            while self.later and out < (time.perf_counter() - begun) * rate:
                group, step = self.later.popleft()
                group.begun = time.perf_counter()
                self.post(group, step, group.request(step, again=True))
                out += 1
            await asyncio.sleep(0.002)
            if not self.later and time.perf_counter() - begun > most / rate + DRAIN_SECONDS:
                return


async def flood(engine: str, highest: float, times: float, seconds: float) -> dict[str, Any]:
    """Send `times` the `highest` rate for `seconds`, deliver again what was not taken, and tell what became of all."""
    with ExitStack() as stack:
        world = Once(OUR_FORM)
        _server, port = await stand_in(world)
        starting = ours(f"http://127.0.0.1:{port}", engine, 1 if engine == "sqlite" else 2)
        bot = await asyncio.to_thread(stack.enter_context, starting)
        pool = Impatient(bot.port, world, CONNECTIONS)
        world.send = pool.send
        before = max(bot.pss_mib())
        crowd = Crowd(OUR_FORM, 1)
        crowd.prepare(int(highest * times * seconds * 0.5))
        out, most = await _pour(world, crowd, bot, highest * times, seconds)
        ended, tally = time.perf_counter(), world.tally
        world.tally = Tally()
        recovered = await _recover(world, crowd, ended)
        not_taken = len(pool.later)
        await pool.deliver_the_rest(highest * CALM)
        figures = {
            "sent": out,
            "answered_while_flooded": tally.answered,
            "acknowledge_ms": percentiles(tally.to_acknowledge),
            "refused": tally.refused,
            "timed_out": pool.timed_out,
            "delivered_again": not_taken,
            "wrong": tally.wrong,
            "doubled": tally.doubled + world.tally.doubled,
            "lost": len(world.groups),
            "recovered_after_seconds": round(recovered, 1),
            "pss_mib": [round(before), round(most)],
        }
        await asyncio.to_thread(stack.close)
        return figures


async def _pour(world: World, crowd: Crowd, bot: Bot, rate: float, seconds: float) -> tuple[int, float]:
    """Send `rate` events a second; return how many they were, and the most memory of a process meanwhile in MiB."""
    begun, out, most = time.perf_counter(), 0, 0.0
    looked = begun
    while (now := time.perf_counter()) - begun < seconds:
        while out < (now - begun) * rate:
            world.set_out(crowd.take())
            out += 1
        if now - looked > 2:
            looked, most = now, max(most, *bot.pss_mib())
        await asyncio.sleep(0.002)
    return out, most


async def _recover(world: Once, crowd: Crowd, since: float) -> float:
    """Return the seconds until a new resident is answered at once again."""
    while time.perf_counter() - since < DRAIN_SECONDS:
        probe = crowd.take()
        asked = time.perf_counter()
        world.set_out(probe)
        await asyncio.sleep(max(0.0, asked + LIKE_BEFORE - time.perf_counter()))
        if probe.first not in world.groups:
            return time.perf_counter() - since
    return DRAIN_SECONDS


def _start(engine: str) -> Any:
    def start(line: str, extra: Mapping[str, str]) -> AbstractContextManager[Bot]:
        return ours(line, engine, 1 if engine == "sqlite" else 2, extra)

    return start


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--times", type=float, default=3.0)
    arguments = parser.parse_args()
    for engine in [arguments.engine] if arguments.engine else ["sqlite", "postgres"]:
        calm = Case(engine, OUR_FORM, _start(engine))
        highest = measure(calm, 5.0)["answered_per_second"]
        found = asyncio.run(flood(engine, highest, arguments.times, arguments.seconds))
        sys.stdout.write(
            f"{engine}: highest {highest:,.0f}/s, flooded with {highest * arguments.times:,.0f}/s: {found}\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
