"""What is wrong in a flow file, as a value: where, what, and how to mend it, in Japanese and English."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, slots=True)
class Place:
    """A spot in a file; `line` and `column` count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence in the two languages of the authors."""

    ja: str
    en: str

    def in_(self, language: str) -> str:
        """Return the sentence in `language` ("ja" or anything else for English)."""
        return self.ja if language == "ja" else self.en


@dataclass(frozen=True, slots=True)
class Problem:
    """One problem. `code` is its stable name; errors stop a start or a publish, warnings do not."""

    code: str
    place: Place
    what: Sentence
    remedy: Sentence | None = None
    severity: Literal["error", "warning"] = "error"
    source: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.place}: {self.what.en}"
