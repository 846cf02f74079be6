"""QR codes as SVG inside the page, without inline style."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def qr_svg(text: str) -> Markup:
    """Return the QR code of `text` as an <svg> element of class "qr"."""
    target = io.BytesIO()
    segno.make(text, error="m").save(
        target, kind="svg", xmldecl=False, svgclass="qr", lineclass=None, border=2, omitsize=True, dark="#000",
    )  # fmt: skip
    return Markup(target.getvalue().decode())  # noqa: S704 - drawn by segno from modules, nothing of the text is in it
