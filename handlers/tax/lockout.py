"""Who tries codes out is locked until the next day: counted per account and per code, whether or not that code exists."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, select, update

from bot.crypto import Lookup
from bot.models import Resident
from bot.now import TOKYO
from bot.upsert import insert_into
from handlers.tax.models import TaxFailure

MOST_FAILURES = 5
ACCOUNT, CODE = "account", "code"

_failures: Any = TaxFailure.__table__


@dataclass(frozen=True, slots=True)
class Counter:
    """What is counted under: a hash of the account or of the code."""

    key: bytes
    scope: str


def of_account(connection: Connection, lookup: Lookup, resident_id: int) -> Counter:
    """Return the counter of a resident's account; erasing one's data leads back to the same."""
    asked = select(Resident.channel_id, Resident.line_user_id).where(Resident.id == resident_id)
    row = connection.execute(asked).one()
    return Counter(lookup.digest("tax.failures.account", str(row.channel_id), row.line_user_id), ACCOUNT)


def clear(connection: Connection, lookup: Lookup, resident_id: int) -> None:
    """Forget the failures of a resident's account."""
    key = of_account(connection, lookup, resident_id).key
    connection.execute(delete(_failures).where(_failures.c.key == key))


def of_code(lookup: Lookup, code: str) -> Counter:
    """Return the counter of a linking code."""
    return Counter(lookup.digest("tax.failures.code", code), CODE)


def hold(connection: Connection, counters: Sequence[Counter], now: dt.datetime) -> int | None:
    """Lock the counters for this transaction; return how many tries are left, None when one of them is locked.

    Counting begins anew each day. They are taken in one order, so that two who try at once wait and do not block each other.
    """
    insert = insert_into(connection, _failures)
    held = insert.on_conflict_do_update(index_elements=["key"], set_={"scope": insert.excluded.scope})
    asked = held.returning(_failures.c.failures, _failures.c.locked_until, _failures.c.updated_at)
    most = 0
    for counter in sorted(counters, key=lambda each: each.key):
        fresh = {"key": counter.key, "scope": counter.scope, "failures": 0, "locked_until": None, "updated_at": now}
        row = connection.execute(asked, fresh).one()
        if row.locked_until is not None and row.locked_until > now:
            return None
        if _next_day(row.updated_at) <= now:
            connection.execute(_of(counter).values(failures=0, locked_until=None, updated_at=now))
        else:
            most = max(most, row.failures)
    return MOST_FAILURES - most


def count(connection: Connection, counters: Sequence[Counter], now: dt.datetime) -> int:
    """Count one more failure under each; return how many tries are left. At none they are locked until the next day."""
    most = 0
    for counter in sorted(counters, key=lambda each: each.key):
        more = _of(counter).values(failures=_failures.c.failures + 1, updated_at=now).returning(_failures.c.failures)
        failures: int = connection.execute(more).scalar_one()
        if failures >= MOST_FAILURES:
            connection.execute(_of(counter).values(locked_until=_next_day(now)))
        most = max(most, failures)
    return max(0, MOST_FAILURES - most)


def reset(connection: Connection, counter: Counter) -> bool:
    """Let an account or a code be tried again at once; return whether anything was counted."""
    gone = delete(_failures).where(_failures.c.key == counter.key, _failures.c.failures > 0)
    return bool(connection.execute(gone).rowcount)


def locked(connection: Connection, now: dt.datetime) -> dict[str, int]:
    """Return how many accounts and codes are locked now."""
    rows = connection.execute(select(_failures.c.scope).where(_failures.c.locked_until > now)).scalars().all()
    return {scope: rows.count(scope) for scope in (ACCOUNT, CODE)}


def _next_day(moment: dt.datetime) -> dt.datetime:
    day = moment.astimezone(TOKYO).date() + dt.timedelta(days=1)
    return dt.datetime.combine(day, dt.time(), TOKYO)


def _of(counter: Counter) -> Any:
    return update(_failures).where(_failures.c.key == counter.key)
