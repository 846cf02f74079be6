"""A notice as it is stored: keyed hashes in place of code, birth date and plate, made where those are, perhaps far from here.

The same content gives the same digest whichever way it came, so that a file handed in again changes nothing.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from bot.crypto import Lookup
from handlers.tax.dates import next_business_day
from handlers.tax.reading import ElNumber

PURPOSE = "tax import"
"""What the tax office's own key is derived for: it hashes notices and opens nothing."""

CODE, BIRTH, PLATE, PAYMENT = "tax.code", "tax.code+birth", "tax.code+plate", "tax.payment"


@dataclass(frozen=True, slots=True)
class Hashes:
    """What a notice is found by. `payment` is of the eL number's agency and payment number, by which paid lists may name it."""

    code: bytes
    birth: bytes | None
    plate: bytes | None
    payment: bytes | None


@dataclass(frozen=True, slots=True)
class Record:
    """One notice ready to be stored."""

    hashes: Hashes
    tax_year: int
    kind: str
    amount: int
    due_on: dt.date
    el: ElNumber | None
    form: str

    def digest(self, lookup: Lookup) -> bytes:
        """Return a keyed hash of everything in it."""
        hashes = [each.hex() if each else "" for each in (self.hashes.birth, self.hashes.plate, self.hashes.payment)]
        rest = [self.tax_year, self.kind, self.amount, self.due_on.isoformat(), self.form]
        el = None if self.el is None else dict(self.el.as_values())
        return lookup.digest("tax.notice", self.hashes.code.hex(), orjson.dumps([hashes, rest, el]).decode())


def tax_lookup(lookup: Lookup) -> Lookup:
    """Return the look-ups under which notices are stored."""
    return lookup.derived(PURPOSE)


def hash_notice(
    lookup: Lookup, code: str, birth_date: dt.date | None, plate: str | None, el: ElNumber | None
) -> Hashes:
    """Hash what identifies a notice; `lookup` is `tax_lookup`'s."""
    return Hashes(
        lookup.digest(CODE, code),
        None if birth_date is None else lookup.digest(BIRTH, code, birth_date.isoformat()),
        None if plate is None else lookup.digest(PLATE, code, plate),
        None if el is None else hash_payment(lookup, el.agency, el.payment),
    )


def hash_payment(lookup: Lookup, agency: str, payment: str) -> bytes:
    """Hash the number under which a payment is booked."""
    return lookup.digest(PAYMENT, agency, without_zeros(payment))


def without_zeros(number: str) -> str:
    """Return a number without zeros at its front: spreadsheets lose them."""
    return number.lstrip("0") or "0"


def record_of(lookup: Lookup, values: Mapping[str, Any]) -> Record:
    """Make a record of one row's parsed cells. A due date on which banks are closed moves to the next business day."""
    parts: Sequence[str | None] = [
        values.get(f"el_{name}") for name in ("agency", "payment", "confirmation", "category")
    ]
    el = ElNumber(*(str(part) for part in parts)) if all(parts) else None
    hashes = hash_notice(lookup, values["code"], values.get("birth_date"), values.get("plate"), el)
    return Record(
        hashes,
        values["tax_year"],
        values["kind"],
        values["amount"],
        next_business_day(values["due_on"]),
        el,
        values.get("form") or "paper",
    )
