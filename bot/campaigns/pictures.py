"""Pictures of broadcasts: drawn anew, kept beside a small one, public under an address that nobody guesses, for LINE to fetch.

Source: Messaging API reference, "Image message": https, JPEG or PNG, at most 10 MB, the preview at most 1 MB.
"""

from __future__ import annotations

import datetime as dt
import io
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any, BinaryIO

from flask import Blueprint, Response, abort
from sqlalchemy import Connection, insert, select, update

from bot.db import Database
from bot.line.limits import IMAGE_BYTES, PREVIEW_BYTES
from bot.media import REFUSED
from bot.models import PublishedImage
from bot.said import Said

PATH = "/images"
SIDE = 1040
"""LINE draws pictures this wide at most."""

PREVIEW_SIDE = 240
CLEANING_SECONDS = 60
_SUFFIX = {"image/jpeg": "jpg", "image/png": "png"}
_HEADERS = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}

_images: Any = PublishedImage.__table__


class NoPicture(Said):
    """画像として読み取れません。JPEGかPNGで、10MB以下にしてください。 / This is no picture: use JPEG or PNG of at most 10 MB."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture as it may be published."""

    content: bytes
    preview: bytes
    content_type: str
    width: int
    height: int


@dataclass(frozen=True, slots=True)
class Cleaned:
    """An uploaded picture drawn anew, as large as it came."""

    content: bytes
    content_type: str


def clean(source: BinaryIO) -> Cleaned:
    """Draw an uploaded picture anew, in a process of its own. Raises NoPicture. Call it outside a transaction.

    Not from another thread: gevent waits for its children in the main one only.
    """
    data = source.read(IMAGE_BYTES + 1)
    if not data or len(data) > IMAGE_BYTES:
        raise NoPicture
    with tempfile.TemporaryFile() as raw, tempfile.TemporaryFile() as cleaned:
        raw.write(data)
        raw.seek(0)
        command = [sys.executable, "-m", "bot.media.clean", "image"]
        try:
            done = subprocess.run(  # noqa: S603 - our own module
                command, stdin=raw, stdout=cleaned, stderr=subprocess.PIPE, timeout=CLEANING_SECONDS, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise NoPicture from error
        if done.returncode == REFUSED or done.returncode < 0:
            raise NoPicture
        done.check_returncode()
        cleaned.seek(0)
        return Cleaned(cleaned.read(), done.stderr.decode())


def sized(cleaned: Cleaned) -> Picture:
    """Return a picture in the two sizes LINE shows. Raises NoPicture."""
    from PIL import Image

    with Image.open(io.BytesIO(cleaned.content)) as found:
        large = found.copy()
    large.thumbnail((SIDE, SIDE * 4))
    small = large.copy()
    small.thumbnail((PREVIEW_SIDE, PREVIEW_SIDE))
    kind = "PNG" if cleaned.content_type == "image/png" else "JPEG"
    written = []
    for picture, most in ((large, IMAGE_BYTES), (small, PREVIEW_BYTES)):
        target = io.BytesIO()
        picture.save(target, kind)
        if target.tell() > most:
            raise NoPicture
        written.append(target.getvalue())
    return Picture(written[0], written[1], cleaned.content_type, *large.size)


def publish(connection: Connection, picture: Picture, by: int, now: dt.datetime) -> str:
    """Keep a picture and return its token; from now on LINE can fetch it."""
    token = secrets.token_urlsafe(32)
    row = {
        "token": token,
        "content_type": picture.content_type,
        "width": picture.width,
        "height": picture.height,
        "content": picture.content,
        "preview": picture.preview,
        "uploaded_by": by,
        "used_at": now,
    }
    connection.execute(insert(_images), row)
    return token


def note_use(connection: Connection, tokens: Collection[str], now: dt.datetime) -> None:
    """Keep pictures for as long again: they are sent."""
    connection.execute(update(_images).where(_images.c.token.in_(tokens)).values(used_at=now))


def load(connection: Connection, token: str, *, small: bool) -> tuple[bytes, str] | None:
    """Return a picture and its content type, None when there is none."""
    column = _images.c.preview if small else _images.c.content
    row = connection.execute(select(column, _images.c.content_type).where(_images.c.token == token)).one_or_none()
    return None if row is None else (row[0], row[1])


def address_under(public_url: str | None) -> Callable[[str, bool], str]:
    """Return the function that says where LINE fetches a picture: below the installation's own public address."""

    def address(token: str, small: bool) -> str:
        return f"{(public_url or '').rstrip('/')}{PATH}/{token}/{'preview' if small else 'original'}"

    return address


def pictures_page(database: Database) -> Blueprint:
    """Return the public page of pictures."""
    pages = Blueprint("pictures", __name__)

    @pages.get(f"{PATH}/<token>/<any(original, preview):size>")
    def picture(token: str, size: str) -> Response:
        with database.read() as connection:
            found = load(connection, token, small=size == "preview")
        if found is None:
            abort(404)
        return Response(found[0], mimetype=found[1], headers=_HEADERS)

    return pages
