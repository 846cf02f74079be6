"""A service that only the tests have: it takes a file of notices into a table of its own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, text

from bot.imports import Column, ImportContext, ImportKind, Loaded, Row, RowFault, cells
from bot.service import Service

BANNED = "99999999"
"""A code that only the database is supposed to know as wrong."""


def make_table(connection: Connection) -> None:
    """Create the table into which the notices are loaded; `times` counts how often a record was written."""
    connection.execute(
        text("CREATE TABLE loaded (code text PRIMARY KEY, born text, amount integer, kind text, times integer)")
    )


def load(connection: Connection, rows: Sequence[Row], context: ImportContext) -> Loaded:
    """Store rows by their code."""
    added = changed = unchanged = 0
    faults = []
    for row in rows:
        values: dict[str, Any] = {**row.values, "born": row.values["born"].isoformat()}
        if values["code"] == BANNED:
            faults.append(RowFault(row.number, "code", "banned", {"office": "A"}))
            continue
        known = connection.execute(text("SELECT born, amount, kind FROM loaded WHERE code = :code"), values).first()
        if known is None:
            connection.execute(text("INSERT INTO loaded VALUES (:code, :born, :amount, :kind, 1)"), values)
            added += 1
        elif tuple(known) == (values["born"], values["amount"], values["kind"]):
            unchanged += 1
        else:
            update = (
                "UPDATE loaded SET born = :born, amount = :amount, kind = :kind, times = times + 1 WHERE code = :code"
            )
            connection.execute(text(update), values)
            changed += 1
    return Loaded(added, changed, unchanged, faults)


def check(row: Row) -> list[RowFault]:
    """Refuse an amount without a kind."""
    if row.values["amount"] is not None and row.values["kind"] is None:
        return [RowFault(row.number, "kind", "kind_needed")]
    return []


NOTICES = ImportKind(
    name="notices.notices",
    title={"ja": "お知らせ", "en": "Notices"},
    columns=(
        Column("code", {"ja": "連携コード", "en": "Link code"}, cells.digits(exactly=8), True, "12345678"),
        Column(
            "born",
            {"ja": "生年月日", "en": "Date of birth"},
            cells.date,
            True,
            "昭和55年3月1日",
            also=("誕生日",),
        ),
        Column("amount", {"ja": "税額", "en": "Amount"}, cells.integer(0, 9_999_999), example="34,500円"),
        Column("kind", {"ja": "税目", "en": "Tax"}, cells.one_of({"car": ("自動車税",), "kei": ("軽自動車税",)})),
    ),
    load=load,
    key=("code",),
    checks=lambda _context: check,
    faults={
        "banned": {"ja": "窓口{office}の番号です。", "en": "A number of office {office}."},
        "kind_needed": {"ja": "税額があるときは税目も必要です。", "en": "An amount needs its kind of tax."},
    },
    keep=dt.timedelta(days=3),
)

service = Service("notices", imports=[NOTICES])
