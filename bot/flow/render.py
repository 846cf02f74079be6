"""From what was said in a turn to messages a channel can carry: at most five, none too long, buttons as they fit."""

from __future__ import annotations

from functools import lru_cache

from bot.flow import phrases
from bot.flow.talk import Buttons, Choice, Message, Text
from bot.line.limits import (
    BUTTONS_TEXT_GRAPHEMES,
    LABEL_GRAPHEMES,
    MESSAGES_PER_REQUEST,
    QUICK_REPLIES,
    TEXT_UTF16,
    cut_graphemes,
    graphemes,
    split_text,
    utf16,
)


def messages(drafts: list[Message], language: str) -> tuple[Message, ...]:
    """Return one to five messages; neighbouring texts are joined when there are more."""
    fitted: list[Message] = []
    for draft in drafts:
        fitted.extend(_fit(draft, language))
    if len(fitted) > MESSAGES_PER_REQUEST:
        fitted = _joined(fitted)
    if len(fitted) > MESSAGES_PER_REQUEST:
        # What is asked stands last and must reach the resident; `flows check` finds flows that come here.
        fitted = [*fitted[: MESSAGES_PER_REQUEST - 2], *fitted[-2:]]
    return tuple(fitted)


@lru_cache(maxsize=4096)
def label(text: str) -> str:
    """Return a label that fits on a button, never empty."""
    return cut_graphemes(" ".join(text.split()), LABEL_GRAPHEMES) or "…"


def quick(choices: list[Choice]) -> tuple[Choice, ...]:
    """Return at most thirteen choices."""
    return tuple(choices[:QUICK_REPLIES])


def _fit(draft: Message, language: str) -> list[Message]:
    if isinstance(draft, Text):
        fits = len(draft.text) * 2 <= TEXT_UTF16 or utf16(draft.text) <= TEXT_UTF16
        return [draft] if fits else list(map(Text, split_text(draft.text)))
    if isinstance(draft, Buttons) and graphemes(draft.text) > BUTTONS_TEXT_GRAPHEMES:
        lead = phrases.phrase("choose_below", language)
        return [*map(Text, split_text(draft.text)), Buttons(lead, draft.choices)]
    return [draft]


def _joined(fitted: list[Message]) -> list[Message]:
    found: list[Message] = []
    over = len(fitted) - MESSAGES_PER_REQUEST
    for message in fitted:
        before = found[-1] if found else None
        if over > 0 and isinstance(message, Text) and isinstance(before, Text):
            text = f"{before.text}\n\n{message.text}"
            if utf16(text) <= TEXT_UTF16:
                found[-1] = Text(text)
                over -= 1
                continue
        found.append(message)
    return found
