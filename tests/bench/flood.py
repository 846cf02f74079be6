"""Under water: three times the highest rate for a minute. Nothing may be lost, acknowledgements come in time or say no at once.

Run: python -m tests.bench.flood [--engine sqlite|postgres] [--seconds 60] [--times 3]
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import time
from collections.abc import Mapping
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from tests.bench.bots import OUR_FORM, Bot, ours
from tests.bench.case import Case, measure
from tests.bench.load import Crowd, Pool, Tally, World, percentiles, stand_in
from tests.bench.walk import Group

CONNECTIONS = 400
LIKE_BEFORE = 1.0
"""A reply within so many seconds counts as recovered."""

DRAIN_SECONDS = 120.0


class Once(World):
    """Residents who send one message each and go home when it is answered."""

    def _go_on(self, group: Group) -> None:
        for resident in range(group.first, group.first + group.size):
            self.groups.pop(resident, None)
        if not self.groups:
            self.quiet.set()


async def flood(engine: str, rate: float, seconds: float) -> dict[str, Any]:
    """Send `rate` events a second for `seconds` and return what became of them."""
    with ExitStack() as stack:
        world = Once(OUR_FORM)
        _server, port = await stand_in(world)
        starting = ours(f"http://127.0.0.1:{port}", engine, 1 if engine == "sqlite" else 2)
        bot = await asyncio.to_thread(stack.enter_context, starting)
        world.send = Pool(bot.port, world, CONNECTIONS).send
        before = max(bot.pss_mib())
        crowd = Crowd(OUR_FORM, 1)
        crowd.prepare(int(rate * seconds * 0.5))
        begun, out, most = time.perf_counter(), 0, 0.0
        looked = begun
        while (now := time.perf_counter()) - begun < seconds:
            while out < (now - begun) * rate:
                world.set_out(crowd.take())
                out += 1
            if now - looked > 2:
                looked, most = now, max(most, *bot.pss_mib())
            await asyncio.sleep(0.002)
        ended, tally = time.perf_counter(), world.tally
        world.tally = Tally()
        recovered = await _recover(world, crowd, ended)
        lost = await _drain(world)
        figures = {
            "sent": out,
            "answered_while_flooded": tally.answered,
            "acknowledge_ms": percentiles(tally.to_acknowledge),
            "refused": tally.refused,
            "wrong": tally.wrong,
            "doubled": tally.doubled + world.tally.doubled,
            "lost": lost,
            "recovered_after_seconds": round(recovered, 1),
            "pss_mib": [round(before), round(most)],
        }
        await asyncio.to_thread(stack.close)
        return figures


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


async def _drain(world: World) -> int:
    try:
        await asyncio.wait_for(world.quiet.wait(), DRAIN_SECONDS)
    except TimeoutError:
        return len(world.groups)
    return 0


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
        found = asyncio.run(flood(engine, highest * arguments.times, arguments.seconds))
        sys.stdout.write(
            f"{engine}: highest {highest:,.0f}/s, flooded with {highest * arguments.times:,.0f}/s: {found}\n"
        )
        sys.stdout.flush()


if __name__ == "__main__":
    main()
