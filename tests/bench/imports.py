"""How long 300,000 tax notices take from the upload to the last row, and how webhooks fare meanwhile.

The file goes the way a clerk's does: kept, checked and loaded by the jobs of a running product, in child processes.

Run: python -m tests.bench imports, or python -m tests.bench.imports [--rows 300000] [--rate 50] [--engine sqlite|postgres]
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import io
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.imports import work
from bot.imports.tasks import CHECK, LOAD
from bot.jobs import Task, jobs_for
from bot.now import Now
from handlers.tax.files import NOTICES
from tests.bench.bots import OUR_FORM, Bot, cpu_of, descendants, our_environment, running
from tests.bench.case import arrive, drain
from tests.bench.load import Crowd, Pool, Tally, World, percentiles, stand_in
from tests.bench.push import database_of
from tests.bench.walk import STEPS
from tests.product import ROOT

WARM_SECONDS, CALM_SECONDS = 10.0, 10.0
LOOK_SECONDS = 0.25
PATIENCE = 1200.0
CONNECTIONS = 64
HEADINGS = "連携コード,生年月日,登録番号,年度,税目,年税額,納期限,収納機関番号,納付番号,確認番号,納付区分,紙・電子"
WANTED = "wanted: the whole in < 180 s, ack p99 < 100 ms"


def notices(rows: int) -> bytes:
    """Return a file as a tax system writes it: CP932, eras, thousands separators, a code and a plate on every notice."""
    chance = random.Random(1)
    codes = random.Random(2).sample(range(10**9, 10**10), rows)
    lines = [HEADINGS]
    for number, code in enumerate(codes):
        born = f"昭和{chance.randint(10, 63)}年{chance.randint(1, 12)}月{chance.randint(1, 28)}日"
        plate = f"川崎 {chance.randint(300, 599)} あ {chance.randint(10, 99)}-{chance.randint(10, 99)}"
        kind, yen = ("自動車税種別割", "34,500") if number % 2 else ("軽自動車税（種別割）", "10,800")
        lines.append(
            f'{code},{born},{plate},令和9年度,{kind},"{yen}",R9.5.31,13800,{number:020},{code % 10**6:06},1234567890,紙'
        )
    return "\r\n".join([*lines, ""]).encode("cp932")


@dataclass
class Installation:
    """A running product, and what its console would do with a file."""

    bot: Bot
    worker: int | None
    database: Database
    desk: work.Imports

    def hand_in(self, body: bytes) -> str:
        """Keep an upload as the console does."""
        return self.desk.receive(work.Upload(NOTICES, "notices.csv", io.BytesIO(body), None), Now()())

    def check(self, uid: str) -> None:
        """Have it checked."""
        row = self.row(uid)
        headings = self.desk.preview(row).headings
        with self.database.write() as connection:
            self.desk.begin_check(connection, row, work.proposal(connection, NOTICES, headings), Now()())

    def start(self, uid: str) -> None:
        """Have it loaded."""
        with self.database.write() as connection:
            self.desk.start(connection, self.row(uid), None, Now()())

    def row(self, uid: str) -> Any:
        """Return the import."""
        with self.database.read() as connection:
            return work.one(connection, uid)

    def children(self) -> dict[int, float]:
        """Return the processor time of each child process that is at an import now."""
        found = {}
        for pid in descendants(self.worker or self.bot.pid):
            with suppress(OSError):  # it ended in between
                if b"bot.importer" in Path(f"/proc/{pid}/cmdline").read_bytes():
                    found[pid] = cpu_of(pid)
        return found


@contextmanager
def installed(line: str, engine: str) -> Iterator[Installation]:
    """Start the product with the tax office's files, on PostgreSQL with a worker of its own."""
    with ExitStack() as stack:
        url = stack.enter_context(database_of(engine))
        environment = our_environment(line, url, 1 if engine == "sqlite" else 2)
        environment["MADOGUCHI_SERVICES"] = "tests.bench.taxes"
        _madoguchi(environment, "db", "upgrade").wait()
        bot = stack.enter_context(
            running("Madoguchi", OUR_FORM, environment, ["--config", "python:bot.serve", "bot.app:from_environment()"])
        )
        worker = None
        if engine != "sqlite":
            worker = _madoguchi(environment, "worker")
            stack.callback(worker.wait, 30)
            stack.callback(worker.terminate)
        database = Database(url)
        stack.callback(database.close)
        vault, lookup = Vault([_key(environment, "ENCRYPTION_KEYS")]), Lookup([_key(environment, "LOOKUP_KEYS")])
        tasks = [Task(name, lambda _context, _arguments: None) for name in (CHECK, LOAD)]
        desk = work.Imports(database, vault, lookup, jobs_for(database, vault, tasks, Now()))
        yield Installation(bot, worker.pid if worker else None, database, desk)


def _madoguchi(environment: Mapping[str, str], *arguments: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "bot.cli", *arguments]
    return subprocess.Popen(command, env=dict(environment), cwd=ROOT, stdout=subprocess.DEVNULL)


def _key(environment: Mapping[str, str], name: str) -> bytes:
    return base64.urlsafe_b64decode(environment[name] + "=")


async def beside_traffic(engine: str, body: bytes, rate: float) -> None:
    """Send `rate` events a second all the time, import the file meanwhile, and print each part."""
    with ExitStack() as stack:
        world = World(OUR_FORM)
        _server, port = await stand_in(world)
        starting = installed(f"http://127.0.0.1:{port}", engine)
        town = await asyncio.to_thread(stack.enter_context, starting)
        world.send = Pool(town.bot.port, world, CONNECTIONS).send
        arrivals = asyncio.create_task(arrive(world, Crowd(OUR_FORM, 1), rate / STEPS))
        try:
            await asyncio.sleep(WARM_SECONDS)
            world.tally = Tally()
            await asyncio.sleep(CALM_SECONDS)
            part(world, engine, "traffic alone", CALM_SECONDS, 0.0)
            begun = time.perf_counter()
            uid = await _timed(world, engine, "upload", asyncio.to_thread(town.hand_in, body))
            await _timed(world, engine, "check", _stage(town, uid, town.check, "checked"))
            await _timed(world, engine, "load", _stage(town, uid, town.start, "done"))
            taken, row = time.perf_counter() - begun, town.row(uid)
            sys.stdout.write(f"{engine}: {row.added:,} added of {row.rows:,} rows in {taken:.0f} s in all ({WANTED})\n")
            sys.stdout.flush()
        finally:
            arrivals.cancel()
            await drain(world)
            await asyncio.to_thread(stack.close)


async def _timed(world: World, engine: str, name: str, doing: Any) -> Any:
    world.tally = Tally()
    begun = time.perf_counter()
    result = await doing
    part(world, engine, name, time.perf_counter() - begun, result if isinstance(result, float) else 0.0)
    return result


async def _stage(town: Installation, uid: str, begin: Any, status: str) -> float:
    """Let a stage be done and return the processor time that its child took."""
    await asyncio.to_thread(begin, uid)
    end, seen, children = time.monotonic() + PATIENCE, set(), dict[int, float]()
    while (row := await asyncio.to_thread(town.row, uid)).status != status:
        children.update(town.children())
        seen.add(row.rows_read)
        if row.status in {"failed", "refused"} or time.monotonic() > end:
            raise RuntimeError(f"the import is {row.status}: {row.error or row.trouble}")
        await asyncio.sleep(LOOK_SECONDS)
    sys.stdout.write(f"  progress was seen at {len(seen)} different rows\n")
    return sum(children.values())


def part(world: World, engine: str, name: str, seconds: float, cpu: float) -> None:
    """Print what was seen during one part."""
    tally = world.tally
    world.tally = Tally()
    sys.stdout.write(
        f"{engine} {name:13} {seconds:6.1f} s, {cpu:6.1f} s of CPU in the child; {tally.answered / seconds:.0f} events/s, "
        f"ack ms {percentiles(tally.to_acknowledge)}, answer p99 {percentiles(tally.to_answer).get('p99')} ms, "
        f"503 {tally.refused}, wrong {tally.wrong}, load {os.getloadavg()[0]:.1f}\n"
    )
    sys.stdout.flush()


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=300_000)
    parser.add_argument("--rate", type=float, default=50.0, help="events of residents a second")
    parser.add_argument("--engine", choices=["sqlite", "postgres"])
    arguments = parser.parse_args()
    body = notices(arguments.rows)
    for engine in [arguments.engine] if arguments.engine else ["sqlite", "postgres"]:
        asyncio.run(beside_traffic(engine, body, arguments.rate))


if __name__ == "__main__":
    main()
