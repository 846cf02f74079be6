"""The poster a facility hangs up: what it does against infection, and the code that visitors scan. A4, as PDF and for the printer.

The code opens the chat with a text that holds it (source: LINE Developers, "Using the LINE URL scheme", oaMessage).
"""

from __future__ import annotations

import importlib.resources
import json
import subprocess
import sys
import threading
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote

import segno

_FONT = "noto"
_INK, _BLUE, _GREY = (27, 27, 27), (13, 71, 161), (95, 99, 104)
_WIDTH, _MARGIN = 210.0, 16.0
_MEASURE_HEIGHT, _MEASURES_HEIGHT = 6.4, 64.0
"""Of one measure and of all of them together: many are written smaller, none is left out."""
PAGES_MOST = 50
_AT_ONCE = threading.BoundedSemaphore(2)


@dataclass(frozen=True, slots=True)
class Poster:
    """What one poster says. `address` is what the code holds, `code` what stands below it for those who type."""

    town: str
    disease: str
    facility: str
    place: str
    kind: str
    measures: Sequence[str]
    address: str
    code: str
    kept_days: int
    made_on: str

    @property
    def steps(self) -> Sequence[str]:
        """Return what visitors are told."""
        return (
            "スマートフォンで読み取り、LINEで「送信」を押すだけで、来場が登録されます。",
            "同じころに感染した方がいたとわかったとき、LINEでお知らせします。",
            f"名前・住所・位置は記録しません。記録は{self.kept_days}日で消えます。",
        )


def chat_address(account: str, word: str, code: str) -> str:
    """Return the address that opens the chat of `account` (its basic id, with @) with the code already written."""
    return f"https://line.me/R/oaMessage/{quote(account, safe='')}/?{quote(f'{word} {code}')}"


def qr_svg(address: str) -> str:
    """Return the code as an SVG picture without styles, to stand in a page."""
    drawn: str = segno.make(address, error="m", micro=False).svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True
    )
    return drawn


def pdf(posters: Sequence[Poster]) -> bytes:
    """Return the posters as a PDF, a page each, with the letters they use embedded."""
    from fpdf import FPDF

    document = FPDF(format="A4", unit="mm")
    document.set_auto_page_break(auto=False)
    document.set_title(posters[0].facility)
    document.set_lang("ja-JP")
    document.add_font(_FONT, "", str(importlib.resources.files("noto_cjk_sans_jp_bold") / "NotoSansCJKjp-Bold.otf"))
    for poster in posters[:PAGES_MOST]:
        document.add_page()
        _draw(document, poster)
    return bytes(document.output())


class TooManyPosters(Exception):
    """So many posters are being drawn that this one would have to wait too long: try again in a minute."""


def pdf_apart(posters: Sequence[Poster], seconds: float = 60.0) -> bytes:
    """Return the PDF, made in a process of its own: reading the font is a second of work that would hold up every webhook.

    Raises TooManyPosters, and subprocess.SubprocessError when that process does not manage.
    """
    if not _AT_ONCE.acquire(timeout=seconds / 3):
        raise TooManyPosters
    try:
        return _drawn(posters, seconds)
    finally:
        _AT_ONCE.release()


def _drawn(posters: Sequence[Poster], seconds: float) -> bytes:
    written = json.dumps([asdict(poster) for poster in posters]).encode()
    command = [sys.executable, "-m", "handlers.covid.poster"]
    made = subprocess.run(command, input=written, stdout=subprocess.PIPE, check=True, timeout=seconds)  # noqa: S603 - our own module
    return made.stdout


def _draw(document: Any, poster: Poster) -> None:
    document.set_fill_color(*_BLUE)
    document.rect(0, 0, _WIDTH, 34, style="F")
    _line(document, 8, 26, "感染防止対策取組書", (255, 255, 255))
    _line(document, 21, 11, f"{poster.town}　{poster.disease}", (255, 255, 255))
    _line(document, 41, 26, poster.facility, _INK)
    _line(document, 55, 14, f"{poster.place}（{poster.kind}）" if poster.place else poster.kind, _GREY)
    if poster.measures:
        _measures(document, poster, 68)
    _code(document, poster, 146)
    _line(document, 288, 8, f"{poster.town}　{poster.made_on}", _GREY)


def _measures(document: Any, poster: Poster, top: float) -> None:
    document.set_text_color(*_BLUE)
    document.set_font(_FONT, size=13)
    document.set_xy(_MARGIN, top)
    document.cell(0, 8, "この施設の取り組み")
    height = min(_MEASURE_HEIGHT, _MEASURES_HEIGHT / len(poster.measures))
    for number, measure in enumerate(poster.measures):
        y = top + 10 + number * height
        document.set_draw_color(*_BLUE)
        document.set_line_width(0.9)
        document.line(_MARGIN + 1, y + 2.6, _MARGIN + 2.4, y + 4.2)
        document.line(_MARGIN + 2.4, y + 4.2, _MARGIN + 5, y + 1)
        document.set_text_color(*_INK)
        _fit(document, measure, 12 * height / _MEASURE_HEIGHT, _WIDTH - 2 * _MARGIN - 8)
        document.set_xy(_MARGIN + 7, y)
        document.cell(0, 5.4, measure)


def _code(document: Any, poster: Poster, top: float) -> None:
    document.set_draw_color(*_BLUE)
    document.set_line_width(0.8)
    document.rect(_MARGIN, top, _WIDTH - 2 * _MARGIN, 136)
    _line(document, top + 4, 18, "来場の登録をお願いします", _BLUE)
    side = 74.0  # nothing stands within four squares of the code, or some telephones do not read it (ISO/IEC 18004)
    _squares(document, poster.address, (_WIDTH - side) / 2, top + 21, side)
    _line(document, top + 104.5, 9, poster.code, _GREY)
    for number, step in enumerate(poster.steps):
        _line(document, top + 111 + number * 7.5, 11, step, _INK)


def _squares(document: Any, address: str, left: float, top: float, side: float) -> None:
    rows = [list(row) for row in segno.make(address, error="m", micro=False).matrix]
    module = side / len(rows)
    document.set_fill_color(0, 0, 0)
    for down, row in enumerate(rows):
        for across, dark in enumerate(row):
            if dark:
                # A hair wider, so that no white lines show between them.
                document.rect(left + across * module, top + down * module, module + 0.02, module + 0.02, style="F")


def _line(document: Any, top: float, size: float, text: str, colour: tuple[int, int, int]) -> None:
    document.set_text_color(*colour)
    fitted = _fit(document, text, size, _WIDTH - 2 * _MARGIN)
    document.set_xy(_MARGIN, top)
    document.cell(_WIDTH - 2 * _MARGIN, fitted * 0.42, text, align="C")


def _fit(document: Any, text: str, size: float, width: float) -> float:
    """Choose the largest size up to `size` at which `text` fits into one line."""
    document.set_font(_FONT, size=size)
    wide = document.get_string_width(text)
    fitted = size if wide <= width else max(5.0, size * width / wide)
    document.set_font(_FONT, size=fitted)
    return fitted


if __name__ == "__main__":
    sys.stdout.buffer.write(pdf([Poster(**each) for each in json.load(sys.stdin)]))
