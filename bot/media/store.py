"""Files in the database: encrypted piece by piece, so that no file is ever whole in memory or in one long transaction."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import Connection, delete, insert, select, update

from bot.crypto import Vault
from bot.db import Database
from bot.models import Attachment, AttachmentPart, SealedBytes

PART_BYTES = 256 * 1024
PARTS_A_COMMIT = 4
_CONTENT = "attachment_parts.content"

_attachments: Any = Attachment.__table__
_parts: Any = AttachmentPart.__table__


def keep(database: Database, vault: Vault, row: Any, source: BinaryIO, content_type: str) -> None:
    """Store the file of the waiting attachment `row`, replacing what an earlier try left; only then is it kept."""
    with database.write() as connection:
        connection.execute(delete(_parts).where(_parts.c.attachment_id == row.id))
    size, pieces = 0, enumerate(iter(lambda: source.read(PART_BYTES), b""))
    while some := list(islice(pieces, PARTS_A_COMMIT)):
        rows = [
            {
                "attachment_id": row.id,
                "number": number,
                "content": SealedBytes.seal(vault, _CONTENT, f"{row.uid}/{number}", piece),
            }
            for number, piece in some
        ]
        size += sum(len(piece) for _, piece in some)
        with database.write() as connection:
            connection.execute(insert(_parts), rows)
    settle(database, row, status="kept", content_type=content_type, size=size)


def settle(database: Database, row: Any, **changes: Any) -> bool:
    """Change a waiting attachment; return whether it still was one (it may have been taken back)."""
    with database.write() as connection:
        waiting = (_attachments.c.id == row.id, _attachments.c.status == "waiting")
        return connection.execute(update(_attachments).where(*waiting).values(changes)).rowcount > 0


def pieces(connection: Connection, vault: Vault, row: Any) -> Iterator[bytes]:
    """Yield the file of the kept attachment `row` piece by piece. Raises CannotOpen, or ValueError when a piece is missing."""
    size = 0
    numbers = select(_parts.c.number).where(_parts.c.attachment_id == row.id).order_by(_parts.c.number)
    for number in connection.execute(numbers).scalars().all():
        content = connection.execute(
            select(_parts.c.content).where(_parts.c.attachment_id == row.id, _parts.c.number == number)
        ).scalar_one()
        piece = vault.open(_CONTENT, f"{row.uid}/{number}", content)
        size += len(piece)
        yield piece
    if size != row.size:
        raise ValueError(f"attachment {row.id} is not whole: {size} of {row.size} bytes")
