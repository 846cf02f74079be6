"""How long a message to a million residents takes, and how many personal ones leave in a second, against a counting stand-in.

Run: python -m tests.bench.push [--residents 1000000] [--pushes 15000] [--engine sqlite|postgres]
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import resource
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import psycopg
from sqlalchemy import func, insert, select, text

POSTGRES = os.environ.get("MADOGUCHI_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
LANGUAGES = ("ja", "ja-easy", "en")
TEXTS = {"ja": "明日は断水します。", "ja-easy": "あした、みずが とまります。", "en": "No water tomorrow."}
MESSAGES = {language: [{"type": "text", "text": words}] for language, words in TEXTS.items()}
NIGHT, MORNING = 21, 8


class StandIn:
    """The counting stand-in as a process of its own."""

    def __init__(self) -> None:
        command = [sys.executable, "-m", "tests.bench.counting"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = f"http://127.0.0.1:{self._read().strip()}"

    def counts(self) -> Mapping[str, int]:
        """Return what it has counted."""
        assert self._process.stdin
        self._process.stdin.write("?\n")
        self._process.stdin.flush()
        counts: Mapping[str, int] = orjson.loads(self._read())
        return counts

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()

    def _read(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline()


@contextmanager
def database_of(engine: str) -> Iterator[str]:
    """Make an empty database and return its URL."""
    if engine == "sqlite":
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{Path(folder) / 'bench.db'}"
        return
    name = f"madoguchi_bench_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(POSTGRES, autocommit=True) as admin:
        admin.execute(f'CREATE DATABASE "{name}"'.encode())
    try:
        yield "postgresql+psycopg://" + POSTGRES.removeprefix("postgresql://").rsplit("/", 1)[0] + "/" + name
    finally:
        with psycopg.connect(POSTGRES, autocommit=True) as admin:
            admin.execute(f'DROP DATABASE "{name}" WITH (FORCE)'.encode())


def settle(database: Any, residents: int) -> int:
    """Enter residents in three languages, three in a hundred of whom have blocked the account; return the channel's id."""
    from bot.models import Channel, Resident

    now = dt.datetime.now(dt.UTC)
    with database.write(60) as connection:
        channel_id: int = connection.execute(
            insert(Channel).values(name="main", created_at=now).returning(Channel.id)
        ).scalar_one()
    for start in range(0, residents, 50_000):
        rows = [
            {
                "channel_id": channel_id,
                "line_user_id": f"U{number:032}",
                "reference": f"R{number:09}",
                "language": LANGUAGES[number % 3],
                "friend": number % 100 >= 3,
                "friend_at": 0,
                "created_at": now,
            }
            for number in range(start, min(start + 50_000, residents))
        ]
        with database.write(60) as connection:
            connection.execute(insert(Resident), rows)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        if not database.on_sqlite:
            connection.execute(text("ANALYZE"))
    return channel_id


def runtime_at(url: str, line: str) -> Any:
    """Make the parts of one process as the product does, at noon."""
    from bot.config import read_settings
    from bot.crypto import new_key
    from bot.now import TOKYO, Now
    from bot.runtime import Runtime

    settings = read_settings(
        {
            "DATABASE_URL": url,
            "LINE_CHANNEL_SECRET": "s" * 32,
            "LINE_CHANNEL_ACCESS_TOKEN": "t" * 32,
            "LINE_API_BASE": line,
            "ENCRYPTION_KEYS": new_key(),
            "LOOKUP_KEYS": new_key(),
        }
    )
    now = Now()
    tokyo = now().astimezone(TOKYO)
    if not MORNING <= tokyo.hour < NIGHT:
        now.offset = dt.timedelta(hours=12)
    return Runtime(settings, now)


def broadcast_to_all(runtime: Any, channel_id: int) -> float:
    """Approve a broadcast to everybody and return the seconds until its last outcome is stored."""
    from bot.delivery import broadcast
    from bot.delivery.broadcast import Draft, State

    with runtime.database.write() as connection:
        id_ = broadcast.write(connection, Draft(channel_id, "断水", MESSAGES), "bench", runtime.now())
        broadcast.approve(connection, id_, "bench", runtime.now())
    begun = time.perf_counter()

    def done() -> bool:
        with runtime.database.read() as connection:
            return bool(broadcast.find(connection, id_).status == State.DONE)

    wait(done)
    taken = time.perf_counter() - begun
    with runtime.database.read() as connection:
        row = broadcast.find(connection, id_)
        frozen, sent = row.frozen_at - row.approved_at, row.finished_at - row.frozen_at
        sys.stdout.write(f"  frozen after {frozen.total_seconds():.1f} s, sent in {sent.total_seconds():.1f} s more\n")
        sys.stdout.write(f"  {broadcast.report(connection, id_)}\n")
    return taken


def push_to_some(runtime: Any, channel_id: int, number: int) -> float:
    """Write personal messages for any sender to find; return the seconds until their last outcome is stored."""
    from bot.delivery.outbox import Letter, Priority
    from bot.models import Delivery, Resident

    with runtime.database.read() as connection:
        ids = connection.execute(select(Resident.id).where(Resident.friend.is_(True)).limit(number)).scalars().all()
    letters = [
        Letter(channel_id, id_, "bench", [{"type": "text", "text": f"{id_}番のお知らせ"}], Priority.REMINDER)
        for id_ in ids
    ]
    due_at = runtime.now() + dt.timedelta(seconds=2 + number / 2000)
    for start in range(0, number, 1000):
        with runtime.database.write() as connection:
            runtime.outbox.put(connection, letters[start : start + 1000], runtime.now(), due_at)
    time.sleep(max(0.0, (due_at - runtime.now()).total_seconds()))
    begun = time.perf_counter()
    left = select(func.count()).where(Delivery.purpose == "bench", Delivery.finished_at.is_(None))

    def done() -> bool:
        with runtime.database.read() as connection:
            return bool(connection.execute(left).scalar_one() == 0)

    wait(done)
    return time.perf_counter() - begun


def wait(done: Callable[[], bool], seconds: float = 300.0) -> None:
    """Look again and again, four times a second."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("it takes too long")
        time.sleep(0.25)


def measure(engine: str, residents: int, pushes: int) -> None:
    """Run both measurements on one engine and print them."""
    from bot import migrate
    from bot.db import Database
    from bot.service import load_services

    load_services("handlers")
    line = StandIn()
    with database_of(engine) as url:
        database = Database(url)
        migrate.upgrade(database)
        channel_id = settle(database, residents)
        database.close()
        runtime = runtime_at(url, line.url)
        runtime.start(clock=False, process="worker")
        try:
            if residents:
                taken = broadcast_to_all(runtime, channel_id)
                sys.stdout.write(f"{engine}: {residents:,} residents in {taken:.1f} s; {dict(line.counts())}\n")
            if pushes:
                taken = push_to_some(runtime, channel_id, pushes)
                sys.stdout.write(f"{engine}: {pushes:,} personal messages in {taken:.1f} s, {pushes / taken:,.0f}/s\n")
        finally:
            runtime.stop()
            line.close()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    sys.stdout.write(f"{engine}: at most {peak} MB, all of it sender and preparation\n")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--residents", type=int, default=1_000_000)
    parser.add_argument("--pushes", type=int, default=15_000)
    parser.add_argument("--engine", choices=["sqlite", "postgres"])
    parser.add_argument("--gevent", action="store_true", help="with greenlets, as the web process of SQLite has them")
    arguments = parser.parse_args()
    if arguments.gevent:
        from gevent import monkey

        monkey.patch_all()
    from bot import logs

    logs.set_up(level=40)
    for engine in [arguments.engine] if arguments.engine else ["sqlite", "postgres"]:
        measure(engine, arguments.residents, arguments.pushes)


if __name__ == "__main__":
    main()
