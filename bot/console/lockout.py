"""Lock-out: every try to sign in is counted before a password is looked at, per account and per address."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import Connection, case, delete, literal

from bot.crypto import Lookup
from bot.models import Moment, SignInFailure
from bot.upsert import insert_into

LOCKED_FOR = dt.timedelta(minutes=15)
COUNTED_FOR = dt.timedelta(minutes=15)
TRIES = {"account": 5, "address": 30}
"""Failed tries in a quarter of an hour after which nothing more is looked at."""


def count(connection: Connection, lookup: Lookup, account: str, address: str, now: dt.datetime) -> bool:
    """Count one try and return whether it may go on. Tries that run side by side are counted one after the other."""
    allowed = [
        _count(connection, lookup.digest("sign in", kind, value), TRIES[kind], now)
        for kind, value in (("account", account), ("address", address))
    ]
    return all(allowed)


def clear(connection: Connection, lookup: Lookup, account: str) -> None:
    """Forget the failures of an account: its owner signed in, or an administrator unlocked it."""
    keys = lookup.digests("sign in", "account", account)
    connection.execute(delete(SignInFailure).where(SignInFailure.key.in_(keys)))


def forgive(connection: Connection, lookup: Lookup, address: str) -> None:
    """Forget the failures from an address from which somebody has just proved who they are."""
    keys = lookup.digests("sign in", "address", address)
    connection.execute(delete(SignInFailure).where(SignInFailure.key.in_(keys)))


def _count(connection: Connection, key: bytes, tries: int, now: dt.datetime) -> bool:
    statement = insert_into(connection, SignInFailure)
    old = SignInFailure.first_at < now - COUNTED_FOR
    locked = SignInFailure.locked_until > now
    failures = case((locked, SignInFailure.failures), (old, 1), else_=SignInFailure.failures + 1)
    changed = {
        "failures": failures,
        "first_at": case((old & ~locked, statement.excluded.first_at), else_=SignInFailure.first_at),
        "locked_until": case(
            (locked, SignInFailure.locked_until), (failures > tries, literal(now + LOCKED_FOR, Moment)), else_=None
        ),
        "updated_at": now,
    }
    statement = statement.on_conflict_do_update(index_elements=["key"], set_=changed).returning(
        SignInFailure.locked_until
    )
    row = {"key": key, "failures": 1, "first_at": now, "locked_until": None, "updated_at": now}
    until = connection.execute(statement, row).scalar_one()
    return until is None or until <= now
