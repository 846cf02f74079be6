"""The child process that writes submissions as a table: `python -m bot.exporter`, told by standard input, to standard output."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from bot import logs
from bot.child import Heard, hear
from bot.crypto import CannotOpen
from bot.editions import Editions
from bot.models import Resident
from bot.service import load_services
from bot.submissions import search
from bot.submissions.reading import Searched, open_answers
from bot.submissions.search import Filter
from bot.submissions.states import Source, Status
from bot.submissions.table import Table
from bot.submissions.work import names

ROWS_AT_ONCE = 500


def filter_of(given: Mapping[str, Any]) -> Filter:
    """Return the filter that `as_json` wrote."""
    days = {name: dt.datetime.fromisoformat(given[name]) if given[name] else None for name in ("since", "until")}
    return Filter(
        tuple(given["flows"]),
        tuple(map(Status, given["statuses"])),
        given["assigned_to"],
        Source(given["source"]) if given["source"] else None,
        days["since"],
        days["until"],
        given["on_hold"],
        given["number"],
        given["resident"],
        given["words"],
    )


def write(heard: Heard) -> Iterator[bytes]:
    """Yield the table piece by piece."""
    more = heard.more
    services = load_services(more["services"])
    editions = Editions(heard.database, services, Path(more["flows"]), heard.now)
    editions.begin()
    book, wanted, texts = editions.book(), filter_of(more["filter"]), more["texts"]
    table = Table(
        book,
        heard.vault,
        more["encoding"],
        more["headings"],
        lambda code: texts.get(code, code),
        heard.now(),
        more["language"],
    )
    yield table.begin(wanted.flows[0])
    searched = Searched(book)
    after = None
    while True:
        with heard.database.read() as connection:
            rows = search.read(connection, wanted, after, ROWS_AT_ONCE, with_answers=True)
            staff = names(connection, [row.assigned_to for row in rows])
            residents = _references(connection, rows)
        found = [row for row in rows if not wanted.folded or _matches(heard, searched, row, wanted.folded)]
        yield b"".join(table.rows(found, staff, residents))
        if len(rows) < ROWS_AT_ONCE:
            return
        after = (rows[-1].filed_at, rows[-1].id)


def _matches(heard: Heard, searched: Searched, row: Any, words: list[str]) -> bool:
    try:
        return searched.holds(row, open_answers(heard.vault, row), words)
    except CannotOpen:
        return False


def _references(connection: Connection, rows: Any) -> dict[int, str]:
    wanted = {row.resident_id for row in rows if row.resident_id is not None}
    found = connection.execute(select(Resident.id, Resident.reference).where(Resident.id.in_(wanted)))
    return {row.id: row.reference for row in found}


def main() -> int:
    """Write the table and end."""
    logs.set_up()
    heard = hear()
    try:
        for piece in write(heard):
            sys.stdout.buffer.write(piece)
            sys.stdout.buffer.flush()
    except BrokenPipeError:
        return 1  # who asked for it has gone
    finally:
        heard.database.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
