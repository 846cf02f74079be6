"""An alert to a million residents while others talk: how long their answers take meanwhile, against the minute before.

Run: python -m tests.bench alert, or python -m tests.bench.alert [--residents 1000000] [--rate 100] [--engine sqlite|postgres]
"""

from __future__ import annotations

import argparse
import asyncio
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

from bot.db import Database
from bot.delivery import broadcast
from bot.delivery.broadcast import Draft, State
from bot.now import Now
from tests.bench.bots import OUR_FORM, Bot, our_environment, running
from tests.bench.case import arrive, drain
from tests.bench.load import Crowd, Pool, Tally, World, percentiles, stand_in
from tests.bench.push import MESSAGES, database_of, settle
from tests.bench.walk import STEPS
from tests.product import ROOT

WARM_SECONDS, CALM_SECONDS = 5.0, 10.0
LOOK_SECONDS = 0.25
PATIENCE = 300.0
CONNECTIONS = 64
NEWCOMERS = 50_000_000
"""The first of those who talk: not among the settled ones."""


@contextmanager
def installed(line: str, engine: str, residents: int) -> Iterator[tuple[Bot, Database, int]]:
    """Start the product among so many residents, on PostgreSQL with a worker of its own; yield also the channel's id."""
    with ExitStack() as stack:
        url = stack.enter_context(database_of(engine))
        environment = our_environment(line, url, 1 if engine == "sqlite" else 2)
        madoguchi = [sys.executable, "-m", "bot.cli"]
        subprocess.run([*madoguchi, "db", "upgrade"], env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        database = Database(url)
        stack.callback(database.close)
        channel_id = settle(database, residents)
        command = ["--config", "python:bot.serve", "bot.app:from_environment()"]
        bot = stack.enter_context(running("Madoguchi", OUR_FORM, environment, command))
        if engine != "sqlite":
            worker = subprocess.Popen([*madoguchi, "worker"], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
            stack.callback(worker.wait, 30)
            stack.callback(worker.terminate)
        yield bot, database, channel_id


async def beside_talks(engine: str, residents: int, rate: float) -> None:
    """Let residents talk at `rate` events a second all the time, alert everybody meanwhile, and print both parts."""
    with ExitStack() as stack:
        world = World(OUR_FORM)
        _server, port = await stand_in(world)
        starting = installed(f"http://127.0.0.1:{port}", engine, residents)
        bot, database, channel_id = await asyncio.to_thread(stack.enter_context, starting)
        world.send = Pool(bot.port, world, CONNECTIONS).send
        arrivals = asyncio.create_task(arrive(world, Crowd(OUR_FORM, 1, NEWCOMERS), rate / STEPS))
        try:
            await asyncio.sleep(WARM_SECONDS)
            world.tally = Tally()
            await asyncio.sleep(CALM_SECONDS)
            _part(world, engine, "talks alone", CALM_SECONDS)
            begun = time.perf_counter()
            id_ = await asyncio.to_thread(_alert, database, channel_id)
            await _done(database, id_)
            _part(world, engine, f"alert to {residents:,}", time.perf_counter() - begun)
        finally:
            arrivals.cancel()
            lost = await drain(world)
            await asyncio.to_thread(stack.close)
        sys.stdout.write(f"{engine}: {lost} lost\n")


def _alert(database: Database, channel_id: int) -> int:
    """Approve an urgent broadcast to everybody and return its id."""
    now = Now()
    with database.write() as connection:
        id_ = broadcast.write(connection, Draft(channel_id, "断水", MESSAGES, urgent=True), "bench", now())
        broadcast.approve(connection, id_, "bench", now())
    return id_


async def _done(database: Database, id_: int) -> None:
    end = time.monotonic() + PATIENCE
    while (await asyncio.to_thread(_row, database, id_)).status != State.DONE:
        if time.monotonic() > end:
            raise TimeoutError("the alert takes too long")
        await asyncio.sleep(LOOK_SECONDS)


def _row(database: Database, id_: int) -> Any:
    with database.read() as connection:
        return broadcast.find(connection, id_)


def _part(world: World, engine: str, name: str, seconds: float) -> None:
    tally, world.tally = world.tally, Tally()
    sys.stdout.write(
        f"{engine} {name}: {seconds:.1f} s, {tally.answered / seconds:.0f} answers/s,"
        f" reply ms {percentiles(tally.to_answer)} (wanted p99 < 50), ack ms {percentiles(tally.to_acknowledge)},"
        f" 503 {tally.refused}, wrong {tally.wrong}, doubled {tally.doubled}\n"
    )
    sys.stdout.flush()


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=1_000_000)
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--engine", choices=["sqlite", "postgres"])
    arguments = parser.parse_args()
    for engine in [arguments.engine] if arguments.engine else ["sqlite", "postgres"]:
        asyncio.run(beside_talks(engine, arguments.residents, arguments.rate))


if __name__ == "__main__":
    main()
