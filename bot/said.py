"""Exceptions that staff read: what one says is its docstring, in Japanese and English, told apart by " / "."""

from __future__ import annotations

from collections.abc import Mapping


class Said(Exception):
    """うまくいきませんでした。 / It did not work."""

    @property
    def message(self) -> Mapping[str, str]:
        """Return in Japanese and in English what is wrong and what to do next."""
        japanese, _, english = " ".join((type(self).__doc__ or "").split()).partition(" / ")
        return {"ja": japanese, "en": english}

    def in_(self, language: str) -> str:
        """Return the sentence for somebody who reads `language`."""
        return self.message["ja" if language.startswith("ja") else "en"]

    def __str__(self) -> str:
        """Return it in English, for logs and the command line."""
        return self.message["en"]
