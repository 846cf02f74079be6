"""The book: all flows a town offers, their revisions, and what sets them off."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from bot.flow.lists import Listing
from bot.flow.model import Table, Town
from bot.flow.offices import Danger, Office
from bot.flow.program import Program
from bot.flow.talk import Choice
from bot.flow.words import fold

MENU = "menu"
LANGUAGE = "language"
MY_DATA = "my_data"
NOTICES = "notices"
_KEYWORD_TEXT = 40
_CODED_TEXT = 120
_CODED = re.compile(r"(?P<word>\D.*?)[\s:]+(?P<code>[A-Za-z0-9-]{4,80})")


@dataclass(frozen=True)
class Book:
    """Flows by name (the active revision of each), older revisions still talked, and the town's settings."""

    programs: Mapping[str, Program]
    town: Town = field(default_factory=Town)
    older: Mapping[tuple[str, str], Program] = field(default_factory=dict)
    keywords: Mapping[str, str] = field(default_factory=dict)
    codes: Mapping[str, str] = field(default_factory=dict)
    services: tuple[Program, ...] = ()
    greeting: str | None = None
    tables: Mapping[str, tuple[tuple[str, Mapping[str, Any]], ...]] = field(default_factory=dict)
    paused: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    lists: Mapping[str, Listing] = field(default_factory=dict)
    offices: Mapping[str, Office] = field(default_factory=dict)
    dangers: Mapping[str, Danger] = field(default_factory=dict)
    areas: tuple[Choice, ...] = ()
    """What can be pressed on the rich menu, in every language."""

    @classmethod
    def of(
        cls,
        programs: Iterable[Program],
        town: Town,
        tables: Iterable[Table] = (),
        lists: Mapping[str, Listing] | None = None,
    ) -> Book:
        """Return the book of these flows; the rows of each table stand newest first."""
        by_name = {program.id: program for program in programs}
        keywords = {
            fold(word): program.id for program in by_name.values() for word in program.flow.start.keywords if fold(word)
        }
        listed = [program for program in by_name.values() if program.flow.menu is not None]
        services = tuple(sorted(listed, key=lambda program: (program.flow.menu.order, program.id)))  # type: ignore[union-attr]  # listed ones have a menu entry
        greeting = next((program.id for program in by_name.values() if program.flow.start.follow), None)
        dated = {
            table.table: tuple(sorted(((row.from_, row.values) for row in table.rows), key=_day, reverse=True))
            for table in tables
        }
        codes = {
            fold(word): program.id for program in by_name.values() for word in program.flow.start.code if fold(word)
        }
        return cls(by_name, town, {}, keywords, codes, services, greeting, dated, lists=lists or {})

    def with_older(self, programs: Iterable[Program]) -> Book:
        """Return the book with older revisions that running talks may still be on."""
        older = {**self.older, **{(program.id, program.revision): program for program in programs}}
        return replace(self, older=older)

    def with_pauses(self, paused: Mapping[str, Mapping[str, str]]) -> Book:
        """Return the book with services (`tax`) or single flows (`tax.remind`) paused; the texts by language say where to turn."""
        return replace(self, paused=paused)

    def pause_of(self, flow: str) -> Mapping[str, str] | None:
        """Return what residents are told while `flow` or its service is paused, None when it is not."""
        if not self.paused:
            return None
        return self.paused.get(flow) or self.paused.get(flow.partition(".")[0])

    def office_for(self, queue: str, area: str) -> str | None:
        """Return the office of `queue` that serves `area`, else the one that serves what leads nowhere else."""
        mine = [(name, office) for name, office in self.offices.items() if office.queue == queue]
        serving = (name for wanted in (area, "*") for name, office in mine if wanted in office.serves)
        return next(serving, None)

    def danger_of(self, flow: str) -> Danger | None:
        """Return the danger words that hold in `flow`."""
        return self.dangers.get(flow.partition(".")[0])

    def town_in(self, language: str) -> Mapping[str, Any]:
        """Return the town's own values in `language`: those written per language as the one text."""
        if language not in self._towns:
            self._towns[language] = {name: self._in(value, language) for name, value in self.town.town.items()}
        return self._towns[language]

    @cached_property
    def _towns(self) -> dict[str, Mapping[str, Any]]:
        return {}

    def _in(self, value: Any, language: str) -> Any:
        by_language = isinstance(value, dict) and value and all(code in self.town.languages for code in value)
        return value.get(language, value.get("ja")) if by_language else value

    def program(self, flow: str, revision: str) -> Program | None:
        """Return that revision, None when it is not kept."""
        active = self.programs.get(flow)
        if active is not None and active.revision == revision:
            return active
        return self.older.get((flow, revision))

    def flow_for(self, text: str) -> str | None:
        """Return the flow whose keyword `text` is, or contains (the longest one wins)."""
        found = fold(text)
        if (exact := self.keywords.get(found)) is not None:
            return exact
        if len(found) > _KEYWORD_TEXT:
            return None
        inside = [keyword for keyword in self.keywords if len(keyword) >= 2 and keyword in found]
        return self.keywords[max(inside, key=len)] if inside else None

    def flow_with_code(self, text: str) -> tuple[str, str] | None:
        """Return the flow that begins with a word and a code after it (`来場 7K2-1-…`, from a QR code), and the code."""
        if not self.codes or len(text) > _CODED_TEXT:
            return None
        found = _CODED.fullmatch(unicodedata.normalize("NFKC", text).strip())
        flow = self.codes.get(fold(found["word"])) if found else None
        return (flow, found["code"]) if found and flow is not None else None


def _day(row: tuple[str, Any]) -> str:
    return row[0]
