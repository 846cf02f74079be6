"""What staff do with an upload: hand it in, say which heading is which column, have it checked, start it, take it back."""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, BinaryIO

from sqlalchemy import Connection, delete, insert, select, update

from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.imports import sheet, store
from bot.imports.kind import ImportKind, fold_heading
from bot.imports.sheet import Unusable
from bot.imports.tasks import CHECK, LOAD
from bot.jobs import Jobs
from bot.media.filename import safe_name
from bot.models import Import, ImportFault, ImportMapping, ImportPart, SealedBytes
from bot.upsert import insert_into

SHOWN_ROWS = 3
_NAME = "imports.name"
_imports: Any = Import.__table__
_faults: Any = ImportFault.__table__
_mappings: Any = ImportMapping.__table__


class NotNow(Exception):
    """The import is not in the state for that any more; look at its page again."""


@dataclass(frozen=True, slots=True)
class Upload:
    """What staff hand in; `staff_id` is None where nobody signed in (a command)."""

    kind: ImportKind
    filename: str
    source: BinaryIO
    staff_id: int | None


@dataclass(frozen=True, slots=True)
class Preview:
    """The headings of a file and its first rows."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]


class Imports:
    """The imports of one installation."""

    def __init__(self, database: Database, vault: Vault, lookup: Lookup, jobs: Jobs) -> None:
        self._database = database
        self._vault = vault
        self._lookup = lookup
        self._jobs = jobs

    def receive(self, upload: Upload, now: dt.datetime) -> str:
        """Keep an upload and return its uid. Raises Unusable for one that is too large."""
        uid = uuid.uuid4().hex
        name = safe_name(upload.filename, "import.csv").encode()
        row = {
            "uid": uid, "kind": upload.kind.name, "name": SealedBytes.seal(self._vault, _NAME, uid, name), "digest": b"",
            "size": 0, "mapping": {}, "status": "receiving", "rows_read": 0, "rows_bad": 0, "added": 0, "changed": 0,
            "unchanged": 0, "attempts": 0, "uploaded_by": upload.staff_id, "uploaded_at": now,
            "keep_until": now + upload.kind.keep,
        }  # fmt: skip
        with self._database.write() as connection:
            import_id = connection.execute(insert(_imports).returning(_imports.c.id), row).scalar_one()
        try:
            size, digest = store.keep(self._database, self._vault, import_id, uid, upload.source)
        except Unusable:
            with self._database.write() as connection:
                connection.execute(delete(_imports).where(_imports.c.id == import_id))
            raise
        kept = {"status": "uploaded", "size": size, "digest": self._lookup.digest("import", upload.kind.name, digest)}
        with self._database.write() as connection:
            connection.execute(update(_imports).where(_imports.c.id == import_id).values(kept))
        return uid

    def preview(self, row: Any) -> Preview:
        """Return the headings and the first rows of an upload. Raises Unusable."""
        encoding = sheet.encoding_of(store.pieces(self._database, self._vault, row))
        stream = store.Stream(store.pieces(self._database, self._vault, row))
        delimiter = sheet.delimiter_of(stream, encoding)
        found = sheet.records(store.Stream(store.pieces(self._database, self._vault, row)), encoding, delimiter)
        heading = next(found, None)
        if heading is None:
            raise Unusable("empty")
        rows = [record.cells for record, _ in zip(found, range(SHOWN_ROWS), strict=False)]
        return Preview(sheet.named(heading.cells), rows)

    def refuse(self, row: Any, trouble: str, now: dt.datetime) -> None:
        """Note that the whole file cannot be read."""
        with self._database.write() as connection:
            _change(connection, row, ("uploaded",), status="refused", trouble=trouble, finished_at=now)

    def begin_check(self, connection: Connection, row: Any, mapping: Mapping[str, str], now: dt.datetime) -> None:
        """Have the file checked with these headings for columns. Raises NotNow."""
        fresh = {"rows": None, "rows_read": 0, "rows_bad": 0, "trouble": None, "error": None, "finished_at": None}
        before = ("uploaded", "checked", "refused", "failed")
        _change(connection, row, before, status="checking", mapping=dict(mapping), attempts=0, **fresh)
        remembered = {"kind": row.kind, "mapping": dict(mapping), "used_at": now}
        statement = insert_into(connection, _mappings)
        changed = {name: statement.excluded[name] for name in ("mapping", "used_at")}
        connection.execute(statement.on_conflict_do_update(index_elements=["kind"], set_=changed), remembered)
        self._jobs.defer(connection, CHECK, {"import": row.uid}, key=f"{CHECK}/{row.uid}")

    def start(self, connection: Connection, row: Any, staff_id: int | None, now: dt.datetime) -> None:
        """Load the good rows, or go on where a failed attempt ended. Raises NotNow."""
        changes: dict[str, Any] = {"status": "loading", "error": None, "attempts": 0, "finished_at": None}
        if row.status != "failed":
            changes |= {"rows_read": 0, "started_by": staff_id, "started_at": now}
        elif row.started_at is None:
            raise NotNow
        _change(connection, row, ("checked", "failed"), **changes)
        self._jobs.defer(connection, LOAD, {"import": row.uid}, key=f"{LOAD}/{row.uid}")

    def cancel(self, connection: Connection, row: Any, now: dt.datetime) -> None:
        """Take an upload back and delete its file; rows already loaded stay. Raises NotNow."""
        before = ("uploaded", "checking", "checked", "loading", "refused", "failed")
        _change(connection, row, before, status="cancelled", finished_at=now, lease_by=None, lease_until=None)
        for model in (ImportPart, ImportFault):
            connection.execute(delete(model).where(model.import_id == row.id))
        for task in (CHECK, LOAD):
            self._jobs.drop(connection, f"{task}/{row.uid}")

    def name_of(self, row: Any) -> str:
        """Return what the file is called."""
        return self._vault.open(_NAME, row.uid, row.name).decode()

    def found_at(self, row: Any, fault: Any) -> str:
        """Return what stood at a fault's place."""
        if fault.found is None:
            return ""
        return self._vault.open("import_faults.found", f"{row.uid}/{fault.row}/{fault.column}", fault.found).decode()


def _change(connection: Connection, row: Any, before: Sequence[str], **changes: Any) -> None:
    statement = update(_imports).where(_imports.c.id == row.id, _imports.c.status.in_(before)).values(changes)
    if connection.execute(statement.returning(_imports.c.id)).first() is None:
        raise NotNow


def one(connection: Connection, uid: str) -> Any:
    """Return the import of that uid, None without."""
    return connection.execute(select(_imports).where(_imports.c.uid == uid)).one_or_none()


def recent(connection: Connection, kinds: Sequence[str], limit: int) -> Sequence[Any]:
    """Return the latest imports of those kinds."""
    statement = select(_imports).where(_imports.c.kind.in_(kinds)).order_by(_imports.c.id.desc()).limit(limit)
    return connection.execute(statement).all()


def same_before(connection: Connection, row: Any) -> Any:
    """Return the latest earlier import of the very same file that was loaded, None without."""
    same = (_imports.c.kind == row.kind, _imports.c.digest == row.digest, _imports.c.id < row.id)
    statement = select(_imports).where(*same, _imports.c.status == "done").order_by(_imports.c.id.desc()).limit(1)
    return connection.execute(statement).one_or_none()


def faults_by_column(connection: Connection, row: Any) -> Sequence[Any]:
    """Return how often what is wrong in which column, most often first."""
    statement = select(_faults).where(_faults.c.import_id == row.id, _faults.c.row == 0)
    return connection.execute(statement.order_by(_faults.c.count.desc(), _faults.c.column)).all()


def faults_by_row(connection: Connection, row: Any, after: int, limit: int) -> Sequence[Any]:
    """Return what is wrong with the rows behind row `after`."""
    statement = select(_faults).where(_faults.c.import_id == row.id, _faults.c.row > after)
    return connection.execute(statement.order_by(_faults.c.row, _faults.c.column).limit(limit)).all()


def proposal(connection: Connection, kind: ImportKind, headings: Sequence[str]) -> dict[str, str]:
    """Return which heading probably stands for which column: as the last time, else by name."""
    remembered = connection.execute(select(_mappings.c.mapping).where(_mappings.c.kind == kind.name)).scalar() or {}
    found: dict[str, str] = {}
    for column in kind.columns:
        before = remembered.get(column.name)
        by_name = next((one for one in headings if fold_heading(one) in column.headings), None)
        if (chosen := before if before in headings else by_name) is not None and chosen not in found.values():
            found[column.name] = chosen
    return found


def missing(kind: ImportKind, mapping: Mapping[str, str]) -> list[str]:
    """Return the columns that are needed and stand for no heading."""
    return [column.name for column in kind.columns if column.required and column.name not in mapping]
