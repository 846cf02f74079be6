"""What a campaign says: words by language around the same pictures and addresses, as staff fill them into a form.

From it come LINE's message objects on the day it is sent, and the problems that keep it from being sent.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from bot.flow.filters import date_text
from bot.flow.sandbox import template
from bot.flow.talk import Choice, Message, Rich, Text
from bot.flow.template_trouble import Refused
from bot.line.acceptance import NotAcceptable, check
from bot.line.limits import ALT_TEXT_UTF16, CAROUSEL_ACTIONS, URI_SCHEMES
from bot.line.messages import line_messages
from bot.notice import stop_button

MOST_BUTTONS = CAROUSEL_ACTIONS
DEFAULT_LANGUAGE = "ja"
VARIABLES = ("town", "today", "me")
"""What a text may name: the town's own values, the day it is sent on, and what the reader has told for segments (`me.area`)."""

NOBODY: Mapping[str, str] = {}
"""What is known of a reader of whom nothing is known."""

PictureUrl = Callable[[str, bool], str]
"""Returns the public address of a picture by its token, of the small one where asked."""


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that is said in one language. `notice` is what the telephone shows before the message is opened."""

    text: str = ""
    card_title: str = ""
    card_text: str = ""
    labels: tuple[str, ...] = ()
    notice: str = ""

    @property
    def empty(self) -> bool:
        """Tell whether nothing is said."""
        return not any((self.text, self.card_title, self.card_text, self.notice, *self.labels))


@dataclass(frozen=True, slots=True)
class Content:
    """`words` by language, `image` and `card_image` by their tokens; `targets`: what the card's buttons open or say, in order."""

    words: Mapping[str, Words] = field(default_factory=dict)
    image: str | None = None
    card_image: str | None = None
    targets: tuple[str, ...] = ()

    @property
    def with_card(self) -> bool:
        """Tell whether there is a card."""
        return bool(self.card_image or self.targets or any(w.card_title or w.card_text for w in self.words.values()))

    def only_picture(self, words: Words) -> bool:
        """Tell whether in these words nothing but a picture is sent."""
        return bool(self.image) and not words.text and not self.with_card

    def empty_in(self, words: Words) -> bool:
        """Tell whether in these words nothing at all is sent."""
        return not (words.text or self.image or self.with_card)

    @property
    def languages(self) -> list[str]:
        """Return the languages that say something, Japanese first."""
        spoken = [language for language, words in self.words.items() if not words.empty]
        return sorted(spoken, key=lambda language: (language != DEFAULT_LANGUAGE, language != "ja-easy", language))


@dataclass(frozen=True, slots=True)
class Fault:
    """Why something cannot be sent, in Japanese and in English; `language` says in which text, `part` in which field."""

    ja: str
    en: str
    language: str = ""
    part: str = ""

    def in_(self, language: str) -> str:
        """Return the sentence for staff."""
        return self.ja if language.startswith("ja") else self.en


def write(content: Content) -> dict[str, Any]:
    """Return a content as JSON."""
    return asdict(content)


def read(written: Mapping[str, Any]) -> Content:
    """Return the content that `write` wrote."""
    words = {
        language: Words(**{**each, "labels": tuple(each.get("labels", ()))})
        for language, each in written["words"].items()
    }
    return Content(words, written.get("image"), written.get("card_image"), tuple(written.get("targets", ())))


def messages(
    content: Content,
    town: Callable[[str], Mapping[str, Any]],
    day: dt.date,
    picture: PictureUrl,
    me: Callable[[str], Mapping[str, str]] = lambda _language: NOBODY,
    topic: str | None = None,
) -> dict[str, list[dict[str, Any]]]:
    """Return the LINE messages of each language as they are on `day`; `town` and `me` return the values in a language.

    Below the last one a button stops their `topic`.
    """
    said = {
        language: line_messages(_shown(content, language, town(language), day, picture, me(language)))
        for language in content.languages
    }
    for language, objects in said.items():
        if topic is not None and objects:
            objects[-1]["quickReply"] = {"items": [stop_button(language, topic)]}
    return said


def notice(
    content: Content, language: str, town: Mapping[str, Any], day: dt.date, me: Mapping[str, str] = NOBODY
) -> list[str]:
    """Return what a telephone shows on its lock screen, one line a message."""
    shown = _shown(content, language, town, day, lambda token, _small: f"https://town.invalid/{token}", me)
    return [_noticed(each, language) for each in shown]


def _noticed(message: Message, language: str) -> str:
    if isinstance(message, Text):
        return message.text
    if isinstance(message, Rich) and message.kind != "image":
        return message.alt
    return "写真を送信しました" if language.startswith("ja") else "sent a photo"


def faults(content: Content, town: Callable[[str], Mapping[str, Any]], day: dt.date) -> list[Fault]:
    """Return everything that keeps a content from being sent."""
    found = _missing(content)
    for language in content.languages:
        found += _misspelt(content.words[language], language)
    if found:
        return found
    spoken = messages(content, town, day, lambda token, _small: f"https://town.invalid/{token}")
    for language, objects in spoken.items():
        try:
            check(objects)
        except NotAcceptable as error:
            said = f"LINEで送れません（{error.place}）", f"LINE would refuse it ({error.place})"
            found.append(Fault(*said, language))
    return found


def _missing(content: Content) -> list[Fault]:
    if DEFAULT_LANGUAGE not in content.languages:
        return [Fault(*_WRITE_JAPANESE, DEFAULT_LANGUAGE, "text")]
    first = content.words[DEFAULT_LANGUAGE]
    found = [Fault(*_NO_TEXT, DEFAULT_LANGUAGE, "text")] if content.empty_in(first) else []
    for language in content.languages:
        words = content.words[language]
        if bool(words.text) != bool(first.text):
            found.append(Fault(*_TEXT_SOMETIMES, language, "text"))
        if content.with_card and not words.card_text:
            found.append(Fault(*_NO_CARD_TEXT, language, "card_text"))
        if content.with_card and bool(words.card_title) != bool(first.card_title):
            found.append(Fault(*_TITLE_SOMETIMES, language, "card_title"))
        if content.only_picture(words) and not words.notice:
            found.append(Fault(*_NO_NOTICE, language, "notice"))
        if len([label for label in words.labels if label]) != len(content.targets):
            found.append(Fault(*_LABELS, language, "labels"))
    strange = [target for target in content.targets if _scheme(target) not in {*URI_SCHEMES, ""}]
    return found + [Fault(*_NO_TARGET, "", "targets") for _ in strange[:1]]


_WRITE_JAPANESE = "日本語の文面を書いてください。", "Write it in Japanese."
_NO_TEXT = "本文を書いてください。", "Write a text."
_TEXT_SOMETIMES = (
    "本文は、どのことばにも書くか、どれにも書かないでください。",
    "Write the text in all languages or in none.",
)
_NO_CARD_TEXT = "カードの本文を書いてください。", "Write the card's text."
_TITLE_SOMETIMES = (
    "カードの見出しは、どのことばにも書くか、どれにも書かないでください。",
    "Title the card in all languages or in none.",
)
_NO_NOTICE = (
    "画像だけのときは、通知に出る文を書いてください。",
    "Say what the notification shows: a picture alone says nothing.",
)
_LABELS = "ボタンの名前と行き先の数が合いません。", "Each button needs a label and a target."
_NO_TARGET = (
    "ボタンの行き先は https://… か tel:… か、町のLINEに送ることばです。",
    "A button opens https://… or tel:…, or sends a word to the town's account.",
)


_FILLED = ("text", "card_title", "card_text", "notice")
"""Where there may be places to fill."""


def _misspelt(words: Words, language: str) -> list[Fault]:
    """Return what is wrong with the places to fill."""
    found = []
    for part in _FILLED:
        try:
            unknown = sorted(template(getattr(words, part)).names - set(VARIABLES))
        except Refused as error:
            found.append(Fault(error.what.ja, error.what.en, language, part))
            continue
        if unknown:
            names = "、".join(unknown)
            said = (
                f"「{names}」という値はありません（使えるもの：town.…、today、me.…）。",
                f"there is no value called {', '.join(unknown)} (there are town.…, today and me.…)",
            )
            found.append(Fault(*said, language, part))
    return found


def told(content: Content) -> list[str]:
    """Return the names of the attributes that the texts tell (`me.area` tells `area`). Texts with faults tell nothing."""
    names = set()
    for words in content.words.values():
        for part in _FILLED:
            try:
                fields = template(getattr(words, part)).fields
            except Refused:
                continue
            names |= {name for root, name in fields if root == "me"}
    return sorted(names)


def _shown(
    content: Content,
    language: str,
    town: Mapping[str, Any],
    day: dt.date,
    picture: PictureUrl,
    me: Mapping[str, str] = NOBODY,
) -> Sequence[Message]:
    words = _filled(content.words[language], {"town": dict(town), "today": day.isoformat(), "me": dict(me)}, language)
    shown: list[Message] = []
    if words.text:
        shown.append(Text(words.text))
    if content.image:
        pictures = {"url": picture(content.image, False), "preview": picture(content.image, True)}
        shown.append(Rich("image", pictures, words.notice))
    if content.with_card:
        alt = words.notice or " ".join(filter(None, (words.card_title, words.card_text)))
        card = {
            "title": words.card_title,
            "text": words.card_text,
            "image": picture(content.card_image, False) if content.card_image else None,
            "choices": [
                _choice(label, target) for label, target in zip(words.labels, content.targets, strict=False) if label
            ],
        }
        shown.append(Rich("cards", {"cards": [card]}, alt[: ALT_TEXT_UTF16 // 2]))
    if content.only_picture(words):
        # A picture says "sent a photo" in a notification: the words go along as a text of their own.
        shown.insert(0, Text(words.notice))
    return shown


def _choice(label: str, target: str) -> Choice:
    return Choice(label, target, "open") if _scheme(target) in URI_SCHEMES else Choice(label, target, "say")


def _scheme(target: str) -> str:
    scheme, colon, _ = target.partition(":")
    return scheme.lower() if colon and scheme.isascii() and scheme.isalpha() else ""


def _filled(words: Words, values: Mapping[str, Any], language: str) -> Words:
    def fill(source: str) -> str:
        return template(source).render({**values, "language": language})

    return replace(
        words,
        text=fill(words.text),
        card_title=fill(words.card_title),
        card_text=fill(words.card_text),
        notice=fill(words.notice),
        labels=tuple(words.labels),
    )


def day_text(day: dt.date, language: str) -> str:
    """Write a day for staff."""
    return date_text(day.isoformat(), language, "曜")
