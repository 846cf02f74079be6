"""Passwords outside a request: hashed as Flask-Security hashes them in the console."""

from __future__ import annotations

import unicodedata
from typing import Any

ARGON2: dict[str, Any] = {"argon2__memory_cost": 19_456, "argon2__time_cost": 2, "argon2__parallelism": 1}
"""RFC 9106 and OWASP: 19 MiB and two passes, so that several sign-ins fit in a small process."""


def hashed(password: str) -> str:
    """Return the Argon2 hash of a password."""
    from passlib.context import CryptContext

    made: str = CryptContext(["argon2"], **ARGON2).hash(normal(password))
    return made


def normal(password: str) -> str:
    """Return a password as it is hashed: the same whether typed in full width or half width."""
    return unicodedata.normalize("NFKC", password)
