"""LINE's refusals: an HTTP status with the JSON error body of the Messaging API."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Problem:
    """One entry of `details`: what is wrong, and the path of the property, where LINE names one."""

    message: str
    property: str | None = None

    def as_json(self) -> dict[str, str]:
        """Return the entry as LINE writes it."""
        named = {} if self.property is None else {"property": self.property}
        return {"message": self.message} | named


@dataclass(eq=False)
class LineError(Exception):
    """A request LINE refuses; `extra` joins the body, `headers` the answer."""

    status: int
    message: str
    details: Sequence[Problem] = ()
    extra: dict[str, Any] = field(default_factory=dict)
    headers: tuple[tuple[str, str], ...] = ()

    def body(self) -> dict[str, Any]:
        """Return `{"message", "details"?, …}`."""
        body: dict[str, Any] = {"message": self.message} if self.message else {}
        if self.details:
            body["details"] = [problem.as_json() for problem in self.details]
        return body | self.extra


def invalid_body(problems: Sequence[Problem]) -> LineError:
    """Return the 400 for a request body with the given problems."""
    return LineError(400, f"The request body has {len(problems)} error(s)", problems)


def not_found() -> LineError:
    """Return the 404 LINE gives for anything it does not know."""
    return LineError(404, "Not found")
