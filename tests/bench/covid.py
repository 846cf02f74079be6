"""How long an exposure takes to match among a million visits, and how check-ins go at 50,000 an hour.

Run: python -m tests.bench covid, or python -m tests.bench.covid [--visits 1000000] [--check-ins 5000] [--engine sqlite|postgres]
"""

from __future__ import annotations

import argparse
import datetime as dt
import random
import statistics
import sys
import time
from typing import Any

from sqlalchemy import insert, text

from tests.bench.push import database_of

FACILITIES, PLACES_EACH = 5_000, 2
DAYS = 28
PEOPLE = 100_000
AN_HOUR = 50_000
HALF = dt.timedelta(minutes=30)


def fill(database: Any, number: int, now: dt.datetime) -> None:
    """Let people visit facilities for four weeks; one facility in a hundred has a hundred times as many visitors."""
    from bot.models import Channel, Resident
    from handlers.covid.models import Facility, Place, Visit

    chance = random.Random(1)
    with database.write(60) as connection:
        channel = connection.execute(
            insert(Channel).values(name="main", created_at=now).returning(Channel.id)
        ).scalar_one()
        people = [
            {"channel_id": channel, "line_user_id": f"U{each:032}", "reference": f"R{each:09}", "created_at": now,
             "friend": True, "friend_at": 0}
            for each in range(PEOPLE)
        ]  # fmt: skip
        connection.execute(insert(Resident), people)
        from bot.models import SealedBytes

        sealed = SealedBytes.marked_for("covid_facilities.contact", b"x")
        shops = [
            {"uid": f"{each:032}", "name": f"店{each}", "kind": "restaurant", "address": "1", "checklist": [],
             "contact": sealed, "may_be_named": False, "state": "active", "registered_at": now}
            for each in range(FACILITIES)
        ]  # fmt: skip
        connection.execute(insert(Facility), shops)
        rooms = [
            {"facility_id": shop, "name": str(room), "version": 1, "changed_at": now, "retired": False}
            for shop in range(1, FACILITIES + 1)
            for room in range(PLACES_EACH)
        ]
        connection.execute(insert(Place), rooms)
    busy = [place for place in range(1, FACILITIES * PLACES_EACH + 1) if place <= FACILITIES * PLACES_EACH // 100]
    seconds = DAYS * 86_400
    for start in range(0, number, 50_000):
        rows = []
        for _ in range(min(50_000, number - start)):
            place = chance.choice(busy) if chance.random() < 0.5 else chance.randint(1, FACILITIES * PLACES_EACH)
            entered = now - dt.timedelta(seconds=chance.randint(0, seconds))
            left = entered + dt.timedelta(minutes=chance.randint(10, 180)) if chance.random() < 0.3 else None
            rows.append(
                {"resident_id": chance.randint(1, PEOPLE), "place_id": place, "entered_at": entered, "left_at": left}
            )
        with database.write(60) as connection:
            connection.execute(insert(Visit), rows)
    if not database.on_sqlite:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("VACUUM ANALYZE"))


def match(database: Any, now: dt.datetime) -> None:
    """Match exposures of an evening, of a whole day and of three days at the busiest facility, and print how long each takes."""
    from handlers.covid import visits
    from handlers.covid.overlap import Window

    for name, hours in (("an evening", 3), ("a day", 24), ("three days", 72)):
        begin = now - dt.timedelta(days=10)
        window = Window(begin, begin + dt.timedelta(hours=hours)).padded(HALF)
        taken = []
        for _ in range(5):
            begun = time.perf_counter()
            with database.read() as connection:
                found = visits.match(connection, visits.at_place(1, None, window, dt.timedelta(hours=2)))
            taken.append(time.perf_counter() - begun)
        sys.stdout.write(
            f"  {name}: {found.visits} visits of {found.residents} people in {max(taken) * 1000:.1f} ms at worst\n"
        )


def check_in(database: Any, number: int, now: dt.datetime) -> None:
    """Check in again and again, a commit each as the slowest way of all, and print latencies of the first and last tenth."""
    from handlers.covid import visits
    from handlers.covid.rules import Kind

    chance = random.Random(2)
    kinds = {"restaurant": Kind({"ja": "飲食店"}, dt.timedelta(hours=2))}
    taken = []
    begun = time.perf_counter()
    for count in range(number):
        moment = now + dt.timedelta(seconds=count * 3600 / AN_HOUR)
        place, who = chance.randint(1, FACILITIES * PLACES_EACH), chance.randint(1, PEOPLE)
        at = time.perf_counter()
        with database.write() as connection:
            visits.spot(connection, place)
            visits.check_in(connection, kinds, who, place, moment)
        taken.append(time.perf_counter() - at)
    whole = time.perf_counter() - begun
    tenth = max(1, number // 10)
    first, last = statistics.median(taken[:tenth]), statistics.median(taken[-tenth:])
    worst = sorted(taken)[int(len(taken) * 0.99)]
    sys.stdout.write(
        f"  {number} check-ins, one commit each: {number / whole:,.0f}/s ({AN_HOUR / 3600:.0f}/s are wanted); "
        f"median of the first tenth {first * 1000:.2f} ms, of the last {last * 1000:.2f} ms; p99 {worst * 1000:.2f} ms\n"
    )


def measure(engine: str, number: int, check_ins: int) -> None:
    """Measure one engine."""
    from bot import migrate
    from bot.db import Database
    from bot.service import load_services

    load_services("handlers")
    now = dt.datetime(2027, 4, 30, 12, tzinfo=dt.UTC)
    with database_of(engine) as url:
        database = Database(url)
        migrate.upgrade(database)
        begun = time.perf_counter()
        fill(database, number, now)
        sys.stdout.write(f"{engine}: {number:,} visits made in {time.perf_counter() - begun:.0f} s\n")
        match(database, now)
        check_in(database, check_ins, now)
        database.close()


def main() -> None:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--visits", type=int, default=1_000_000)
    parser.add_argument("--check-ins", type=int, default=5_000)
    parser.add_argument("--engine", choices=["sqlite", "postgres"])
    arguments = parser.parse_args()
    from bot import logs

    logs.set_up(level=40)
    for engine in [arguments.engine] if arguments.engine else ["sqlite", "postgres"]:
        measure(engine, arguments.visits, arguments.check_ins)


if __name__ == "__main__":
    main()
