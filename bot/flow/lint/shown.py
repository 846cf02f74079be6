"""What is shown besides plain texts: pictures that can be fetched, cards and Flex of a size LINE takes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlsplit

from bot.flow.lint import flex
from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.program import CardShown, SayOp, Shown
from bot.flow.sizes import card_bytes
from bot.flow.source import Path
from bot.flow.talk import Choice
from bot.line.limits import FLEX_BUBBLE_BYTES, FLEX_CAROUSEL_BYTES, MEDIA_URL_UTF16, POSTBACK_DATA_UTF16, utf16


def check(page: Page) -> Iterator[Problem]:
    """Yield what LINE would refuse to show."""
    for index, op in enumerate(page.ops):
        path = page.notes.spots[index]
        if not isinstance(op, SayOp) or "." in op.name:
            continue
        for number, item in enumerate(op.items):
            here = (*path, "say") if len(op.items) == 1 else (*path, "say", number)
            if isinstance(item, Shown):
                yield from _shown(page, here, item)


def _shown(page: Page, path: Path, item: Shown) -> Iterator[Problem]:
    if item.kind == "image":
        yield from _picture(page, (*path, "image"), item.plain["url"])
        if page.source.has((*path, "preview")):
            yield from _picture(page, (*path, "preview"), item.plain["preview"])
    elif item.kind == "flex":
        yield from flex.check(page, (*path, "flex"), item.plain)
    for number, card in enumerate(item.cards):
        here = (*path, "cards", number) if page.source.has((*path, "cards")) else (*path, "card")
        if card.image is not None:
            yield from _picture(page, (*here, "image"), card.image)
    if item.cards:
        yield from _cards(page, path, item.cards)


def _picture(page: Page, path: Path, address: str) -> Iterator[Problem]:
    parts = urlsplit(address) if address.isascii() and not set(address) & set(' {}<>"\\') else None
    if parts is None or parts.scheme != "https" or not parts.hostname or utf16(address) > MEDIA_URL_UTF16:
        yield page.problem(
            "bad_picture",
            path,
            f"画像の場所「{address[:60]}」は使えません。「https://」で始まる、半角だけのアドレスを書いてください。",
            f"“{address[:60]}” is no address of a picture: it begins with https:// and is plain ASCII.",
        )


def _cards(page: Page, path: Path, cards: tuple[CardShown, ...]) -> Iterator[Problem]:
    for language in page.book.town.languages:
        values = page.longest(language)
        sizes = [card_bytes(_longest_card(card, language, values)) for card in cards]
        most = FLEX_BUBBLE_BYTES if len(sizes) == 1 else FLEX_CAROUSEL_BYTES
        if max(sizes) > FLEX_BUBBLE_BYTES or sum(sizes) > most:
            yield page.problem(
                "cards_too_large",
                path,
                f"カードが大きすぎます（{language} は最長{sum(sizes) // 1000}KB、LINEで送れるのは{most // 1000}KBまで）。"
                "カードの代わりに文章だけが届きます。",
                f"The cards are too large ({language}: up to {sum(sizes) // 1000} KB, LINE takes {most // 1000} KB): "
                "plain texts will be sent instead.",
                ("文章を短くするか、カードを減らしてください。", "Shorten the texts or use fewer cards."),
                severity="warning",
            )
            return


def _longest_card(card: CardShown, language: str, values: dict[str, Any]) -> Mapping[str, Any]:
    data = "x" * POSTBACK_DATA_UTF16
    labels = [button.label.in_(language, values) for button in card.buttons]
    return {
        "title": card.title.in_(language, values) if card.title else "",
        "text": card.text.in_(language, values),
        "image": card.image,
        "choices": tuple(Choice(label, data, echo=label) for label in labels),
    }
