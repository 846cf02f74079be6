"""Encryption of columns and keyed look-ups: what a stolen database must not tell.

AES-256-GCM (NIST SP 800-38D) with random 96-bit nonces: at most 2^32 values per key, so rotate long before. Each value is bound
to its table, column and row, so that it cannot be moved to another place and still open.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

_FORMAT = b"\x01"
_ID = slice(1, 5)
_NONCE = slice(5, 17)
_CIPHERTEXT = slice(17, None)


class CannotOpen(Exception):
    """A sealed value does not open: its key is no longer in ENCRYPTION_KEYS, or it was moved or changed."""


def key_id(key: bytes) -> bytes:
    """Return the four bytes by which a sealed value names its key."""
    return hashlib.sha256(b"madoguchi key id" + key).digest()[:4]


def derive(key: bytes, purpose: str) -> bytes:
    """Return the 32 bytes of a key for `purpose`, from which `key` cannot be reckoned back."""
    return hmac.digest(key, b"madoguchi derived key" + purpose.encode(), "sha256")


def new_key() -> str:
    """Return a fresh key as it is written in ENCRYPTION_KEYS or LOOKUP_KEYS."""
    return base64.urlsafe_b64encode(os.urandom(32)).decode().rstrip("=")


class Vault:
    """Seals and opens values of encrypted columns with the newest of `keys`; opens with any of them."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._ciphers = {key_id(key): AESGCM(key) for key in keys}
        self._newest = key_id(keys[0])

    @property
    def mark(self) -> bytes:
        """Return how every value begins that the newest key has sealed."""
        return _FORMAT + self._newest

    def seal(self, column: str, row: str | int, plain: bytes) -> bytes:
        """Encrypt `plain` for `column` ("table.column") of the row named `row`; 33 bytes longer than `plain`."""
        nonce = os.urandom(12)
        sealed = self._ciphers[self._newest].encrypt(nonce, plain, f"{column}/{row}".encode())
        return _FORMAT + self._newest + nonce + sealed

    def open(self, column: str, row: str | int, sealed: bytes) -> bytes:
        """Decrypt what `seal` made for the same place. Raises CannotOpen."""
        cipher = self._ciphers.get(bytes(sealed[_ID]))
        if cipher is None or sealed[:1] != _FORMAT:
            raise CannotOpen(f"{column}: no key in ENCRYPTION_KEYS opens this value")
        try:
            return cipher.decrypt(sealed[_NONCE], sealed[_CIPHERTEXT], f"{column}/{row}".encode())
        except InvalidTag:
            raise CannotOpen(f"{column}: the value was changed or belongs to another row") from None

    def is_newest(self, sealed: bytes) -> bool:
        """Tell whether a value needs no rotation."""
        return bytes(sealed[_ID]) == self._newest


class Lookup:
    """Keyed hashes under which records are found without storing what they were found by."""

    def __init__(self, keys: Sequence[bytes]) -> None:
        self._keys = tuple(keys)

    def digest(self, purpose: str, *parts: str) -> bytes:
        """Return the 32 bytes to store for `parts`: never call it with a birth date or a plate alone, they are guessable."""
        return self._digest(self._keys[0], purpose, parts)

    def digests(self, purpose: str, *parts: str) -> list[bytes]:
        """Return the digests under every key, newest first, to search while keys are being replaced."""
        return [self._digest(key, purpose, parts) for key in self._keys]

    def derived(self, purpose: str) -> Lookup:
        """Return look-ups under keys made from these for one `purpose`: such a key can be handed out without giving these away."""
        return Lookup([derive(key, purpose) for key in self._keys])

    def key_ids(self) -> list[bytes]:
        """Return the four bytes by which each key is named, newest first."""
        return [key_id(key) for key in self._keys]

    @staticmethod
    def _digest(key: bytes, purpose: str, parts: tuple[str, ...]) -> bytes:
        return hmac.digest(key, _framed(purpose) + b"".join(map(_framed, parts)), "sha256")


def _framed(part: str) -> bytes:
    data = part.encode()
    return len(data).to_bytes(4) + data
