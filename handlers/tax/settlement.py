"""Reconciliation (消込): what the tax system has booked settles notices, and what does not fit is listed for staff.

A paid list never opens anything by what it leaves out, until staff say up to which day it is complete: a late list must not make
debtors of those who have paid.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, and_, bindparam, insert, or_, select, update

from bot.crypto import Vault
from bot.models import Import
from bot.now import TOKYO
from bot.upsert import insert_into
from handlers.tax.holdings import amount_of
from handlers.tax.models import TaxDifference, TaxNotice, TaxPaidList
from handlers.tax.sends import withdraw
from handlers.tax.state import State

_lists: Any = TaxPaidList.__table__
_differences: Any = TaxDifference.__table__
_notices: Any = TaxNotice.__table__
_imports: Any = Import.__table__


class Reason(StrEnum):
    """Why a line of a paid list is shown to staff."""

    UNKNOWN = "unknown"
    AMOUNT = "amount"
    TWICE = "twice"
    REVERSED = "reversed"


@dataclass(frozen=True, slots=True)
class Payment:
    """One line: `hashes` are all keyed hashes by which its notice may be stored, `amount` is empty where the list has none.

    A `reversed` one was booked and taken back. `tax_year` is None where the list does not say it.
    """

    line: int
    hashes: Sequence[bytes]
    paid_on: dt.date
    amount: int | None = None
    reversed: bool = False
    tax_year: int | None = None


@dataclass(frozen=True, slots=True)
class Loaded:
    """How far a list's file was taken: its `upload`, whether to its end, and how many rows could not be read."""

    upload: str | None
    whole: bool
    left_out: int


class NotPossible(ValueError):
    """Staff asked for something that would let wrong messages leave; the message says what."""


class StillLoading(NotPossible):
    """Part of the list's file is not booked yet: who paid by those lines would be dunned."""


class RowsLeftOut(NotPossible):
    """Rows of the list's file could not be read, and staff have not said to have looked after them."""


def settle(
    connection: Connection, vault: Vault, import_uid: str, payments: Sequence[Payment], by: int | None, now: dt.datetime
) -> int:
    """Book payments of one list: settle notices, stop their reminders, note differences; return how many notices changed."""
    list_id = _list(connection, import_uid, by, now)
    found = _found(connection, payments)
    differences: list[dict[str, Any]] = []
    tally = Tally()
    for payment in payments:
        row = _notice_of(found, payment)
        reason = _reason(vault, payment, row, tally)
        if reason is not None:
            differences.append(_difference(list_id, payment, row, reason))
        if row is not None:
            tally.enter(row, payment)
    settled, opened = tally.settled(), tally.opened()
    _mark(connection, settled, now)
    _open_again(connection, opened, now)
    withdraw(connection, list(settled), now)
    _note(connection, differences)
    counts = {"entries": _lists.c.entries + len(payments), "settled": _lists.c.settled + len(settled)}
    connection.execute(update(_lists).where(_lists.c.id == list_id).values(counts))
    return len(settled) + len(opened)


class Tally:
    """What the lines of a list, in their order, leave each notice as: the last word counts, a payment or its reversal."""

    def __init__(self) -> None:
        self._rows: dict[int, Any] = {}
        self._paid_on: dict[int, dt.date | None] = {}
        self._reversed: set[int] = set()

    def enter(self, row: Any, payment: Payment) -> None:
        """Book one line. A reversal of what was paid before a later payment is old news: that payment stands."""
        self._rows[row.id] = row
        paid_on = self.paid_on(row)
        if not payment.reversed:
            self._paid_on[row.id] = paid_on or payment.paid_on
        elif paid_on is None or paid_on <= payment.paid_on:
            self._paid_on[row.id] = None
            self._reversed.add(row.id)

    def paid_on(self, row: Any) -> dt.date | None:
        """Return when a notice is paid by what was known and the lines so far, None while it is not."""
        known = row.paid_on if row.state == State.PAID else None
        return self._paid_on.get(row.id, known)

    def twice(self, row: Any, payment: Payment) -> bool:
        """Tell whether a payment comes on top of another one; the same line handed in again does not."""
        if row.id in self._paid_on:
            return self._paid_on[row.id] is not None
        return bool(row.state == State.PAID and row.paid_on != payment.paid_on)

    def settled(self) -> dict[int, dt.date]:
        """Return the notices that are paid now and were not, or are by another payment than before, with their day."""
        new = {id_ for id_, row in self._rows.items() if row.state != State.PAID} | self._reversed
        return {id_: day for id_, day in self._paid_on.items() if day is not None and id_ in new}

    def opened(self) -> list[int]:
        """Return the notices that were paid and are not any more; a statement without a payment is not touched."""
        return [id_ for id_, day in self._paid_on.items() if day is None and self._rows[id_].state == State.PAID]


def confirm(
    connection: Connection,
    list_id: int,
    kind: str | None,
    paid_until: dt.date,
    by: int | None,
    now: dt.datetime,
    *,
    left_out: int = 0,
) -> int:
    """Take staff's word that a list holds every payment made up to and including `paid_until`.

    Who said by then to have paid and is not in it is reminded again; return how many these are. `left_out` is how many rows of
    its file staff know not to have been taken. Raises NotPossible.
    """
    if paid_until >= now.astimezone(TOKYO).date():
        raise NotPossible("a list can only be complete up to yesterday: payments of today are still being made")
    _demand_loaded(connection, list_id, left_out)
    word = {"kind": kind, "paid_until": paid_until, "confirmed_by": by}
    connection.execute(update(_lists).where(_lists.c.id == list_id).values(word))
    day_ends = dt.datetime.combine(paid_until + dt.timedelta(days=1), dt.time(), TOKYO)
    contradicted = and_(_notices.c.state == State.SAID_PAID.value, _notices.c.said_at < day_ends)
    if kind is not None:
        contradicted = and_(contradicted, _notices.c.kind == kind)
    again = {"state": State.OPEN.value, "said_at": None, "updated_at": now}
    return int(connection.execute(update(_notices).where(contradicted).values(again)).rowcount)


def loaded(connection: Connection, list_id: int) -> Loaded:
    """Return how far the file of a list was taken."""
    asked = (
        select(_imports.c.uid, _imports.c.status, _imports.c.rows_bad)
        .join(_lists, _lists.c.import_uid == _imports.c.uid)
        .where(_lists.c.id == list_id)
    )
    row = connection.execute(asked).one_or_none()
    # A list without an upload is complete: the demo's, or one whose upload has been cleared away since.
    return Loaded(None, True, 0) if row is None else Loaded(row.uid, row.status == "done", row.rows_bad)


def _demand_loaded(connection: Connection, list_id: int, left_out: int) -> None:
    there = loaded(connection, list_id)
    if not there.whole:
        raise StillLoading("the file of this list is not loaded to its end")
    if there.left_out != left_out:
        raise RowsLeftOut(f"{there.left_out} rows of this list could not be read: whoever paid by them would be dunned")


def resolve(connection: Connection, difference_id: int, by: int, now: dt.datetime) -> bool:
    """Note that staff have looked into a difference."""
    mine = update(_differences).where(_differences.c.id == difference_id, _differences.c.resolved_at.is_(None))
    return bool(connection.execute(mine.values(resolved_at=now, resolved_by=by)).rowcount)


def _list(connection: Connection, import_uid: str, by: int | None, now: dt.datetime) -> int:
    row = {"import_uid": import_uid, "entries": 0, "settled": 0, "confirmed_by": by, "received_at": now}
    connection.execute(insert_into(connection, _lists).on_conflict_do_nothing(index_elements=["import_uid"]), row)
    found: int = connection.execute(select(_lists.c.id).where(_lists.c.import_uid == import_uid)).scalar_one()
    return found


def _found(connection: Connection, payments: Sequence[Payment]) -> dict[bytes, Any]:
    """Return the notices the payments name, by the hash that found them; two of one payment number leave it unknown."""
    keys = [key for payment in payments for key in payment.hashes]
    named = or_(_notices.c.code_hash.in_(keys), _notices.c.payment_hash.in_(keys))
    found: dict[bytes, Any] = {}
    doubtful: set[bytes] = set()
    for row in connection.execute(select(_notices).where(named).with_for_update()):
        found[bytes(row.code_hash)] = row
        if row.payment_hash is not None:
            key = bytes(row.payment_hash)
            if key in found:
                doubtful.add(key)
            found[key] = row
    return {key: row for key, row in found.items() if key not in doubtful}


def _notice_of(found: Mapping[bytes, Any], payment: Payment) -> Any:
    """Return the notice a payment is for: one of another tax year is not this one, though its code is the same."""
    row = next((found[key] for key in payment.hashes if key in found), None)
    return None if row is not None and payment.tax_year not in {None, row.tax_year} else row


def _reason(vault: Vault, payment: Payment, row: Any, tally: Tally) -> Reason | None:
    if row is None:
        return Reason.UNKNOWN
    if payment.reversed:
        return Reason.REVERSED
    if tally.twice(row, payment):
        return Reason.TWICE
    if payment.amount is not None and payment.amount != amount_of(vault, row):
        return Reason.AMOUNT
    return None


def _mark(connection: Connection, settled: Mapping[int, dt.date], now: dt.datetime) -> None:
    if settled:
        connection.execute(_PAID, [{"row": id_, "day": day, "at": now} for id_, day in settled.items()])


def _open_again(connection: Connection, ids: Sequence[int], now: dt.datetime) -> None:
    if ids:
        opened = {"state": State.OPEN.value, "paid_on": None, "said_at": None, "updated_at": now}
        connection.execute(update(_notices).where(_notices.c.id.in_(list(ids))).values(opened))


def _difference(list_id: int, payment: Payment, row: Any, reason: Reason) -> dict[str, Any]:
    return {
        "list_id": list_id,
        "line": payment.line,
        "reason": reason.value,
        "notice_id": None if row is None else row.id,
    }


def _note(connection: Connection, differences: Sequence[Mapping[str, Any]]) -> None:
    if differences:
        connection.execute(insert(_differences), list(differences))


_PAID = (
    update(_notices)
    .where(_notices.c.id == bindparam("row"))
    .values(
        state=State.PAID.value,
        paid_on=bindparam("day"),
        updated_at=bindparam("at", type_=_notices.c.updated_at.type),
    )
)
