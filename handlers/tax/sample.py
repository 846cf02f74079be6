"""Sample notices for the demo: some linked, some paid, one past its due date, and one to link by hand."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import click
from sqlalchemy import Connection, insert, select, update

from bot.crypto import Lookup
from bot.now import TOKYO
from bot.sample import SampleContext
from bot.service import Caller
from handlers.tax import sends
from handlers.tax.dates import next_business_day
from handlers.tax.ledger import seal, store
from handlers.tax.models import TaxLink, TaxNotice, TaxPaidList
from handlers.tax.reading import ElNumber
from handlers.tax.records import Record, hash_notice, tax_lookup
from handlers.tax.state import State

CODE, BIRTH_DATE, PLATE = "24681357", dt.date(1980, 3, 1), "1234"
"""What is printed on the notice that a visitor of the demo links; obviously nobody's."""

NOTICES, LINKED, PAID = 40, 2, 24
DAYS_PAST_DUE = 12

_notices: Any = TaxNotice.__table__


def fill(context: SampleContext) -> None:
    """Fill the database, and say by which code a visitor can link a notice."""
    now = context.now
    today = now.astimezone(TOKYO).date()
    lookup = tax_lookup(context.lookup)
    due_on = _next_due(today)
    past = next_business_day(today - dt.timedelta(days=DAYS_PAST_DUE))
    records = [_record(lookup, CODE, due_on, 0)]
    records += [_record(lookup, f"{50_000_000 + n}", past if n < LINKED else due_on, n) for n in range(NOTICES)]
    store(context.connection, [seal(context.vault, lookup, n, record) for n, record in enumerate(records)], now)
    _link(context.connection, [record.hashes.code for record in records[1:]], context.residents, now)
    _settle(context.connection, records[-PAID:], today, now)
    sends.plan_sends(context.connection, context.book.town.town, now)
    click.echo(
        f"\n  見本の納税通知書：連携コード {CODE}、生年月日 1980年3月1日、車の番号 12-34\n"
        f"  A sample tax notice: linking code {CODE}, birth date 1 March 1980, plate 12-34\n"
    )


def _next_due(today: dt.date) -> dt.date:
    """Return the next 31 May that is a month away at least, so that all its reminders are still to come."""
    found = next_business_day(dt.date(today.year, 5, 31))
    return found if found >= today + dt.timedelta(days=40) else next_business_day(dt.date(today.year + 1, 5, 31))


def _record(lookup: Lookup, code: str, due_on: dt.date, number: int) -> Record:
    el = ElNumber("13800", f"{int(code):020}", f"{number:06}", "1000000001")
    kind, amount = ("car", 34_500) if number % 2 == 0 else ("light", 10_800)
    return Record(hash_notice(lookup, code, BIRTH_DATE, PLATE, el), due_on.year, kind, amount, due_on, el, "paper")


def _link(connection: Connection, codes: Sequence[bytes], residents: Sequence[Caller], now: dt.datetime) -> None:
    """Link a notice past its due date to each of the last residents; the first one links theirs by hand."""
    for resident, code in zip(residents[1:], codes, strict=False):
        notice_id = connection.execute(select(_notices.c.id).where(_notices.c.code_hash == code)).scalar_one()
        row = {"notice_id": notice_id, "resident_id": resident.id, "relation": "own", "linked_at": now}
        connection.execute(insert(TaxLink), row)


def _settle(connection: Connection, records: Sequence[Record], today: dt.date, now: dt.datetime) -> None:
    paid_on = today - dt.timedelta(days=3)
    codes = [record.hashes.code for record in records]
    paid = {"state": State.PAID.value, "paid_on": paid_on, "updated_at": now}
    connection.execute(update(_notices).where(_notices.c.code_hash.in_(codes)).values(paid))
    row = {
        "import_uid": "sample", "paid_until": today - dt.timedelta(days=2), "entries": len(codes), "settled": len(codes),
        "received_at": now,
    }  # fmt: skip
    connection.execute(insert(TaxPaidList), row)
