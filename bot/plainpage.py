"""A page of one heading and one button, in Japanese and English, for addresses that are opened outside the console."""

from __future__ import annotations

import base64
import hashlib

from flask import Response

_STYLE = """
body { margin: 0; background: #f4f6f8; color: #1c2530; font: 1rem/1.7 system-ui, "Hiragino Sans", "Noto Sans JP", sans-serif }
main { max-width: 32rem; margin: 2rem auto; padding: 1.5rem; background: #fff; border-radius: .75rem }
h1 { margin: 0 0 1rem; font-size: 1.25rem }
[lang=en] { color: #4a5663 }
h1 [lang=en], button [lang=en] { color: inherit; font-weight: normal }
button { width: 100%; min-height: 3rem; border: 0; border-radius: .5rem; background: #0b5c3f; color: #fff }
button { font: inherit; font-weight: 700 }
button:focus-visible { outline: .2rem solid #b35900; outline-offset: .15rem }
"""
_DIGEST = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        f"default-src 'none'; style-src 'sha256-{_DIGEST}'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
}
"""Nobody keeps, frames or finds the page, and where it was opened from is told to nobody."""

_PAGE = """<!doctype html>
<html lang="ja">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} / {title_en}</title>
<style>{style}</style>
</head>
<body>
<main>
<h1>{title} <span lang="en">/ {title_en}</span></h1>
{content}
</main>
</body>
</html>
"""


def plain_page(title: str, title_en: str, content: str, status: int) -> Response:
    """Return the page; `content` is HTML of our own."""
    page = _PAGE.format(title=title, title_en=title_en, style=_STYLE, content=content)
    return Response(page, status, HEADERS, mimetype="text/html")
