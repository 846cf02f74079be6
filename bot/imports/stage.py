"""The two stages of an import as they run in a child process: check reads every row, load stores the good ones.

Each holds a lease on its import and notes how far it is, so that whoever comes after a crash goes on where it ended.
"""

from __future__ import annotations

import datetime as dt
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.imports import sheet, store
from bot.imports.examine import Examined, Examiner
from bot.imports.kind import ImportContext, ImportKind, RowFault
from bot.imports.sheet import Unusable
from bot.models import Import, ImportFault, SealedBytes
from bot.now import Now

ROWS_A_COMMIT = 1000
FIRST_BATCH = 250
SMALLEST_BATCH = 25
HELD_SECONDS = 0.03
"""How long a batch may hold SQLite, where everybody waits for one writer; batches shrink and grow by it."""

HELD_ROWS_SECONDS = 0.25
"""The same on PostgreSQL, where a batch holds only its own rows."""

LEASE = dt.timedelta(seconds=30)
PROGRESS_ROWS = 2000
BAD_ROWS_KEPT = 1000
FOUND_CHARACTERS = 60
TRIES = 5
"""So often a stage may be cut short without coming further before it is given up."""

_imports: Any = Import.__table__
_faults: Any = ImportFault.__table__


class LeaseLost(Exception):
    """Somebody else works on this import, or it was cancelled: leave it to them."""


@dataclass(frozen=True, slots=True)
class Bench:
    """What a stage works with; `go_on` tells, between two batches, whether there is time left."""

    database: Database
    vault: Vault
    lookup: Lookup
    now: Now
    owner: str
    go_on: Callable[[], bool]
    read_town: Callable[[], Mapping[str, Any]] = dict


def take(bench: Bench, uid: str) -> Any:
    """Lease the import for a stage that is to be done and return its row; None when there is nothing to do.

    Raises LeaseLost while somebody else works on it.
    """
    now = bench.now()
    with bench.database.write() as connection:
        row = connection.execute(select(_imports).where(_imports.c.uid == uid).with_for_update()).one_or_none()
        if row is None or row.status not in {"checking", "loading"}:
            return None
        if row.lease_by is not None and row.lease_by != bench.owner and row.lease_until > now:
            raise LeaseLost
        changes = {"lease_by": bench.owner, "lease_until": now + LEASE, "attempts": row.attempts + 1}
        if row.attempts >= TRIES:
            changes = {**_END, "status": "failed", "error": "CutShort", "finished_at": now}
        connection.execute(update(_imports).where(_imports.c.id == row.id).values(changes))
    return None if row.attempts >= TRIES else row


_END: dict[str, Any] = {"lease_by": None, "lease_until": None, "attempts": 0}


def run(bench: Bench, kind: ImportKind, row: Any) -> bool:
    """Do the stage the row is in, as far as the time goes; tell whether it is over. Raises LeaseLost."""
    try:
        return _check(bench, kind, row) if row.status == "checking" else _load(bench, kind, row)
    except Unusable as unusable:
        _settle(bench, row, status="refused", trouble=unusable.trouble, finished_at=bench.now())
        return True


def fail(bench: Bench, row: Any, error: str) -> None:
    """Note a fault of ours by its class and place."""
    _settle(bench, row, status="failed", error=error[:240], finished_at=bench.now())


def give_back(bench: Bench, row: Any) -> None:
    """End the lease with the stage unfinished, so that the next one need not wait."""
    _settle(bench, row)


def _settle(bench: Bench, row: Any, **changes: Any) -> None:
    with bench.database.write() as connection:
        _note(connection, bench, row, **_END, **changes)


def _note(connection: Connection, bench: Bench, row: Any, **changes: Any) -> None:
    """Change the import while it is ours. Raises LeaseLost."""
    mine = (_imports.c.id == row.id, _imports.c.lease_by == bench.owner, _imports.c.status == row.status)
    done = connection.execute(update(_imports).where(*mine).values(changes).returning(_imports.c.id))
    if done.first() is None:
        raise LeaseLost


def _check(bench: Bench, kind: ImportKind, row: Any) -> bool:
    encoding = sheet.encoding_of(store.pieces(bench.database, bench.vault, row))
    delimiter = sheet.delimiter_of(_stream(bench, row), encoding)
    with bench.database.write() as connection:
        connection.execute(delete(_faults).where(_faults.c.import_id == row.id))
        changes = {"encoding": encoding, "delimiter": delimiter, "rows_read": 0, "rows_bad": 0}
        _note(connection, bench, row, **changes)
    tally = Tally()
    for number, examined in enumerate(_examined(bench, kind, row, encoding, delimiter), 1):
        tally.add(examined)
        if number % PROGRESS_ROWS == 0:
            _progress(bench, row, tally)
            if not bench.go_on():
                return False
    if tally.rows == 0:
        raise Unusable("empty")
    _keep_faults(bench, row, tally)
    _settle(bench, row, status="checked", rows=tally.rows, rows_read=tally.rows, rows_bad=tally.bad)
    return True


def _progress(bench: Bench, row: Any, tally: Tally) -> None:
    with bench.database.write() as connection:
        lease = bench.now() + LEASE
        _note(connection, bench, row, rows_read=tally.rows, rows_bad=tally.bad, lease_until=lease)


def _stream(bench: Bench, row: Any) -> store.Stream:
    return store.Stream(store.pieces(bench.database, bench.vault, row))


def _examined(bench: Bench, kind: ImportKind, row: Any, encoding: str, delimiter: str) -> Iterator[Examined]:
    records = sheet.records(_stream(bench, row), encoding, delimiter)
    heading = next(records, None)
    if heading is None:
        raise Unusable("empty")
    headings = sheet.named(heading.cells)
    check = kind.checks(_context(bench, row))
    return Examiner(kind, sheet.places(headings, row.mapping), len(headings), check).examine(records)


def _context(bench: Bench, row: Any) -> ImportContext:
    return ImportContext(row.uid, bench.vault, bench.lookup, bench.now(), row.started_by, bench.read_town)


class Tally:
    """Counts rows and faults, and keeps the faults of the first bad rows."""

    def __init__(self) -> None:
        self.rows = 0
        self.bad = 0
        self.by_column: Counter[tuple[str, str]] = Counter()
        self.details: dict[tuple[str, str], Mapping[str, Any]] = {}
        self.kept: list[tuple[RowFault, str]] = []

    def add(self, examined: Examined) -> None:
        """Count a row."""
        self.rows += 1
        if not examined.faults:
            return
        self.bad += 1
        self.by_column.update({(fault.column, fault.code) for fault in examined.faults})
        for fault in examined.faults:
            self.details.setdefault((fault.column, fault.code), fault.details)
        if self.bad <= BAD_ROWS_KEPT:
            self.kept += [(fault, examined.cells.get(fault.column, "")) for fault in examined.faults]


def _keep_faults(bench: Bench, row: Any, tally: Tally) -> None:
    rows = [_column_row(row, place, count, tally.details[place]) for place, count in tally.by_column.items()]
    rows += [_fault_row(bench, row, fault, found) for fault, found in tally.kept]
    for start in range(0, len(rows), ROWS_A_COMMIT):
        with bench.database.write() as connection:
            connection.execute(_ADD_FAULT[connection.dialect.name], rows[start : start + ROWS_A_COMMIT])


def _column_row(row: Any, place: tuple[str, str], count: int, details: Mapping[str, Any]) -> dict[str, Any]:
    """Return the line of a whole column; what names a single row (the first of two) is left out."""
    column, code = place
    said = {name: str(value)[:200] for name, value in details.items() if name != "first"}
    return {
        "import_id": row.id, "row": 0, "column": column[:60], "code": code[:40], "details": said, "found": None,
        "count": count,
    }  # fmt: skip


def _fault_row(bench: Bench, row: Any, fault: RowFault, found: str) -> dict[str, Any]:
    place = f"{row.uid}/{fault.row}/{fault.column}"
    shown = found[:FOUND_CHARACTERS].encode()
    return {
        "import_id": row.id,
        "row": fault.row,
        "column": fault.column[:60],
        "code": fault.code[:40],
        "details": {name: str(value)[:200] for name, value in fault.details.items()},
        "found": SealedBytes.seal(bench.vault, "import_faults.found", place, shown) if shown else None,
        "count": 1,
    }


def _adding(insert: Any) -> Any:
    """Return the statement that adds faults; one that is there already is counted on."""
    statement = insert(ImportFault)
    keys = ["import_id", "row", "column", "code"]
    return statement.on_conflict_do_update(
        index_elements=keys, set_={"count": ImportFault.count + statement.excluded["count"]}
    )


_ADD_FAULT = {"sqlite": _adding(sqlite.insert), "postgresql": _adding(postgresql.insert)}


def _load(bench: Bench, kind: ImportKind, row: Any) -> bool:
    context = _context(bench, row)
    rows = _examined(bench, kind, row, row.encoding, row.delimiter)
    for _ in islice(rows, row.rows_read):
        continue  # stored before a crash; read again all the same, so that their keys are known
    size, done = FIRST_BATCH, row.rows_read
    while batch := list(islice(rows, size)):
        good = [examined.row for examined in batch if not examined.faults]
        prepared = kind.prepare(context, good)
        done += len(batch)
        held = _store(bench, kind, row, prepared, batch, done, context)
        if bench.database.on_sqlite:
            size = _next_size(size, held, HELD_SECONDS)
            # As long as it held the database, so long it leaves it to others.
            time.sleep(min(held, 0.5))
        else:
            size = _next_size(size, held, HELD_ROWS_SECONDS)
        if not bench.go_on():
            return False
    _settle(bench, row, status="done", rows_read=done, finished_at=bench.now())
    return True


def _next_size(size: int, held: float, longest: float) -> int:
    if held > longest:
        return max(SMALLEST_BATCH, min(size // 2, int(size * longest / held)))
    return min(ROWS_A_COMMIT, size * 3 // 2) if held < longest / 2 else size


def _store(
    bench: Bench,
    kind: ImportKind,
    row: Any,
    prepared: Sequence[Any],
    batch: Sequence[Examined],
    done: int,
    context: ImportContext,
) -> float:
    """Store a batch and that it is stored, in one transaction; return how many seconds that held the database."""
    with bench.database.write() as connection:
        begun = time.monotonic()
        _note(connection, bench, row, rows_read=done, lease_until=bench.now() + LEASE, attempts=0)
        loaded = kind.load(connection, prepared, context)
        mine = update(_imports).where(_imports.c.id == row.id)
        counts = {name: _imports.c[name] + getattr(loaded, name) for name in ("added", "changed", "unchanged")} | {
            "rows_bad": _imports.c.rows_bad + len({fault.row for fault in loaded.faults})
        }
        connection.execute(mine.values(counts))
        _note_late_faults(connection, bench, row, batch, loaded.faults)
    return time.monotonic() - begun


def _note_late_faults(
    connection: Connection, bench: Bench, row: Any, batch: Iterable[Examined], faults: Sequence[RowFault]
) -> None:
    """Keep what only the database showed, like the faults found before."""
    if not faults:
        return
    known = select(func.count()).where(_faults.c.import_id == row.id, _faults.c.row > 0)
    room = max(0, BAD_ROWS_KEPT - connection.execute(known).scalar_one())
    cells = {examined.row.number: examined.cells for examined in batch}
    details = {(fault.column, fault.code): fault.details for fault in faults}
    counted = Counter((fault.column, fault.code) for fault in faults)
    rows = [_column_row(row, place, count, details[place]) for place, count in counted.items()]
    rows += [_fault_row(bench, row, fault, cells.get(fault.row, {}).get(fault.column, "")) for fault in faults[:room]]
    connection.execute(_ADD_FAULT[connection.dialect.name], rows)
