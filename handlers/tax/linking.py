"""A resident links a notice by its code and a second factor, and lets go of it again. One notice belongs to one account."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, delete, select

from bot.audience import hear_again
from bot.crypto import Lookup
from bot.flow.talk import ActionResult
from bot.service import ActionContext
from bot.upsert import insert_into
from handlers.tax import lockout, reading
from handlers.tax.ahead import TOPIC
from handlers.tax.holdings import named
from handlers.tax.kinds import tax_name
from handlers.tax.models import TaxLink, TaxNotice
from handlers.tax.records import BIRTH, CODE, PLATE, tax_lookup
from handlers.tax.sends import withdraw

OWN, FAMILY = "own", "family"

_links: Any = TaxLink.__table__
_notices: Any = TaxNotice.__table__


def link_notice(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Link the notice that code and second factor name; every wrong try counts, for the account and for the code."""
    connection, now = context.connection, context.now
    lookup = tax_lookup(context.lookup)
    try:
        code = reading.code(str(arguments["code"]))
    except reading.Unreadable:
        code = str(arguments["code"])[:40]  # counted like any other wrong one
    counters = [lockout.of_account(connection, lookup, context.resident.id), lockout.of_code(lookup, code)]
    if lockout.hold(connection, counters, now) is None:
        return ActionResult("locked")
    notice = _find(connection, lookup, code)
    if notice is None or not _proves(lookup, notice, code, arguments):
        left = lockout.count(connection, counters, now)
        return ActionResult("not_found", {"left": left}) if left else ActionResult("locked")
    return _link(context, notice, FAMILY if arguments.get("relation") == FAMILY else OWN)


def unlink_notices(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Let go of one notice, or of all: nothing of the link is kept, and what was about to be sent is not."""
    mine = select(_links.c.notice_id).where(_links.c.resident_id == context.resident.id)
    if "notice" in arguments:
        mine = mine.where(_links.c.notice_id == named(arguments))
    ids = context.connection.execute(mine).scalars().all()
    if not ids:
        return ActionResult("none")
    withdraw(context.connection, ids, context.now, unlinked=True)
    context.connection.execute(
        delete(_links).where(_links.c.resident_id == context.resident.id, _links.c.notice_id.in_(ids))
    )
    return ActionResult("unlinked", {"count": len(ids)})


def release(context: ActionContext) -> int:
    """Let go of every notice of an account, and of its lock: staff found that it was registered by mistake, or anew elsewhere."""
    answer = unlink_notices(context, {})
    lockout.clear(context.connection, tax_lookup(context.lookup), context.resident.id)
    return int(answer.values.get("count", 0))


def find_by_code(connection: Connection, lookup: Lookup, code: str) -> Any:
    """Return the notice with a linking code as staff type it, None when there is none."""
    try:
        return _find(connection, tax_lookup(lookup), reading.code(code))
    except reading.Unreadable:
        return None


def _find(connection: Connection, lookup: Lookup, code: str) -> Any:
    asked = select(_notices).where(_notices.c.code_hash.in_(lookup.digests(CODE, code)))
    return connection.execute(asked.limit(1)).one_or_none()


def _proves(lookup: Lookup, notice: Any, code: str, arguments: Mapping[str, Any]) -> bool:
    """Tell whether the second factor fits; it is hashed with the code only, so that nobody can be searched for by it."""
    given = (
        (notice.birth_hash, BIRTH, arguments.get("birth_date"), lambda text: reading.day(text).isoformat()),
        (notice.plate_hash, PLATE, arguments.get("plate"), reading.plate),
    )
    for stored, purpose, text, read in given:
        if stored is None or not text:
            continue
        try:
            digests = lookup.digests(purpose, code, read(str(text)))
        except reading.Unreadable:
            continue
        if any(hmac.compare_digest(bytes(stored), digest) for digest in digests):
            return True
    return False


def _link(context: ActionContext, notice: Any, relation: str) -> ActionResult:
    connection, mine = context.connection, context.resident.id
    row = {"notice_id": notice.id, "resident_id": mine, "relation": relation, "linked_at": context.now}
    made = insert_into(connection, _links).on_conflict_do_nothing().returning(_links.c.id)
    if connection.execute(made, row).first() is None:
        holder = connection.execute(select(_links.c.resident_id).where(_links.c.notice_id == notice.id)).scalar_one()
        return ActionResult("already" if holder == mine else "taken")
    hear_again(connection, mine, TOPIC)
    return ActionResult(
        "linked",
        {
            "tax": tax_name(context.town, notice.kind, context.resident.language),
            "year": notice.tax_year,
            "due_on": notice.due_on.isoformat(),
            "state": notice.state,
        },
    )
