"""The files the tax office hands in: notices (plain, or prepared where they come from) and paid lists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection

from bot.crypto import Lookup
from bot.imports import BadCell, Check, Column, ImportContext, ImportKind, Loaded, Row, RowFault
from handlers.tax import columns, reading
from handlers.tax.kinds import tax_words
from handlers.tax.ledger import Entry, seal, store
from handlers.tax.reading import EL_PARTS, ElNumber, Unreadable, el_digits
from handlers.tax.records import BIRTH, CODE, PAYMENT, Hashes, Record, record_of, tax_lookup, without_zeros
from handlers.tax.settlement import Payment, settle

YEARS_UNTIL_DUE = 8
"""So many years after its own a tax may fall due: one assessed late is due when it is assessed."""

KEPT = dt.timedelta(days=1)
"""How long an upload stays: it holds birth dates and plates, which are stored nowhere else."""


def prepare_notices(context: ImportContext, rows: Sequence[Row]) -> list[Entry]:
    """Hash and seal; birth dates and plates go no further."""
    lookup, known = tax_lookup(context.lookup), _kinds(context.town)

    def entry(row: Row) -> Entry:
        record = replace(record_of(lookup, row.values), kind=known(row.values["kind"]))
        codes, births = _older(lookup, row.values)
        return seal(context.vault, lookup, row.number, record, older=codes, older_births=births)

    return [entry(row) for row in rows]


def _older(lookup: Lookup, values: Mapping[str, Any]) -> tuple[Sequence[bytes], Sequence[bytes]]:
    """Return how code and birth date may be stored under keys that are being replaced."""
    if len(lookup.key_ids()) == 1:
        return (), ()
    code, born = values["code"], values.get("birth_date")
    births = () if born is None else lookup.digests(BIRTH, code, born.isoformat())[1:]
    return lookup.digests(CODE, code)[1:], births


def prepare_prepared(context: ImportContext, rows: Sequence[Row]) -> list[Entry]:
    """Seal what was hashed in the tax office."""
    lookup, known, keys = tax_lookup(context.lookup), _kinds(context.town), _keys(context)
    return [
        seal(
            context.vault, lookup, row.number, replace(_prepared(row), kind=known(row.values["kind"])),
            foreign=row.values["key"] not in keys,
        )
        for row in rows
    ]  # fmt: skip


def load_notices(connection: Connection, entries: Sequence[Entry], context: ImportContext) -> Loaded:
    """Store notices; one that is there already and equal stays as it is."""
    faults = [RowFault(entry.row, "kind", "unknown_kind") for entry in entries if not entry.record.kind]
    faults += [RowFault(entry.row, "key", "unknown_key") for entry in entries if entry.foreign and entry.record.kind]
    bad = {fault.row for fault in faults}
    done = store(connection, [each for each in entries if each.row not in bad], context.now)
    return Loaded(done.added, done.changed, done.unchanged, faults)


def prepare_payments(context: ImportContext, rows: Sequence[Row]) -> list[Payment]:
    """Hash by what the list names its notices."""
    lookup = tax_lookup(context.lookup)

    def hashes(row: Row) -> list[bytes]:
        values = row.values
        found = lookup.digests(CODE, values["code"]) if values.get("code") else []
        if values.get("el_agency") and values.get("el_payment"):
            found += lookup.digests(PAYMENT, values["el_agency"], without_zeros(values["el_payment"]))
        return found

    return [
        Payment(
            row.number, hashes(row), row.values["paid_on"], row.values.get("amount"), bool(row.values.get("reversed")),
            row.values.get("tax_year"),
        )
        for row in rows
    ]  # fmt: skip


def load_payments(connection: Connection, payments: Sequence[Payment], context: ImportContext) -> Loaded:
    """Book payments; what does not fit is noted for staff, not refused."""
    changed = settle(connection, context.vault, context.uid, payments, context.staff_id, context.now)
    return Loaded(changed=changed, unchanged=len(payments) - changed)


def check_notice(row: Row) -> Iterator[RowFault]:
    """Find what several cells of a notice together show."""
    if row.values.get("birth_date") is None and row.values.get("plate") is None:
        yield RowFault(row.number, "", "no_factor")
    yield from _check_number(row)
    yield from _check_year(row)
    yield from _check_amount(row)


def _check_number(row: Row) -> Iterator[RowFault]:
    """An eL number is whole or not there."""
    if sum(row.values.get(f"el_{name}") is not None for name in EL_PARTS) not in {0, len(EL_PARTS)}:
        yield RowFault(row.number, "", "el_incomplete")


def _check_year(row: Row) -> Iterator[RowFault]:
    """A tax falls due in its year or after; a year read wrongly (26 for 2026) would make each later file look old."""
    if not 0 <= row.values["due_on"].year - row.values["tax_year"] <= YEARS_UNTIL_DUE:
        yield RowFault(row.number, "tax_year", "year_and_due")


def _check_amount(row: Row) -> Iterator[RowFault]:
    """Nobody is reminded of a tax that is not to be paid."""
    if row.values["amount"] == 0:
        yield RowFault(row.number, "amount", "nothing_due")


def _check_payment(row: Row) -> Iterator[RowFault]:
    """Something has to name the notice."""
    if row.values.get("code") is None and (row.values.get("el_agency") is None or row.values.get("el_payment") is None):
        yield RowFault(row.number, "", "no_name")


def _notice_checks(context: ImportContext) -> Check:
    of_town = _town_checks(context)
    return lambda row: (*check_notice(row), *of_town(row))


def _prepared_checks(context: ImportContext) -> Check:
    of_town, keys = _town_checks(context), _keys(context)

    def check(row: Row) -> Iterator[RowFault]:
        yield from _check_number(row)
        yield from _check_year(row)
        yield from _check_amount(row)
        yield from of_town(row)
        if row.values["key"] not in keys:
            yield RowFault(row.number, "key", "unknown_key")

    return check


def _town_checks(context: ImportContext) -> Check:
    """Return what finds taxes the town does not have, and eL numbers whose digits are not as many as it has set."""
    known, lengths = _kinds(context.town), el_digits(context.town)

    def check(row: Row) -> Iterator[RowFault]:
        if not known(row.values["kind"]):
            yield RowFault(row.number, "kind", "unknown_kind")
        for name, (least, most) in lengths.items():
            found = row.values.get(f"el_{name}")
            if found is not None and not least <= len(found) <= most:
                code = "digits_exactly" if least == most else "digits_between"
                yield RowFault(row.number, f"el_{name}", code, {"count": least, "least": least, "most": most})

    return check


def _kinds(town: Mapping[str, Any]) -> Callable[[str], str]:
    """Return what names the town's own key of a tax as a file calls it; empty where the town has no such tax."""
    words = tax_words(town)

    @lru_cache(columns.FEW_VALUES)
    def known(text: str) -> str:
        try:
            return reading.kind(text, words)
        except Unreadable:
            return ""

    return known


def _keys(context: ImportContext) -> list[bytes]:
    return tax_lookup(context.lookup).key_ids()


def _prepared(row: Row) -> Record:
    values = row.values
    hashes = Hashes(values["code_hash"], values.get("birth_hash"), values.get("plate_hash"), values.get("payment_hash"))
    parts = [values.get(f"el_{name}") for name in EL_PARTS]
    el = ElNumber(*(str(part) for part in parts)) if all(parts) else None
    form = values.get("form") or "paper"
    return Record(hashes, values["tax_year"], values["kind"], values["amount"], values["due_on"], el, form)


def _bytes(length: int) -> Callable[[str], bytes]:
    def parse(cell: str) -> bytes:
        try:
            found = bytes.fromhex(cell)
        except ValueError:
            raise BadCell("hash") from None
        if len(found) != length:
            raise BadCell("hash")
        return found

    return parse


def _hash_column(name: str, ja: str, en: str, *, required: bool = False) -> Column:
    return Column(name, {"ja": ja, "en": en}, _bytes(32), required=required, example="00" * 32)


NOTICES = ImportKind(
    "tax.notices",
    {"ja": "納税通知", "en": "Tax notices"},
    (columns.code(required=True), *columns.SECOND_FACTORS, *columns.ABOUT),
    load_notices,
    key=("code",),
    prepare=prepare_notices,
    checks=_notice_checks,
    faults=columns.FAULTS,
    note={
        "ja": "生年月日と車の番号は、照合用の値だけを保存します。ファイルは1日で消えます。ファイルにない通知は残ります。",
        "en": "Birth dates and plates are kept only as keyed hashes; the file goes after a day. Notices not in the file stay.",
    },
    keep=KEPT,
)
PREPARED = ImportKind(
    "tax.prepared",
    {"ja": "納税通知（準備済み）", "en": "Tax notices (prepared)"},
    (
        Column("key", {"ja": "鍵の番号", "en": "Key"}, _bytes(4), required=True, example="00" * 4),
        _hash_column("code_hash", "連携コードの照合値", "Hash of the code", required=True),
        _hash_column("birth_hash", "生年月日の照合値", "Hash with the birth date"),
        _hash_column("plate_hash", "車の番号の照合値", "Hash with the plate"),
        _hash_column("payment_hash", "納付番号の照合値", "Hash of the payment number"),
        *columns.ABOUT,
    ),
    load_notices,
    key=("code_hash",),
    prepare=prepare_prepared,
    checks=_prepared_checks,
    faults=columns.FAULTS,
    note={
        "ja": "税務課の端末で madoguchi tax prepare を使って作ったファイルです。生年月日と車の番号は入っていません。",
        "en": "A file made by `madoguchi tax prepare` in the tax office; it holds neither birth dates nor plates.",
    },
)
PAYMENTS = ImportKind(
    "tax.payments",
    {"ja": "収納の一覧（消込）", "en": "Paid list"},
    (
        columns.code(),
        *map(columns.el_part, ("agency", "payment")),
        columns.tax_year(),
        columns.day("paid_on", "納付日", "Paid on", "R8.5.20", ("収納日", "領収日"), required=True),
        columns.amount("納付額", "Amount", ("収納額", "税額")),
        Column(
            "reversed",
            {"ja": "取消", "en": "Reversed"},
            lambda cell: reading.narrow(cell) not in {"0", "×", "無", "-"},
            example="",
            also=("取消区分",),
        ),
    ),
    load_payments,
    prepare=prepare_payments,
    checks=lambda _context: _check_payment,
    faults=columns.FAULTS,
    note={
        "ja": "取り込んだら「収納の一覧」で、何日までの納付が含まれるかを入れてください。それまで納期限後のお知らせは止まります。",
        "en": "Then say on the page of paid lists up to which day it is complete; until then nothing leaves after a due date.",
    },
)
KINDS = (NOTICES, PREPARED, PAYMENTS)
