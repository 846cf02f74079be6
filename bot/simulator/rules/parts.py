"""A JSON object under inspection: asks for its properties one by one and notes what LINE would refuse, with the path."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Self

from bot.simulator.errors import Problem
from bot.simulator.rules.counting import Count, utf16

EMPTY = "May not be empty"
URL_CHARACTERS = re.compile(r"[!-~]+")


class Part:
    """One object of a request body; `found` gathers the problems of the whole body."""

    def __init__(self, found: list[Problem], value: dict[str, Any], path: str = "") -> None:
        self.found = found
        self.value = value
        self.path = path

    def at(self, name: str) -> str:
        """Return the path of a property as LINE writes it: `messages[0].text`."""
        return f"{self.path}.{name}" if self.path else name

    def item(self, name: str, index: int) -> str:
        """Return the path of an element of an array: `messages[0]`."""
        return f"{self.at(name)}[{index}]"

    def refuse(self, name: str, message: str) -> None:
        """Note a problem with a property."""
        self.found.append(Problem(message, self.at(name)))

    def get(self, name: str) -> Any:
        """Return a property; null and absent are the same to LINE."""
        return self.value.get(name)

    def missing(self, name: str) -> None:
        """Note that a required property is not there."""
        self.refuse(name, EMPTY)

    def text(
        self, name: str, most: int, *, required: bool = False, count: Count = utf16, empty: bool = False
    ) -> str | None:
        """Return a text of at most `most` characters, never empty unless allowed."""
        text = self.get(name)
        if text is None:
            if required:
                self.missing(name)
        elif not isinstance(text, str):
            self.refuse(name, "Must be a string")
        elif not text and not empty:
            self.refuse(name, EMPTY)
        elif count(text) > most:
            self.refuse(name, f"Length must be between 0 and {most}")
        else:
            return text
        return None

    def url(
        self, name: str, most: int = 2000, *, required: bool = False, schemes: tuple[str, ...] = ("https",)
    ) -> str | None:
        """Return a percent-encoded URL with one of the schemes."""
        url = self.text(name, most, required=required)
        if url is None:
            return None
        scheme, colon, rest = url.partition(":")
        if not colon or not rest or scheme.lower() not in schemes:
            self.refuse(name, "invalid uri scheme")
        elif not URL_CHARACTERS.fullmatch(url):
            self.refuse(name, "invalid uri: must be percent-encoded")
        else:
            return url
        return None

    def pattern(self, name: str, pattern: re.Pattern[str], *, required: bool = False) -> str | None:
        """Return a text that matches the whole pattern."""
        text = self.get(name)
        if text is None:
            if required:
                self.missing(name)
        elif not isinstance(text, str) or not pattern.fullmatch(text):
            self.refuse(name, "invalid property")
        else:
            return text
        return None

    def one_of(self, name: str, values: Collection[str], *, required: bool = False) -> str | None:
        """Return a text out of a closed list."""
        text = self.get(name)
        if text is None:
            if required:
                self.missing(name)
        elif not isinstance(text, str) or text not in values:
            self.refuse(name, f"Must be one of the following values: [{', '.join(values)}]")
        else:
            return text
        return None

    def number(
        self,
        name: str,
        low: float | None = None,
        high: float | None = None,
        *,
        required: bool = False,
        whole: bool = True,
    ) -> float | None:
        """Return a number between two bounds (both included), an integer unless `whole` is false."""
        number = self.get(name)
        if number is None:
            if required:
                self.missing(name)
        elif isinstance(number, bool) or not isinstance(number, int if whole else int | float):
            self.refuse(name, "Must be an integer" if whole else "Must be a number")
        elif (low is not None and number < low) or (high is not None and number > high):
            self.refuse(name, f"Must be between {low} and {high}" if high is not None else f"Must be at least {low}")
        else:
            return float(number)
        return None

    def boolean(self, name: str, *, required: bool = False) -> bool:
        """Return true or false; absent is false."""
        value = self.get(name)
        if value is None:
            if required:
                self.missing(name)
        elif not isinstance(value, bool):
            self.refuse(name, "Must be a boolean")
        else:
            return value
        return False

    def part(self, name: str, *, required: bool = False) -> Self | None:
        """Return an object inside this one."""
        value = self.get(name)
        if value is None:
            if required:
                self.missing(name)
        elif not isinstance(value, dict):
            self.refuse(name, "Must be an object")
        else:
            return type(self)(self.found, value, self.at(name))
        return None

    def parts(self, name: str, least: int, most: int, *, required: bool = True) -> list[Self]:
        """Return the objects of an array of `least` to `most`."""
        value = self.get(name)
        if value is None:
            if required:
                self.missing(name)
            return []
        if not isinstance(value, list):
            self.refuse(name, "Must be an array")
            return []
        if not least <= len(value) <= most:
            self.refuse(name, f"Size must be between {least} and {most}")
            return []
        found = []
        for index, one in enumerate(value):
            if isinstance(one, dict):
                found.append(type(self)(self.found, one, self.item(name, index)))
            else:
                self.found.append(Problem("Must be an object", self.item(name, index)))
        return found


class FlexPart(Part):
    """A part of a Flex Message, whose paths LINE writes as `/body/contents/1/text`, and where nothing unknown passes."""

    def at(self, name: str) -> str:
        """Return the path of a property."""
        return f"{self.path}/{name}"

    def item(self, name: str, index: int) -> str:
        """Return the path of an element of an array."""
        return f"{self.path}/{name}/{index}"

    def missing(self, name: str) -> None:
        """Note that a required property is not there."""
        self.refuse(name, "must be specified")

    def only(self, names: Collection[str]) -> None:
        """Refuse every property that is not one of the names."""
        for name in self.value:
            if name not in names:
                self.refuse(name, "unknown field")
