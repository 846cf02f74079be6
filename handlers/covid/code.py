"""The code on a poster: which place it is for and which version of it, signed, so that nobody can make or renew one themselves."""

from __future__ import annotations

import hmac
import re
from dataclasses import dataclass

from bot.crypto import Lookup

_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LIKE = str.maketrans("OIL", "011")
"""Letters people take for digits (Crockford's base 32)."""

_PURPOSE = "covid place"
_FORM = re.compile(r"([0-9A-Z]{1,13})-([0-9A-Z]{1,4})-([0-9A-Z]{16})")
SIGNATURE = 16
"""Characters of the signature: 80 bits."""


@dataclass(frozen=True, slots=True)
class Scanned:
    """A code whose signature holds."""

    place_id: int
    version: int


def write(lookup: Lookup, place_id: int, version: int) -> str:
    """Return the code of a place's poster: capitals, digits and hyphens."""
    return f"{_encode(place_id)}-{_encode(version)}-{_sign(lookup.digest(_PURPOSE, str(place_id), str(version)))}"


def read(lookup: Lookup, text: str) -> Scanned | None:
    """Return what a code says; None for one that we did not sign with any of our keys."""
    found = _FORM.fullmatch(text.strip().upper().translate(_LIKE))
    if found is None:
        return None
    place_id, version = _decode(found[1]), _decode(found[2])
    digests = lookup.digests(_PURPOSE, str(place_id), str(version))
    if not any(hmac.compare_digest(_sign(digest), found[3]) for digest in digests):
        return None
    return Scanned(place_id, version)


def _sign(digest: bytes) -> str:
    return _encode(int.from_bytes(digest[:10])).rjust(SIGNATURE, "0")


def _encode(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number, 32)
        letters = _ALPHABET[rest] + letters
    return letters or "0"


def _decode(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 32 + _ALPHABET.find(letter)
    return number
