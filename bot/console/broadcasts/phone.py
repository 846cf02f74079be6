"""A campaign as telephones show it: the lock screen, and the chat, in each language."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import url_for

from bot.campaigns import content as contents
from bot.campaigns import starting
from bot.campaigns.content import Content
from bot.console.broadcasts.rights import means
from bot.console.console import console
from bot.flow.template_trouble import Refused

LOCK_LINES = 110
"""Characters that a lock screen shows of a message, about."""


@dataclass(frozen=True, slots=True)
class Phone:
    """`notices` are what the lock screen shows, `messages` LINE's message objects, pictures under the console's own address."""

    language: str
    title: str
    notices: Sequence[str]
    messages: Sequence[Mapping[str, Any]]

    @property
    def quick(self) -> list[str]:
        """Return what stands below the last message to be pressed."""
        items = self.messages[-1].get("quickReply", {}).get("items", []) if self.messages else []
        return [item["action"]["label"] for item in items]


def phones(content: Content, day: dt.date, topic: str | None = None) -> list[Phone]:
    """Return one telephone for each language that says something; `topic` is what its readers receive."""
    book = console().book()
    with console().database.read() as connection:
        me = starting.told_to_one(connection, means(), content)
    try:
        shown = contents.messages(content, book.town_in, day, _address, me, topic)
    except Refused:
        return []
    return [
        Phone(
            language,
            book.town.languages.get(language, language),
            [_cut(line) for line in contents.notice(content, language, book.town_in(language), day, me(language))],
            shown[language],
        )
        for language in content.languages
    ]


def _address(token: str, _small: bool) -> str:
    return url_for("broadcasts.picture", token=token)


def _cut(line: str) -> str:
    flat = " ".join(line.split())
    return flat if len(flat) <= LOCK_LINES else flat[:LOCK_LINES] + "…"
