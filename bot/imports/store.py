"""The uploaded file in the database: encrypted piece by piece, written and read without ever being whole anywhere."""

from __future__ import annotations

import hashlib
import io
import time
from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import delete, insert, select

from bot.crypto import Vault
from bot.db import Database
from bot.imports.sheet import Unusable
from bot.models import ImportPart, SealedBytes

PART_BYTES = 256 * 1024
PARTS_A_COMMIT = 4
MOST_BYTES = 300_000_000
"""Of one upload; 300,000 rows of a tax system are about 60 MB."""

_CONTENT = "import_parts.content"
_parts: Any = ImportPart.__table__


def keep(database: Database, vault: Vault, import_id: int, uid: str, source: BinaryIO) -> tuple[int, str]:
    """Store the file; return its size in bytes and its SHA-256. Raises Unusable, with nothing kept, when it is too large."""
    size, digest = 0, hashlib.sha256()
    numbered = enumerate(iter(lambda: source.read(PART_BYTES), b""))
    while some := list(islice(numbered, PARTS_A_COMMIT)):
        size += sum(len(piece) for _, piece in some)
        if size > MOST_BYTES:
            drop(database, import_id)
            raise Unusable(f"too_large:{MOST_BYTES // 1_000_000}")
        rows = []
        for number, piece in some:
            digest.update(piece)
            rows.append({"import_id": import_id, "number": number, "content": _sealed(vault, uid, number, piece)})
        with database.write() as connection:
            connection.execute(insert(_parts), rows)
        time.sleep(0)  # the web process takes it in: other requests have their turn between two commits
    return size, digest.hexdigest()


def _sealed(vault: Vault, uid: str, number: int, piece: bytes) -> SealedBytes:
    return SealedBytes.seal(vault, _CONTENT, f"{uid}/{number}", piece)


def drop(database: Database, import_id: int) -> None:
    """Delete the file."""
    with database.write() as connection:
        connection.execute(delete(_parts).where(_parts.c.import_id == import_id))


def pieces(database: Database, vault: Vault, row: Any) -> Iterator[bytes]:
    """Yield the file of the import `row` piece by piece, each in a short read of its own. Raises Unusable when it is gone."""
    size = number = 0
    while size < row.size:
        mine = (_parts.c.import_id == row.id, _parts.c.number == number)
        with database.read() as connection:
            content = connection.execute(select(_parts.c.content).where(*mine)).scalar_one_or_none()
        if content is None:
            raise Unusable("gone")
        piece = vault.open(_CONTENT, f"{row.uid}/{number}", content)
        size, number = size + len(piece), number + 1
        yield piece


class Stream(io.RawIOBase):
    """The pieces as a file that can be read from its beginning."""

    def __init__(self, found: Iterator[bytes]) -> None:
        super().__init__()
        self._pieces = found
        self._rest = b""

    def readable(self) -> bool:
        """Tell that it can be read."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill `buffer` with what comes next; return how many bytes that were, 0 at the end."""
        if not self._rest:
            self._rest = next(self._pieces, b"")
        taken = self._rest[: len(buffer)]
        buffer[: len(taken)] = taken
        self._rest = self._rest[len(taken) :]
        return len(taken)
