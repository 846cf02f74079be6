"""Every list of the console with a million residents and what a million residents leave behind: each answers within 300 ms.

Run: python -m tests.bench.console [--engine sqlite|postgres] [--rows 1000000]
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from dataclasses import dataclass
from typing import Any

from sqlalchemy import insert, select

from tests.bench.push import database_of

BAR, CALLS = 300.0, 5
SINCE = "since=2026-01-01&until=2026-12-31"

PAGES = {
    "manager": (
        "/", "/tiles", "/residents/", "/residents/?q=R100500000", "/submissions/", "/submissions/?status=any",
        "/submissions/?status=done&flow=report.damage", "/submissions/?who=mine", "/submissions/?who=nobody&status=any",
        "/submissions/?hold=1&status=any", "/submissions/?source=phone&status=any", f"/submissions/?status=any&{SINCE}",
        "/submissions/?status=any&number=R100500000", "/submissions/templates/", "/deliveries/", "/deliveries/?status=failed",
        "/deliveries/?status=held", "/deliveries/?status=waiting", "/deliveries/?resident=R100500000", f"/deliveries/?{SINCE}",
        "/failed-events/", "/broadcasts/", "/broadcasts/new", "/broadcasts/segments", "/broadcasts/segments/new",
        "/broadcasts/testers", "/approvals/", "/alerts/", "/imports/", "/flows/", "/flows/publications/", "/usage/",
        "/desk/", "/desk/closed", "/desk/offices", "/tax/", "/tax/notices", "/tax/notices?state=paid",
        "/tax/notices?linked=1", "/tax/outgoing", "/tax/paid", "/tax/sends", "/tax/locks", "/covid/people",
        "/covid/people?cadence=home&silent=1", "/covid/people?state=ended", "/covid/calls", "/covid/calls?risk=3",
        "/covid/facilities", "/covid/exposures", "/covid/statistics", "/child-welfare/", "/data-map/",
    ),
    "auditor": (
        "/audit/", "/audit/?action=submission", "/audit/?subject=submission:500000", "/audit/?actor=見本",
        "/audit/?actor=nobody", "/audit/?from=2026-01-01&to=2026-12-31",
    ),
    "administrator": ("/staff/", "/staff/departments", "/alerts/roster", "/deliveries/"),
}  # fmt: skip

SEARCHES = ("/submissions/?status=any&q=くらくて", "/submissions/?status=any&q=見つからないことば")
"""Words are looked for by opening what is sealed, within a bound that the page tells: shown apart."""


@dataclass(frozen=True)
class Seen:
    """How long a page took, in milliseconds."""

    path: str
    status: int
    first: float
    calls: list[float]


def look(clerk: Any, path: str) -> Seen:
    """Open a page once, and then again and again."""
    taken = []
    for _ in range(1 + CALLS):
        since = time.perf_counter()
        answer = clerk.client.get(f"/console{path}")
        body = answer.get_data()
        taken.append((time.perf_counter() - since) * 1000)
        assert body
    return Seen(path, answer.status_code, taken[0], taken[1:])


def tell(seen: Seen) -> bool:
    """Print a line of the table; returns whether the page is within the bar."""
    middle, worst = statistics.median(seen.calls), max(seen.calls)
    within = max(middle, seen.first) < BAR and seen.status in (200, 302)
    sys.stdout.write(
        f"  {seen.path:48} {seen.status} {seen.first:8.0f} {middle:8.0f} {worst:8.0f}{'' if within else '  OVER'}\n"
    )
    sys.stdout.flush()
    return within


def measure(engine: str, rows: int) -> bool:
    """Fill one engine, open every list, and print how long each took; returns whether all are within the bar."""
    from bot import migrate
    from bot.console.access import Role
    from bot.db import Database
    from bot.models import Channel
    from tests.bench.past import Past
    from tests.console.client import Hall

    with database_of(engine) as url:
        database = Database(url)
        migrate.upgrade(database)
        database.close()
        hall = Hall(url)
        clerks = {role: hall.sign_in(Role(role)) for role in PAGES}
        begun = time.perf_counter()
        with hall.database.write() as connection:
            channel = connection.execute(select(Channel.id)).scalar()
            if channel is None:
                named = insert(Channel).values(name="main", created_at=hall.now()).returning(Channel.id)
                channel = connection.execute(named).scalar_one()
        Past(hall.database, rows, hall.now()).fill(hall.vault, channel, clerks["manager"].staff_id)
        sys.stdout.write(f"{engine}: {rows:,} of everything, filled in {time.perf_counter() - begun:.0f} s\n")
        sys.stdout.write(f"  {'ms':52} {'first':>8} {'median':>8} {'worst':>8}   (wanted: below {BAR:.0f})\n")
        for one in hall.runtime.beside:
            one.do()  # as every web process does in the background when it starts
        # Signed in anew for each page: one browser does not ask for so many so fast.
        within = [
            tell(look(hall.sign_in_as(clerks[role].staff_id), path)) for role, paths in PAGES.items() for path in paths
        ]
        sys.stdout.write("  a search by words, which opens what is sealed\n")
        for path in SEARCHES:
            tell(look(clerks["manager"], path))
        hall.close()
    return all(within)


def main() -> int:
    """Read the arguments and measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"])
    parser.add_argument("--rows", type=int, default=1_000_000)
    arguments = parser.parse_args()
    from bot import logs

    logs.set_up(level=40)
    engines = [arguments.engine] if arguments.engine else ["sqlite", "postgres"]
    within = [measure(engine, arguments.rows) for engine in engines]
    return 0 if all(within) else 1


if __name__ == "__main__":
    sys.exit(main())
