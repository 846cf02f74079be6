"""Files from residents are hostile: what one really is, its bytes say, and a picture is drawn anew without what was hidden in it.

Runs as a process of its own (`python -m bot.media.clean KIND`), which bounds time and memory and keeps a flaw in a decoder away
from everything else: the file comes on standard input, what may be kept goes to standard output, its content type to standard
error. It ends with REFUSED for a file that is refused.
"""

from __future__ import annotations

import resource
import shutil
import sys
import warnings
from typing import BinaryIO

from PIL import Image, ImageOps

from bot.media import REFUSED

PIXELS = 50_000_000
LONGEST_SIDE = 4096
JPEG_QUALITY = 88
MEMORY_BYTES = 1_500_000_000
CPU_SECONDS = 60

_PICTURES = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF")
_FILMS = (
    b"isom",
    b"iso2",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"qt  ",
    b"3gp4",
    b"3gp5",
    b"3gp6",
    b"MSNV",
    b"dash",
)
_SOUNDS = (b"M4A ", b"M4B ", *_FILMS)
"""Brands of the MP4 family; phones write sound under the brands of films too."""


class Refused(Exception):
    """The file is none of the kinds that are taken."""


def clean(source: BinaryIO, target: BinaryIO, kind: str) -> str:
    """Write what may be kept of `source` to `target`, `kind` being LINE's message type; return its content type.

    Raises Refused.
    """
    head = source.read(64)
    source.seek(0)
    if kind in {"audio", "video"}:
        _check_brand(head, _SOUNDS if kind == "audio" else _FILMS)
        shutil.copyfileobj(source, target)
        return f"{kind}/mp4"
    if kind == "file" and head.startswith(b"%PDF-"):
        shutil.copyfileobj(source, target)
        return "application/pdf"
    return _redraw(source, target)


def _check_brand(head: bytes, brands: tuple[bytes, ...]) -> None:
    if head[4:8] != b"ftyp" or head[8:12] not in brands:
        raise Refused("no MP4")


def _redraw(source: BinaryIO, target: BinaryIO) -> str:
    Image.init()  # or kinds it has not met yet would be unknown to it
    Image.MAX_IMAGE_PIXELS = PIXELS
    with warnings.catch_warnings():
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(source, formats=_PICTURES) as found:
                found.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
                picture = ImageOps.exif_transpose(found)
                see_through = picture.has_transparency_data
                picture = picture.convert("RGBA" if see_through else "RGB")
        except (
            OSError,
            SyntaxError,
            ValueError,
            Image.DecompressionBombError,
            Image.DecompressionBombWarning,
        ) as error:
            raise Refused("no picture") from error
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    # A new picture of the same points: place, camera, comments and previews of the old one stay behind.
    fresh = Image.frombytes(picture.mode, picture.size, picture.tobytes())
    if see_through:
        fresh.save(target, "PNG")
        return "image/png"
    fresh.save(target, "JPEG", quality=JPEG_QUALITY)
    return "image/jpeg"


def main() -> int:
    """Clean one file within bounds."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    try:
        content_type = clean(sys.stdin.buffer, sys.stdout.buffer, sys.argv[1])
    except (Refused, MemoryError):
        return REFUSED
    sys.stderr.write(content_type)
    return 0


if __name__ == "__main__":
    sys.exit(main())
