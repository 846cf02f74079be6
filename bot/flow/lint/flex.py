"""Raw Flex: of a size LINE takes, and every button in it does something that LINE allows and that we would understand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from bot.flow.lint.page import Page
from bot.flow.problems import Problem
from bot.flow.sizes import flex_bytes
from bot.flow.source import Path
from bot.flow.words import word_in
from bot.line.limits import (
    CLIPBOARD_UTF16,
    DISPLAY_TEXT_GRAPHEMES,
    FLEX_BUBBLE_BYTES,
    FLEX_BUBBLES,
    FLEX_CAROUSEL_BYTES,
    FLEX_LABEL_GRAPHEMES,
    URI_SCHEMES,
    URI_UTF16,
    graphemes,
    utf16,
)

_ACTIONS = ("message", "uri", "clipboard")
"""What a button in raw Flex may do. LINE knows postbacks too, but only the engine's own ones mean anything to us."""


def check(page: Page, path: Path, container: Any) -> Iterator[Problem]:
    """Yield what LINE would refuse in a Flex container, and buttons that would lead nowhere."""
    kind = container.get("type") if isinstance(container, Mapping) else None
    inside = container.get("contents") if isinstance(container, Mapping) else None
    bubbles = [container] if kind == "bubble" else inside if kind == "carousel" and isinstance(inside, list) else None
    if not bubbles:
        ja = "flex には type: bubble か、bubble を並べた type: carousel を書きます。"
        yield page.problem("flex_type", path, ja, "flex holds a bubble, or a carousel of bubbles.")
        return
    if len(bubbles) > FLEX_BUBBLES:
        ja = f"carousel に並べられるのは{FLEX_BUBBLES}枚までです（いま{len(bubbles)}枚）。"
        en = f"A carousel has at most {FLEX_BUBBLES} bubbles (now {len(bubbles)})."
        yield page.problem("flex_too_many", path, ja, en)
    for part, most in [*((bubble, FLEX_BUBBLE_BYTES) for bubble in bubbles), (container, FLEX_CAROUSEL_BYTES)]:
        if (size := flex_bytes(part)) > most:
            ja = f"flex が大きすぎます（{size}バイト、LINEで送れるのは{most}バイトまで）。"
            yield page.problem("flex_too_large", path, ja, f"The Flex is too large ({size} bytes of {most}).")
            return
    for here, action in _actions(container, path):
        yield from _label(page, here, action)
        yield from _action(page, here, action)


def _actions(part: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    """Yield every action inside, and where it stands."""
    entries: Any = part.items() if isinstance(part, Mapping) else enumerate(part) if isinstance(part, list) else ()
    for key, value in entries:
        if key == "action":
            yield (*path, key), value
        else:
            yield from _actions(value, (*path, key))


def _label(page: Page, path: Path, action: Any) -> Iterator[Problem]:
    label = action.get("label") if isinstance(action, Mapping) else None
    if isinstance(label, str) and (size := graphemes(label)) > FLEX_LABEL_GRAPHEMES:
        ja = f"flex のボタンの文字は{FLEX_LABEL_GRAPHEMES}文字までです（「{label[:20]}…」は{size}文字）。"
        en = f"A Flex label has at most {FLEX_LABEL_GRAPHEMES} characters (“{label[:20]}…” has {size})."
        yield page.problem("label_too_long", (*path, "label"), ja, en)


def _action(page: Page, path: Path, action: Any) -> Iterator[Problem]:
    kind = action.get("type") if isinstance(action, Mapping) else None
    match kind:
        case "message":
            yield from _text(page, (*path, "text"), action.get("text"), graphemes, DISPLAY_TEXT_GRAPHEMES)
            yield from _begins(page, (*path, "text"), action.get("text"))
        case "uri":
            yield from _text(page, (*path, "uri"), action.get("uri"), utf16, URI_UTF16)
            yield from _address(page, (*path, "uri"), action.get("uri"))
        case "clipboard":
            where = (*path, "clipboardText")
            yield from _text(page, where, action.get("clipboardText"), utf16, CLIPBOARD_UTF16)
        case "postback" | "datetimepicker":
            ja = f"flex のボタンに {kind} は使えません（押しても何も始まりません）。"
            en = f"A button in flex cannot be a {kind}: pressing it would begin nothing."
            remedy = (
                "type: message と text: に、フローの keywords: の言葉を書いてください。",
                "Write type: message, and a word under keywords: of a flow as its text.",
            )
            yield page.problem("flex_action", (*path, "type"), ja, en, remedy)
        case _:
            ja = f"flex のボタンの type は {'、'.join(_ACTIONS)} のどれかです（いま「{kind}」）。"
            yield page.problem(
                "flex_action", path, ja, f"An action in flex is one of {', '.join(_ACTIONS)}, not “{kind}”."
            )


def _text(page: Page, path: Path, text: Any, count: Any, most: int) -> Iterator[Problem]:
    if not isinstance(text, str) or not text:
        ja = f"flex のボタンに「{path[-1]}」がありません。"
        yield page.problem("flex_action", path[:-1], ja, f"This action in flex lacks “{path[-1]}”.")
    elif (size := count(text)) > most:
        ja = f"「{path[-1]}」は{most}文字までです（いま{size}文字）。"
        yield page.problem("text_too_long", path, ja, f"“{path[-1]}” has at most {most} characters (now {size}).")


def _begins(page: Page, path: Path, text: Any) -> Iterator[Problem]:
    if isinstance(text, str) and text and word_in(text) is None and page.book.flow_for(text) is None:
        ja = f"「{text[:40]}」と送られても、始まるフローがありません。"
        en = f"“{text[:40]}” begins no flow and is no word of help."
        yield page.problem("unknown_keyword", path, ja, en, severity="warning")


def _address(page: Page, path: Path, uri: Any) -> Iterator[Problem]:
    if not isinstance(uri, str) or not uri:
        return
    scheme, _, rest = uri.partition(":")
    if scheme not in URI_SCHEMES or not uri.isascii() or " " in uri or not rest.strip("/"):
        ja = f"「{uri[:60]}」は開けません。「https://」か「tel:」で始まる、半角だけのアドレスを書いてください。"
        en = f"“{uri[:60]}” cannot be opened: begin with https:// or tel:, in plain ASCII."
        yield page.problem("bad_address", path, ja, en)
