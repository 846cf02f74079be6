"""Growth: the hot path with a prefecture's past in the database, against an empty one, in the same run.

Run: python -m tests.bench.growth [--engine sqlite|postgres] [--residents 1000000] [--deliveries 10000000] [--talks 100000]
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import text

from tests.bench.bots import OUR_FORM, Bot, our_environment, ours, running
from tests.bench.case import Case, measure
from tests.bench.push import database_of, settle
from tests.product import ROOT

CHUNK = 250_000

_DELIVERIES = """
INSERT INTO deliveries (
    {columns}
) SELECT {values} FROM {series}
"""

_TALKS = """
INSERT INTO conversations (resident_id, flow, revision, step, last_event_at, expires_at, updated_at)
SELECT n.n + 1, 'form', 'past', 'name', 0, :soon, :soon FROM {series}
"""


def fill(url: str, residents: int, deliveries: int, talks: int) -> None:
    """Enter residents, what was sent to them in the last three months, and talks under way."""
    from bot.db import Database

    database = Database(url)
    settle(database, residents)
    for start in range(0, deliveries, CHUNK):
        _send_long_ago(database, start, min(CHUNK, deliveries - start), residents)
    _talk(database, talks)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("ANALYZE"))
    database.close()


def _series(database: Any, start: int, number: int) -> str:
    if not database.on_sqlite:
        return f"generate_series({start}, {start + number - 1}) AS n(n)"
    last = start + number - 1
    return (
        f"(WITH RECURSIVE n(n) AS (SELECT {start} UNION ALL SELECT n + 1 FROM n WHERE n < {last}) SELECT n FROM n) AS n"  # noqa: S608 - numbers of our own
    )


def _send_long_ago(database: Any, start: int, number: int, residents: int) -> None:
    from bot.models import Delivery

    past = dt.datetime.now(dt.UTC) - dt.timedelta(days=30)
    given = {
        "channel_id": "1", "kind": "'push'", "status": "'sent'", "purpose": "'reminder'", "priority": "3",
        "resident_id": f"1 + n.n % {residents}", "created_at": ":past", "due_at": ":past",
        "finished_at": ":past", "attempts": "1", "doubled": _no(database), "uncertain": _no(database),
        "retry_key": "'00000000-0000-0000-0000-' || n.n", "sequence": "n.n",
    }  # fmt: skip
    columns = {column.name for column in Delivery.__table__.columns}
    used = {name: value for name, value in given.items() if name in columns}
    statement = _DELIVERIES.format(
        columns=", ".join(used), values=", ".join(used.values()), series=_series(database, start, number)
    )
    bound: Any = _bind(database, past)
    with database.write(120) as connection:
        connection.execute(text(statement), {"past": bound})


def _talk(database: Any, number: int) -> None:
    soon = _bind(database, dt.datetime.now(dt.UTC) + dt.timedelta(hours=6))
    statement = _TALKS.format(series=_series(database, 0, number))
    with database.write(120) as connection:
        connection.execute(text(statement), {"soon": soon})


def _bind(database: Any, moment: dt.datetime) -> Any:
    from bot.models.base import micros

    return micros(moment) if database.on_sqlite else moment


def _no(database: Any) -> str:
    return "0" if database.on_sqlite else "false"


@contextmanager
def grown(url: str, line: str, workers: int) -> Iterator[Bot]:
    """Start the product on the filled database."""
    command = ["--config", "python:bot.serve", "bot.app:from_environment()"]
    with running("grown", OUR_FORM, our_environment(line, url, workers), command) as bot:
        yield bot


def compare(engine: str, sizes: tuple[int, int, int], rounds: int, seconds: float) -> None:
    """Measure both in turn and print the ratio."""
    workers = 1 if engine == "sqlite" else 2
    with database_of(engine) as url:
        upgrade = [sys.executable, "-m", "bot.cli", "db", "upgrade"]
        subprocess.run(
            upgrade, env=our_environment("http://127.0.0.1:9", url, 1), cwd=ROOT, check=True, stdout=subprocess.DEVNULL
        )
        begun = time.perf_counter()
        fill(url, *sizes)
        sys.stdout.write(f"{engine}: filled in {time.perf_counter() - begun:.0f} s\n")

        def full(line: str, _extra: Mapping[str, str]) -> AbstractContextManager[Bot]:
            return grown(url, line, workers)

        def empty(line: str, extra: Mapping[str, str]) -> AbstractContextManager[Bot]:
            return ours(line, engine, workers, extra)

        rates: dict[str, list[float]] = {"empty": [], "grown": []}
        for turn in range(rounds):
            for name, start in (("empty", empty), ("grown", full)):
                # Residents of each round are new ones: reply tokens and event ids are used once.
                case = Case(name, OUR_FORM, start, first=turn * 10_000_000 + 50_000_000)
                rates[name].append(measure(case, seconds)["answered_per_second"])
    middle = {name: statistics.median(found) for name, found in rates.items()}
    sys.stdout.write(f"{engine}: {middle}, grown : empty = {middle['grown'] / middle['empty']:.2f} (wanted 0.8)\n")


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"])
    parser.add_argument("--residents", type=int, default=1_000_000)
    parser.add_argument("--deliveries", type=int, default=10_000_000)
    parser.add_argument("--talks", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=6.0)
    arguments = parser.parse_args()
    sizes = (arguments.residents, arguments.deliveries, arguments.talks)
    for engine in [arguments.engine] if arguments.engine else ["sqlite", "postgres"]:
        compare(engine, sizes, arguments.rounds, arguments.seconds)


if __name__ == "__main__":
    main()
