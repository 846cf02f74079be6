"""What a `say` step shows: texts, buttons that stay in the chat, pictures, cards and places."""

from __future__ import annotations

from bot.flow import press
from bot.flow.program import CardShown, Pressable, SayOp, Shown
from bot.flow.render import label
from bot.flow.run import Run
from bot.flow.sandbox import plain
from bot.flow.sizes import cards_fit
from bot.flow.talk import Buttons, Choice, Message, Rich, Text
from bot.line.limits import (
    ALT_TEXT_UTF16,
    CLIPBOARD_UTF16,
    DISPLAY_TEXT_GRAPHEMES,
    LOCATION_ADDRESS_UTF16,
    LOCATION_TITLE_UTF16,
    POSTBACK_DATA_UTF16,
    URI_SCHEMES,
    URI_UTF16,
    cut_graphemes,
    cut_utf16,
    utf16,
)


def say(run: Run, op: SayOp) -> None:
    """Say what the step says; its buttons go under the last text."""
    texts = [index for index, item in enumerate(op.items) if not isinstance(item, Shown)]
    for index, item in enumerate(op.items):
        if isinstance(item, Shown):
            run.drafts.extend(_rich(run, op, item))
            continue
        # A list written with `for` ends in a line break, which would stand as an empty line in the chat.
        text = run.words(item).rstrip()
        choices = _choices(run, op, op.buttons) if texts and index == texts[-1] else ()
        if choices and text:
            run.drafts.append(Buttons(text, choices))
        else:
            run.say(text)


def _choices(run: Run, op: SayOp, buttons: tuple[Pressable, ...]) -> tuple[Choice, ...]:
    found = (pressable(run, op.name, button, number) for number, button in enumerate(buttons))
    return tuple(choice for choice in found if choice is not None)


def pressable(run: Run, step: str, button: Pressable, number: int) -> Choice | None:
    """Return one button of a step, None when what it opens cannot be opened (yet) or what it copies is empty.

    LINE would refuse the whole answer for it.
    """
    talk = run.talks[-1]
    shown = run.words(button.label)
    if button.open is not None:
        uri = run.words(button.open).strip()
        scheme, _, rest = uri.partition(":")
        sound = uri.isascii() and scheme in URI_SCHEMES and rest.strip("/ ") and utf16(uri) <= URI_UTF16
        return Choice(label(shown), uri, "open") if sound else None
    if button.copy is not None:
        copied = cut_utf16(run.words(button.copy).strip(), CLIPBOARD_UTF16)
        return Choice(label(shown), copied, "copy") if copied else None
    values = run.values()
    arguments = {name: plain(given.value(values)) for name, given in button.arguments.items()}
    frame = press.data(talk.flow, talk.revision, step, talk.mark, press.BUTTON, "")
    packed = press.pack(number, button.target, arguments, POSTBACK_DATA_UTF16 - len(frame))
    return Choice(label(shown), frame + packed, echo=cut_graphemes(shown, DISPLAY_TEXT_GRAPHEMES))


def _rich(run: Run, op: SayOp, item: Shown) -> list[Message]:
    words = {name: run.words(text) for name, text in item.words.items()}
    alt = cut_utf16(run.words(item.alt), ALT_TEXT_UTF16) if item.alt else ""
    match item.kind:
        case "location":
            words = {
                "title": cut_utf16(words["title"], LOCATION_TITLE_UTF16) or "…",
                "address": cut_utf16(words["address"], LOCATION_ADDRESS_UTF16) or "…",
            }
            return [Rich("location", {**words, **item.plain}, alt or words["title"])]
        case "cards":
            cards = [_card(run, op, card) for card in item.cards]
            if not cards_fit(cards):
                # LINE would refuse the whole answer; the words at least must arrive.
                return [Text(f"{card['title']}\n{card['text']}".strip()) for card in cards]
            return [Rich("cards", {"cards": cards}, alt or cut_utf16(str(cards[0]["text"]), ALT_TEXT_UTF16) or "…")]
    return [Rich(item.kind, dict(item.plain), alt or run.title(run.talks[-1].flow))]


def _card(run: Run, op: SayOp, card: CardShown) -> dict[str, object]:
    return {
        "title": run.words(card.title) if card.title else "",
        "text": run.words(card.text) or "…",
        "image": card.image,
        "choices": _choices(run, op, card.buttons),
    }
