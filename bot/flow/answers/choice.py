"""One of several: by number, by its own words in any language of the flow, or by a beginning nobody can mistake."""

from __future__ import annotations

import re

from bot.flow.answers.reading import NotUnderstood, Question, Reading, Understood
from bot.flow.words import fold

_NUMBER = re.compile(r"\(?(\d{1,3})\)?(?:番目?|つめ)?")


def read_choice(text: str, question: Question) -> Reading:
    """Read the choice; words win over numbers, so that a choice may itself be called 2."""
    found = fold(text)
    if not found:
        return NotUnderstood("answer_choice")
    for offer in question.offers:
        if found in offer.names:
            return Understood(offer.value)
    if (number := _NUMBER.fullmatch(found)) is not None:
        index = int(number.group(1)) - 1
        if 0 <= index < len(question.offers):
            return Understood(question.offers[index].value)
        return NotUnderstood("answer_choice")
    close = [offer for offer in question.offers if len(found) >= 2 and any(found in name for name in offer.names)]
    return Understood(close[0].value) if len(close) == 1 else NotUnderstood("answer_choice")
