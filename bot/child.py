"""What a child process for heavy work is told by standard input: a command line and an environment are for others to read."""

from __future__ import annotations

import datetime as dt
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from bot.config import Settings
from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.now import Now

NICENESS = 10
"""Webhooks go first."""


def command(module: str) -> list[str]:
    """Return how to start a child."""
    return [sys.executable, "-m", module]


def told(settings: Settings, now: Now, **more: Any) -> bytes:
    """Return what a child reads: where the data is, the keys to it, the time, and `more` that JSON can hold."""
    return orjson.dumps(
        {
            "database_url": settings.database_url,
            "encryption_keys": [key.hex() for key in settings.encryption_keys],
            "lookup_keys": [key.hex() for key in settings.lookup_keys],
            "services": settings.services,
            "flows": str(settings.flows),
            "offset": now.offset.total_seconds(),
            **more,
        }
    )


@dataclass(frozen=True, slots=True)
class Heard:
    """The same at the other end, ready to work with; `parent` is who started us."""

    database: Database
    vault: Vault
    lookup: Lookup
    now: Now
    more: Mapping[str, Any]
    parent: int


def hear() -> Heard:
    """Read what the parent says, and step back behind the webhooks."""
    parent = os.getppid()
    os.nice(NICENESS)
    found = orjson.loads(sys.stdin.buffer.read())
    vault, lookup = ([bytes.fromhex(key) for key in found[name]] for name in ("encryption_keys", "lookup_keys"))
    now = Now(dt.timedelta(seconds=found["offset"]))
    return Heard(Database(found["database_url"], pool_size=2), Vault(vault), Lookup(lookup), now, found, parent)
