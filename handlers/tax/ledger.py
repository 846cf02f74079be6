"""Stores notices, at most a thousand at a time: new ones are added, changed ones replaced, equal ones left alone.

A code that comes back in a later tax year begins that year's notice: it is open again, and stays linked only where its owner was
born on the same day. A car may have been sold meanwhile, and its new owner's tax is nobody else's business.
"""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson
from sqlalchemy import Connection, bindparam, delete, insert, select, update

from bot.crypto import Lookup, Vault
from bot.models import SealedBytes
from handlers.tax.holdings import AMOUNT, EL_NUMBER
from handlers.tax.models import TaxLink, TaxNotice
from handlers.tax.records import Record
from handlers.tax.state import State

_notices: Any = TaxNotice.__table__


@dataclass(frozen=True, slots=True)
class Entry:
    """A record ready for its row, sealed under a `uid` of its own.

    `older` are hashes of its code, `older_births` of code and birth date, under keys being replaced; a `foreign` one was hashed
    with a key nobody here has.
    """

    row: int
    record: Record
    uid: str
    digest: bytes
    amount: SealedBytes
    el_number: SealedBytes | None
    older: Sequence[bytes] = ()
    older_births: Sequence[bytes] = ()
    foreign: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """How many notices were added, changed, and found as they are."""

    added: int
    changed: int
    unchanged: int


def seal(
    vault: Vault,
    lookup: Lookup,
    row: int,
    record: Record,
    *,
    older: Sequence[bytes] = (),
    older_births: Sequence[bytes] = (),
    foreign: bool = False,
) -> Entry:
    """Encrypt what a row keeps; done outside the transaction."""
    uid = secrets.token_hex(16)
    el = record.el
    return Entry(
        row,
        record,
        uid,
        record.digest(lookup),
        SealedBytes.seal(vault, AMOUNT, uid, str(record.amount).encode()),
        None if el is None else SealedBytes.seal(vault, EL_NUMBER, uid, orjson.dumps(dict(el.as_values()))),
        older,
        older_births,
        foreign,
    )


def store(connection: Connection, entries: Sequence[Entry], now: dt.datetime) -> Stored:
    """Add or replace notices by their code. Within a tax year what was paid, said or linked stays."""
    hashes = [code for entry in entries for code in (entry.record.hashes.code, *entry.older)]
    asked = select(_notices.c.id, _notices.c.code_hash, _notices.c.birth_hash, _notices.c.digest, _notices.c.tax_year)
    known = {bytes(row.code_hash): row for row in connection.execute(asked.where(_notices.c.code_hash.in_(hashes)))}
    found = [(_stored(known, entry), entry) for entry in entries]
    new = [entry for row, entry in found if row is None]
    changed = [(row, entry) for row, entry in found if row is not None and _replaces(entry, row)]
    if new:
        fresh = {"state": State.OPEN.value, "imported_at": now}
        connection.execute(insert(_notices), [_columns(entry, now) | fresh for entry in new])
    if changed:
        connection.execute(_REPLACE, [_bound(row.id, _columns(entry, now)) for row, entry in changed])
        _begin_year(connection, [pair for pair in changed if pair[1].record.tax_year > pair[0].tax_year], now)
    return Stored(len(new), len(changed), len(entries) - len(new) - len(changed))


def _replaces(entry: Entry, row: Any) -> bool:
    """Tell whether an entry says something else than what is stored; a file of an earlier year says nothing any more."""
    return bytes(row.digest) != entry.digest and entry.record.tax_year >= row.tax_year


def _begin_year(connection: Connection, pairs: Sequence[tuple[Any, Entry]], now: dt.datetime) -> None:
    if not pairs:
        return
    fresh = {"state": State.OPEN.value, "paid_on": None, "said_at": None, "imported_at": now}
    ids = [row.id for row, _ in pairs]
    connection.execute(update(_notices).where(_notices.c.id.in_(ids)).values(fresh))
    others = [row.id for row, entry in pairs if not _same_owner(row, entry)]
    connection.execute(delete(TaxLink).where(TaxLink.notice_id.in_(others)))


def _same_owner(row: Any, entry: Entry) -> bool:
    births = (entry.record.hashes.birth, *entry.older_births)
    return row.birth_hash is not None and bytes(row.birth_hash) in births


def _stored(known: Mapping[bytes, Any], entry: Entry) -> Any:
    return next((known[code] for code in (entry.record.hashes.code, *entry.older) if code in known), None)


def _columns(entry: Entry, now: dt.datetime) -> dict[str, Any]:
    record = entry.record
    return {
        "uid": entry.uid,
        "code_hash": record.hashes.code,
        "birth_hash": record.hashes.birth,
        "plate_hash": record.hashes.plate,
        "payment_hash": record.hashes.payment,
        "digest": entry.digest,
        "tax_year": record.tax_year,
        "kind": record.kind,
        "amount": entry.amount,
        "due_on": record.due_on,
        "el_number": entry.el_number,
        "form": record.form,
        "updated_at": now,
    }


_CHANGING = (
    "uid", "code_hash", "birth_hash", "plate_hash", "payment_hash", "digest", "tax_year", "kind", "amount", "due_on", "el_number",
    "form", "updated_at",
)  # fmt: skip
_REPLACE = (
    update(_notices)
    .where(_notices.c.id == bindparam("row"))
    .values({name: bindparam("new_" + name, type_=_notices.c[name].type) for name in _CHANGING})
)


def _bound(id_: int, columns: dict[str, Any]) -> dict[str, Any]:
    return {"row": id_} | {"new_" + name: columns[name] for name in _CHANGING}
