"""Two of each against one of each on PostgreSQL, and what the database is asked to do: statements, locks, connections, hot rows.

Run: python -m tests.bench.scale [--seconds 6] [--pushes 20000]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import psycopg
from sqlalchemy import func, select

from bot.config import normalised_database_url
from tests.bench.bots import OUR_FORM, Bot, our_environment, running
from tests.bench.case import Case, measure
from tests.bench.hot import line_of
from tests.bench.push import StandIn, settle, wait
from tests.faults.cluster import Cluster, cluster
from tests.product import ROOT

SERVER = {"shared_preload_libraries": "pg_stat_statements", "shared_buffers": "256MB", "max_wal_size": "512MB"}
LOOK_SECONDS = 0.05
TOP = 10

_STATEMENTS = """
SELECT calls, rows, total_exec_time, query FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY total_exec_time DESC LIMIT %s
"""
_TABLES = """
SELECT relname, n_tup_ins, n_tup_upd, n_tup_hot_upd, n_dead_tup FROM pg_stat_user_tables
ORDER BY n_tup_ins + n_tup_upd DESC LIMIT 8
"""
_SESSIONS = """
SELECT count(*), count(*) FILTER (WHERE state = 'active'), count(*) FILTER (WHERE wait_event_type = 'Lock')
FROM pg_stat_activity WHERE application_name = 'madoguchi'
"""


@dataclass
class Sessions:
    """What was seen of the product's connections, look by look: how many there were, at work, and waiting for a lock."""

    url: str
    looks: list[tuple[int, int, int]] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look in the background."""
        thread = threading.Thread(target=self._look)
        thread.start()
        try:
            yield
        finally:
            self._over.set()
            thread.join()

    def _look(self) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            while not self._over.wait(LOOK_SECONDS):
                self.looks.append(connection.execute(_SESSIONS).fetchone() or (0, 0, 0))

    def summary(self) -> str:
        """Say it in one line."""
        if not self.looks:
            return "never looked at"
        most, active, waiting = (max(column) for column in zip(*self.looks, strict=True))
        share = sum(look[2] > 0 for look in self.looks) / len(self.looks)
        return f"at most {most} connections, {active} at work, {waiting} waiting for a lock; some waited in {share:.1%} of looks"


@contextmanager
def town(server: Cluster, url: str, web: int, workers: int, line: str, _extra: Mapping[str, str]) -> Iterator[Bot]:
    """Start web processes and workers on an empty database, and begin to count its statements."""
    environment = our_environment(line, normalised_database_url(url), web)
    madoguchi = [sys.executable, "-m", "bot.cli"]
    subprocess.run([*madoguchi, "db", "upgrade"], env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    with ExitStack() as stack:
        for _ in range(workers):
            stack.enter_context(_process([*madoguchi, "worker"], environment))
        command = ["--config", "python:bot.serve", "bot.app:from_environment()"]
        bot = stack.enter_context(running("Madoguchi", OUR_FORM, environment, command))
        with psycopg.connect(url, autocommit=True) as connection:
            connection.execute("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
            connection.execute("SELECT pg_stat_statements_reset()")
        yield bot


@contextmanager
def _process(command: list[str], environment: Mapping[str, str]) -> Iterator[None]:
    process = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        yield
    finally:
        process.terminate()
        process.wait(60)


def walk(number: int, seconds: float) -> tuple[float, list[str]]:
    """Let residents walk against `number` of each; return the answered events a second and what was seen."""
    with cluster(settings=SERVER) as server:
        url = server.create()
        sessions = Sessions(url)
        case = Case(f"{number} web, {number} worker", OUR_FORM, partial(town, server, url, number, number))
        with sessions.watched():
            seen = measure(case, seconds)
        return float(seen["answered_per_second"]), [line_of(case.name, seen), f"  {sessions.summary()}", *_asked(url)]


def _asked(url: str) -> list[str]:
    with psycopg.connect(url, autocommit=True) as connection:
        events = connection.execute("SELECT count(*) FROM applied_events").fetchone()
        total = events[0] if events else 0
        lines = [f"  {total:,} events; the statements that took longest:"]
        for calls, rows, milliseconds, query in connection.execute(_STATEMENTS, [TOP]).fetchall():
            words = " ".join(query.split())[:90]
            lines.append(
                f"  {calls / max(1, total):6.3f} calls an event, {rows / max(1, calls):6.1f} rows a call,"
                f" {milliseconds / max(1, total) * 1000:7.1f} µs an event: {words}"
            )
        for name, inserted, updated, hot, dead in connection.execute(_TABLES).fetchall():
            lines.append(f"  {name}: {inserted:,} inserted, {updated:,} updated ({hot:,} in place), {dead:,} dead")
    return lines


def pushes(workers: int, number: int) -> float:
    """Return how many personal messages a second leave with so many workers."""
    with cluster(settings=SERVER) as server, ExitStack() as stack:
        line = StandIn()
        stack.callback(line.close)
        url = normalised_database_url(server.create())
        environment = our_environment(line.url, url, 1)
        madoguchi = [sys.executable, "-m", "bot.cli"]
        subprocess.run([*madoguchi, "db", "upgrade"], env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        left = _written(environment, number)
        begun = time.perf_counter()
        for _ in range(workers):
            stack.enter_context(_process([*madoguchi, "worker"], environment))
        wait(lambda: left() < number)
        began, first = time.perf_counter(), left()
        wait(lambda: left() == 0)
        ended = time.perf_counter()
        sys.stdout.write(f"  first ones after {began - begun:.1f} s\n")
        return float(first / (ended - began))


def _written(environment: Mapping[str, str], number: int) -> Any:
    """Write so many personal messages; return what tells how many are left."""
    from bot.config import read_settings
    from bot.delivery.outbox import Letter, Priority
    from bot.models import Delivery, Resident
    from bot.now import Now
    from bot.runtime import Runtime

    runtime = Runtime(read_settings(environment), Now())
    channel_id = settle(runtime.database, number)
    with runtime.database.write() as connection:
        ids = connection.execute(select(Resident.id)).scalars().all()
        letters = [
            Letter(channel_id, id_, "bench", [{"type": "text", "text": f"{id_}番のお知らせ"}], Priority.EMERGENCY)
            for id_ in ids
        ]
        runtime.outbox.put(connection, letters, runtime.now())
    open_ = select(func.count()).where(Delivery.purpose == "bench", Delivery.finished_at.is_(None))

    def left() -> int:
        with runtime.database.read() as connection:
            return int(connection.execute(open_).scalar_one())

    return left


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=6.0)
    parser.add_argument("--pushes", type=int, default=20_000)
    arguments = parser.parse_args()
    rates, sent = [], []
    for number in (1, 2):
        rate, lines = walk(number, arguments.seconds)
        rates.append(rate)
        sys.stdout.write("\n".join(lines) + "\n")
        sys.stdout.flush()
    for number in (1, 2):
        sent.append(pushes(number, arguments.pushes))
        sys.stdout.write(f"{number} worker: {sent[-1]:,.0f} personal messages a second\n")
        sys.stdout.flush()
    sys.stdout.write(
        f"two web processes : one = {rates[1] / rates[0]:.2f}\ntwo workers : one = {sent[1] / sent[0]:.2f}\n"
    )


if __name__ == "__main__":
    main()
