"""One or several of a list: by number, by their own words in any language, or nearly so, and then asked back."""

from __future__ import annotations

import difflib
import re

from bot.flow.answers.reading import Maybe, NotUnderstood, Offer, Question, Reading, Understood
from bot.flow.words import fold

_NUMBER = re.compile(r"\(?(\d{1,3})\)?(?:番目?|つめ)?")
_BETWEEN = re.compile(r"[、,，・\s/と;]+")
_POLITE = re.compile(
    r"(です|でお願いします|をお願いします|お願いします|にします|がいいです|でいいです|がいい|でいい|please)$"
)
_NEAR = 0.6


def read_choice(text: str, question: Question) -> Reading:
    """Read the choice; words win over numbers, so that a choice may itself be called 2. A near miss is asked back."""
    found = fold(text)
    if not found:
        return NotUnderstood("answer_choice")
    for said in (found, _POLITE.sub("", found)):
        if (exact := _exact(said, question)) is not None:
            return Understood(exact.value)
    if _NUMBER.fullmatch(found):
        return NotUnderstood("answer_choice")
    begun = [
        offer for offer in question.offers if len(found) >= 2 and any(name.startswith(found) for name in offer.names)
    ]
    within = [offer for offer in question.offers if any(_within(found, name) for name in offer.names)]
    # 自動車税 begins one offer and is part of 軽自動車税 too: nobody knows which is meant.
    if len(begun) == 1 and within == begun:
        return Understood(begun[0].value)
    # “乗用車ではない” contains 乗用車: what is only part of the other is asked back, never taken.
    near = within or _nearest(found, question)
    return Maybe(near[0].value, near[0].label) if len(near) == 1 else NotUnderstood("answer_choice")


def read_choices(text: str, question: Question) -> Reading:
    """Read several choices: `1,3`, `1 と 3`, or their words; the value is a list in the order of the question."""
    whole = _exact(fold(text), question)
    parts = [fold(part) for part in _BETWEEN.split(text.translate(_WIDE)) if fold(part)]
    found = [whole] if whole is not None else [_exact(part, question) for part in parts]
    if not found or any(offer is None for offer in found):
        return NotUnderstood("answer_choices")
    chosen = {offer.value for offer in found if offer is not None}
    return Understood([offer.value for offer in question.offers if offer.value in chosen])


_WIDE = str.maketrans("０１２３４５６７８９，　", "0123456789, ")


def _exact(found: str, question: Question) -> Offer | None:
    for offer in question.offers:
        if found in offer.names:
            return offer
    if (number := _NUMBER.fullmatch(found)) is not None and 1 <= int(number.group(1)) <= len(question.offers):
        return question.offers[int(number.group(1)) - 1]
    return None


def _within(found: str, name: str) -> bool:
    """Say whether one is part of the other; a single character is too little."""
    return (len(found) >= 2 and found in name) or (len(name) >= 2 and name in found and len(found) <= len(name) + 8)


def _nearest(found: str, question: Question) -> list[Offer]:
    scored = [
        (max((difflib.SequenceMatcher(None, found, name).ratio() for name in offer.names), default=0.0), offer)
        for offer in question.offers
        if len(found) <= 40
    ]
    best = max((score for score, _ in scored), default=0.0)
    return [offer for score, offer in scored if score == best and best >= _NEAR]
