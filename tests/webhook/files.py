"""Files as residents send them: real pictures with what phones hide in them, and some that are not what they say."""

from __future__ import annotations

import io

from PIL import Image

SECRET_COMMENT = b"35.6895N 139.6917E Hanako's phone"


def photo(colour: tuple[int, int, int] = (200, 30, 30), size: tuple[int, int] = (64, 48)) -> bytes:
    """Return a JPEG that tells where and with what it was taken."""
    exif = Image.Exif()
    exif[0x010F] = "Hanako's phone"
    exif.get_ifd(0x8825)[2] = (35.0, 41.0, 22.0)
    written = io.BytesIO()
    Image.new("RGB", size, colour).save(written, "JPEG", exif=exif, comment=SECRET_COMMENT)
    return written.getvalue()


PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
PROGRAM = b"MZ\x90\x00" + bytes(200)
