"""Buttons: each does exactly one thing, and what it opens can be opened."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import Pressable, SayOp, Shown
from bot.flow.source import Path
from bot.line.limits import URI_SCHEMES, URI_UTF16, utf16

_DOES = ("goto", "do", "start", "open", "copy")

_NUMBER = re.compile(r"[0-9][0-9()-]{2,14}")
_SITE = re.compile(r"[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+(/\S*)?")
_SHOWN = 60
"""Characters of an address that are worth suggesting in one line."""


def check(page: Page) -> Iterator[Problem]:
    """Yield buttons that would do nothing when pressed."""
    for path, button in _buttons(page):
        does = [name for name in _DOES if getattr(button, name) is not None]
        if len(does) != 1:
            yield _not_one(page, path, does)
        yield from _address(page, (*path, "open"), button)


def _buttons(page: Page) -> Iterator[tuple[Path, Pressable]]:
    for number, button in enumerate(page.program.always):
        yield ("always", number), button
    for index, op in enumerate(page.ops):
        if not isinstance(op, SayOp) or "." in op.name:
            continue
        path = page.notes.spots[index]
        for number, button in enumerate(op.buttons):
            yield (*path, "buttons", number), button
        for at, item in enumerate(op.items):
            here = (*path, "say") if len(op.items) == 1 else (*path, "say", at)
            for number, card in enumerate(item.cards if isinstance(item, Shown) else ()):
                inside = (*here, "cards", number) if page.source.has((*here, "cards")) else (*here, "card")
                for each, button in enumerate(card.buttons):
                    yield (*inside, "buttons", each), button


def _not_one(page: Page, path: Path, does: list[str]) -> Problem:
    words = "、".join(_DOES)
    if does:
        ja, en = (
            f"このボタンには「{'」「'.join(does)}」があります。一つだけにしてください。",
            f"This button has {' and '.join(does)}: keep one.",
        )
    else:
        ja = f"このボタンは、押しても何も起きません。{words} のどれか一つを書いてください。"
        en = f"Nothing happens when this button is pressed: write one of {', '.join(_DOES)}."
    return page.problem("button", path, ja, en)


def _address(page: Page, path: Path, button: Pressable) -> Iterator[Problem]:
    for language, template in ({} if button.open is None else button.open.by_language).items():
        here = (*path, language) if language else path
        uri = template.source.strip()
        scheme = uri.partition(":")[0]
        if template.names and ("{" in scheme or scheme in URI_SCHEMES):
            continue  # what is filled in is looked at when the button is shown
        if scheme not in URI_SCHEMES or not uri.isascii() or " " in uri or not uri[len(scheme) + 1 :].strip("/"):
            meant = _meant_address(uri)
            ja, en = (f"「{meant}」ではありませんか。", f" Did you mean “{meant}”?") if meant else ("", "")
            yield page.problem(
                "bad_address",
                here,
                f"「{uri[:60]}」は開けません。{ja}「https://」か「tel:」で始まる、半角だけのアドレスを書いてください。",
                f"“{uri[:60]}” cannot be opened: begin with https:// or tel:, in plain ASCII.{en}",
            )
        elif utf16(uri) > URI_UTF16:
            ja = f"アドレスは{URI_UTF16}文字までです（いま{utf16(uri)}文字）。"
            yield page.problem("address_too_long", here, ja, f"An address has at most {URI_UTF16} characters.")


def _meant_address(uri: str) -> str | None:
    """Return the address a bare telephone number, a site without https:// or full-width signs were meant to be."""
    narrow = "".join(unicodedata.normalize("NFKC", uri).split())
    scheme = narrow.partition(":")[0]
    if _NUMBER.fullmatch(narrow):
        meant = f"tel:{narrow}"
    elif _SITE.fullmatch(narrow):
        meant = f"https://{narrow}"
    elif scheme in URI_SCHEMES and narrow[len(scheme) + 1 :].strip("/"):
        meant = narrow
    else:
        return None
    return meant if meant.isascii() and len(meant) <= _SHOWN else None
