"""The console's languages: pages are written in Japanese, English comes from .po files that are read as they are.

Every page module may bring a file of its own: `bot/console/translations/<topic>.en.po` for the platform's pages,
`handlers/<service>/translations/*.en.po` for a service's. No build step: the files are read when English is first asked for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from babel.messages.pofile import read_po
from flask import Flask, g, has_request_context, request, session
from flask_babel import Babel, Domain, get_locale

LANGUAGES = {"ja": "日本語", "en": "English"}
TOKYO = ZoneInfo("Asia/Tokyo")
HERE = Path(__file__).parent / "translations"


class Texts:
    """Translations of one language by source text. What is missing is shown in Japanese and remembered for the tests."""

    def __init__(self, found: Mapping[Any, Any], *, complete: bool) -> None:
        self._found = found
        self._complete = complete
        self.missing: set[str] = set()

    def _get(self, key: Any, text: str) -> str:
        found = self._found.get(key)
        if found:
            return found if isinstance(found, str) else str(found[0])
        if not self._complete:
            self.missing.add(text)
        return text

    def ugettext(self, text: str) -> str:
        """Return the translation of `text`."""
        return self._get(text, text) if text else text

    def upgettext(self, context: str, text: str) -> str:
        """Return the translation of `text` in `context`."""
        return self._get((text, context), text)

    def ungettext(self, singular: str, plural: str, number: int) -> str:
        """Return the form for `number`; Japanese has one form, English two."""
        found = self._found.get(singular)
        if not found or isinstance(found, str):
            return self._get(singular, singular if number == 1 else plural)
        return str(found[0 if number == 1 else 1])

    def unpgettext(self, context: str, singular: str, plural: str, number: int) -> str:
        """Return the form for `number` in `context`."""
        found = self._found.get((singular, context))
        if not found or isinstance(found, str):
            return self._get((singular, context), singular if number == 1 else plural)
        return str(found[0 if number == 1 else 1])


class Catalogues(Domain):  # type: ignore[misc]  # Flask-Babel has no types
    """The texts of all languages, each read when it is first needed."""

    def __init__(self, folders: Iterable[Path]) -> None:
        super().__init__()
        self.folders = [HERE, *folders]
        self._texts: dict[str, Texts] = {"ja": Texts({}, complete=True)}

    def get_translations(self) -> Texts:
        """Return the texts in the language of this request."""
        locale = get_locale()
        return self.of(str(locale) if locale else "ja")

    def of(self, language: str) -> Texts:
        """Return the texts of a language."""
        if language not in self._texts:
            self._texts[language] = Texts(self._read(language), complete=False)
        return self._texts[language]

    def _read(self, language: str) -> Mapping[Any, Any]:
        found: dict[Any, Any] = {}
        for path in sorted(path for folder in self.folders for path in folder.glob(f"*.{language}.po")):
            with path.open("rb") as file:
                for message in read_po(file, locale=language):
                    if message.id and message.string:
                        first = message.id if isinstance(message.id, str) else message.id[0]
                        found[(first, message.context) if message.context else first] = message.string
        return found


class Languages(Babel):  # type: ignore[misc]  # likewise
    """Flask-Babel with our catalogues."""

    def __init__(self, app: Flask, folders: Iterable[Path]) -> None:
        self._catalogues = Catalogues(folders)
        super().__init__(app, default_locale="ja", default_timezone="Asia/Tokyo", locale_selector=language_of_request)
        app.jinja_env.filters.update(moment=moment, day=day, clock=clock)
        app.jinja_env.globals.update(languages=LANGUAGES, language=language_of_request)

    @property
    def domain_instance(self) -> Catalogues:
        """Return the catalogues."""
        return self._catalogues


def language_of_request() -> str:
    """Return the language of who is signed in; before that what was chosen on the page, or what the browser asks for."""
    if not has_request_context():
        return "ja"
    person = g.get("person")
    if person is not None and person.language in LANGUAGES:
        return str(person.language)
    chosen = session.get("language")
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "ja") or "ja"


def moment(value: dt.datetime | None) -> str:
    """Return day and time in Tokyo: 2026年4月1日 9:30, 1 Apr 2026, 09:30."""
    return f"{day(value)} {clock(value)}" if value else "–"


def clock(value: dt.datetime | None) -> str:
    """Return the time in Tokyo."""
    return f"{value.astimezone(TOKYO):%H:%M}" if value else "–"


_MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def day(value: dt.date | dt.datetime | None) -> str:
    """Return the day, of a datetime the one in Tokyo."""
    if value is None:
        return "–"
    date = value.astimezone(TOKYO).date() if isinstance(value, dt.datetime) else value
    if language_of_request() == "en":
        return f"{date.day} {_MONTHS[date.month - 1]} {date.year}"
    return f"{date.year}年{date.month}月{date.day}日"
