"""The address by which an alert is acknowledged without signing in: it names one sending, and our keys vouch for it."""

from __future__ import annotations

import base64
import hmac

from bot.crypto import Lookup

PATH = "/alerts"
_PURPOSE = "acknowledge alert"


def address(lookup: Lookup, public_url: str, uid: str) -> str:
    """Return the address for the sending `uid`: nobody can guess it, and a copy of the database does not hold it."""
    return f"{public_url.rstrip('/')}{PATH}/{uid}.{_written(lookup.digest(_PURPOSE, uid))}"


def sending_of(lookup: Lookup, token: str) -> str | None:
    """Return which sending the last part of an address names, None when it is not ours."""
    uid, _, proof = token.partition(".")
    known = any(
        hmac.compare_digest(_written(digest).encode(), proof.encode()) for digest in lookup.digests(_PURPOSE, uid)
    )
    return uid if known else None


def _written(digest: bytes) -> str:
    return base64.urlsafe_b64encode(digest[:24]).decode()
