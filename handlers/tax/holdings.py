"""What a resident has linked: shown to them, said to be paid, and how each can be paid."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import orjson
from sqlalchemy import Connection, select, update

from bot.crypto import Vault
from bot.flow.talk import ActionResult
from bot.now import TOKYO
from bot.service import ActionContext
from handlers.tax.kinds import tax_name
from handlers.tax.late import Charge, NoRates, Rates, charge
from handlers.tax.models import TaxLink, TaxNotice
from handlers.tax.sends import withdraw
from handlers.tax.state import State

RATES = "tax_late_rates"
"""The dated table of late charges in flows/tax/late_rates.yaml."""

AMOUNT, EL_NUMBER = "tax_notices.amount", "tax_notices.el_number"

_links: Any = TaxLink.__table__
_notices: Any = TaxNotice.__table__


def list_notices(context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Return the resident's notices by due date, without amounts."""
    today = context.now.astimezone(TOKYO).date()
    notices: list[dict[str, Any]] = [
        {
            "id": row.id,
            "tax": tax_name(context.town, row.kind, context.resident.language),
            "year": row.tax_year,
            "due_on": row.due_on.isoformat(),
            "state": row.state,
            "overdue": row.due_on < today,
            "family": row.relation == "family",
        }
        for row in _held(context.connection, context.resident.id)
    ]
    lists = {
        "notices": notices,
        "unsettled": [each for each in notices if each["state"] != State.PAID],
        "unpaid": [each for each in notices if each["state"] == State.OPEN],
    }
    numbered = {
        name: [{"number": place, **each} for place, each in enumerate(found, 1)] for name, found in lists.items()
    }
    return ActionResult("some" if notices else "none", numbered)


def say_paid(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Note that the resident says to have paid: reminders stop, and what waits to leave is stopped."""
    ids = _change(context, arguments, State.OPEN, State.SAID_PAID)
    withdraw(context.connection, ids, context.now)
    return ActionResult("noted" if ids else "none")


def say_unpaid(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Take a statement back: reminders go on."""
    return ActionResult("noted" if _change(context, arguments, State.SAID_PAID, State.OPEN) else "none")


def how_to_pay(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Return what is needed to pay one notice. After its due date its number is no longer taken: that is said instead."""
    rows = _held(context.connection, context.resident.id)
    row = next((row for row in rows if row.id == named(arguments)), None)
    if row is None:
        return ActionResult("none")
    values = _amounts(context, row)
    if row.state == State.PAID:
        return ActionResult("paid", values)
    if row.due_on < context.now.astimezone(TOKYO).date():
        return ActionResult("overdue", {**values, **_late(context, row, int(values["amount"]))})
    if row.el_number is None:
        return ActionResult("no_number", values)
    el = orjson.loads(context.vault.open(EL_NUMBER, row.uid, row.el_number))
    return ActionResult("payable", {**values, **el})


def named(arguments: Mapping[str, Any]) -> int:
    """Return the notice that a flow names. One that came out as nothing there is none of them, and never all."""
    return int(arguments["notice"] or 0)


def amount_of(vault: Vault, row: Any) -> int:
    """Return the yen of a notice."""
    return int(vault.open(AMOUNT, row.uid, row.amount))


def late_charge(book_tables: Mapping[str, Any], tax: int, due_on: dt.date, on: dt.date) -> Charge:
    """Return the late charge by the town's table. Raises NoRates where the town has confirmed no rates for those days."""
    rows = book_tables.get(RATES, ())
    if not rows:
        raise NoRates
    table = [
        Rates(dt.date.fromisoformat(since), Fraction(str(values["first"])), Fraction(str(values["later"])))
        for since, values in rows
    ]
    confirmed = dt.date.fromisoformat(str(rows[0][1]["confirmed_until"]))
    return charge(tax, due_on, on, table, confirmed)


def _held(connection: Connection, resident_id: int) -> Sequence[Any]:
    asked = (
        select(_notices, _links.c.relation)
        .join(_links, _links.c.notice_id == _notices.c.id)
        .where(_links.c.resident_id == resident_id)
        .order_by(_notices.c.due_on, _notices.c.id)
    )
    return connection.execute(asked).all()


def _change(context: ActionContext, arguments: Mapping[str, Any], before: State, after: State) -> list[int]:
    """Move the resident's notices, or the one named, from one state to another; return which were."""
    mine = select(_links.c.notice_id).where(_links.c.resident_id == context.resident.id)
    if "notice" in arguments:
        mine = mine.where(_links.c.notice_id == named(arguments))
    said_at = context.now if after is State.SAID_PAID else None
    statement = (
        update(_notices)
        .where(_notices.c.id.in_(mine), _notices.c.state == before.value)
        .values(state=after.value, said_at=said_at, updated_at=context.now)
        .returning(_notices.c.id)
    )
    return list(context.connection.execute(statement).scalars())


def _amounts(context: ActionContext, row: Any) -> dict[str, Any]:
    return {
        "tax": tax_name(context.town, row.kind, context.resident.language),
        "year": row.tax_year,
        "due_on": row.due_on.isoformat(),
        "amount": amount_of(context.vault, row),
        "electronic": row.form == "electronic",
    }


def _late(context: ActionContext, row: Any, tax: int) -> dict[str, Any]:
    """Return the late charge as of today with its basis; nothing where the town has not switched it on or confirmed the rates."""
    nothing: dict[str, Any] = {"late_yen": None, "late_basis": None, "late_parts": []}
    if context.town.get("tax_late_charge") is not True or context.book is None:
        return nothing
    today = context.now.astimezone(TOKYO).date()
    try:
        found = late_charge(context.book.tables, tax, row.due_on, today)
    except NoRates:
        return nothing
    parts = [
        {
            "days": stretch.days,
            "rate": float(stretch.rate),
            "since": stretch.since.isoformat(),
            "until": stretch.until.isoformat(),
        }
        for stretch in found.stretches
    ]
    return {"late_yen": found.yen, "late_basis": found.basis, "late_parts": parts}
