"""A resident's own data as one ZIP file: everything as JSON, and beside it the files they sent."""

from __future__ import annotations

import dataclasses
import zipfile
from typing import Any, BinaryIO

import orjson

from bot.crypto import Vault
from bot.media.store import pieces
from bot.owndata.collect import OwnData
from bot.service import ActionContext

_ENDINGS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "application/pdf": ".pdf",
    "video/mp4": ".mp4",
    "audio/mp4": ".m4a",
}


def write(context: ActionContext, found: OwnData, target: BinaryIO) -> None:
    """Write the archive to `target`."""
    kept = [row for row in found.files if row.status == "kept"]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", orjson.dumps(_plain(context.vault, found), option=orjson.OPT_INDENT_2))
        for row in kept:
            with archive.open(_path(row), "w") as file:
                for piece in pieces(context.connection, context.vault, row):
                    file.write(piece)


def _plain(vault: Vault, found: OwnData) -> dict[str, Any]:
    plain = {each.name: getattr(found, each.name) for each in dataclasses.fields(found)}
    plain["files"] = [
        {
            "file": _path(row) if row.status == "kept" else None,
            "name": None if row.name is None else vault.open("attachments.name", row.uid, row.name).decode(),
            "attachment": row.bundle,
            "sent_at": row.created_at.isoformat(),
        }
        for row in found.files
    ]
    return plain


def _path(row: Any) -> str:
    return f"files/{row.id}{_ENDINGS.get(row.content_type, '')}"
