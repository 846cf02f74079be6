"""What a file is, its bytes say; a picture is drawn anew, and what is none of the kinds that are taken is refused."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from PIL import Image

from bot.media import REFUSED
from bot.media.clean import LONGEST_SIDE, Refused, clean
from tests.webhook.files import PDF, PROGRAM, SECRET_COMMENT, photo

MP4 = struct.pack(">I", 24) + b"ftypisom" + bytes(12) + b"moov"
M4A = struct.pack(">I", 24) + b"ftypM4A " + bytes(12) + b"moov"


def cleaned(body: bytes, kind: str) -> tuple[str, bytes]:
    target = io.BytesIO()
    return clean(io.BytesIO(body), target, kind), target.getvalue()


def picture(form: str, mode: str = "RGB", size: tuple[int, int] = (30, 20)) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, (10, 200, 30, 128)[: len(mode)]).save(written, form)
    return written.getvalue()


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "BMP", "TIFF", "GIF"])
def test_pictures_of_all_common_kinds_become_jpeg(form: str) -> None:
    content_type, body = cleaned(picture(form), "image")
    assert content_type == "image/jpeg"
    assert Image.open(io.BytesIO(body)).format == "JPEG"


def test_what_can_be_seen_through_stays_so() -> None:
    content_type, body = cleaned(picture("PNG", "RGBA"), "image")
    assert content_type == "image/png"
    assert Image.open(io.BytesIO(body)).getpixel((0, 0)) == (10, 200, 30, 128)


def test_nothing_hidden_stays_and_the_picture_stands_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # held sideways
    written = io.BytesIO()
    Image.new("RGB", (40, 20)).save(written, "JPEG", exif=exif, comment=SECRET_COMMENT)
    _, body = cleaned(written.getvalue(), "image")
    found = Image.open(io.BytesIO(body))
    assert found.size == (20, 40)
    assert "exif" not in found.info
    assert "comment" not in found.info


def test_bytes_behind_the_picture_do_not_stay() -> None:
    _, body = cleaned(photo() + b"PK\x03\x04 something to unpack", "image")
    assert b"something to unpack" not in body


def test_a_huge_picture_is_made_smaller() -> None:
    _, body = cleaned(picture("PNG", size=(LONGEST_SIDE + 500, 300)), "image")
    assert max(Image.open(io.BytesIO(body)).size) == LONGEST_SIDE


def bomb() -> bytes:
    """Return a small PNG that says it has more points than fit into any memory."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (bomb(), "image"),
        (PROGRAM, "image"),
        (PROGRAM, "file"),
        (PDF, "image"),
        (b"<html>", "file"),
        (photo()[:200], "image"),
        (b"", "image"),
        (PDF, "video"),
        (b"\x00\x00\x00\x18ftypevil", "video"),
        (photo(), "audio"),
    ],
    ids=[
        "bomb",
        "program",
        "program as file",
        "pdf as picture",
        "html",
        "half",
        "empty",
        "pdf as film",
        "brand",
        "sound",
    ],
)
def test_what_is_not_what_it_says_is_refused(body: bytes, kind: str) -> None:
    with pytest.raises(Refused):
        cleaned(body, kind)


@pytest.mark.parametrize(
    ("body", "kind", "content_type"),
    [(PDF, "file", "application/pdf"), (MP4, "video", "video/mp4"), (M4A, "audio", "audio/mp4")],
)
def test_documents_films_and_sounds_are_kept_as_they_are(body: bytes, kind: str, content_type: str) -> None:
    assert cleaned(body, kind) == (content_type, body)


def test_a_photo_sent_as_a_file_is_cleaned_like_a_photo() -> None:
    content_type, body = cleaned(photo(), "file")
    assert content_type == "image/jpeg"
    assert SECRET_COMMENT not in body


@pytest.mark.parametrize(
    ("body", "code", "said"),
    [(photo(), 0, b"image/jpeg"), (PROGRAM, REFUSED, b""), (bomb(), REFUSED, b"")],
    ids=["photo", "program", "bomb"],
)
def test_the_cleaner_is_a_process_of_its_own(tmp_path: Path, body: bytes, code: int, said: bytes) -> None:
    (tmp_path / "raw").write_bytes(body)
    with (tmp_path / "raw").open("rb") as raw, (tmp_path / "kept").open("wb") as kept:
        command = [sys.executable, "-m", "bot.media.clean", "image"]
        done = subprocess.run(command, stdin=raw, stdout=kept, stderr=subprocess.PIPE)
    assert (done.returncode, done.stderr) == (code, said)
    assert bool((tmp_path / "kept").read_bytes()) == (code == 0)
