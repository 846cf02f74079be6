"""Messages that the town sends of its own accord, in the words of a flow that only speaks."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bot.flow.book import Book
from bot.flow.engine import start
from bot.flow.talk import ActionResult, Json, Surroundings
from bot.line.messages import line_messages
from bot.now import TOKYO


def notice(
    book: Book, flow: str, language: str | None, values: Mapping[str, Json], now: dt.datetime
) -> list[dict[str, Any]]:
    """Return what `flow` says with `values`, as LINE message objects. Raises LookupError when a notice wants to act."""
    around = Surroundings(now=now.astimezone(TOKYO), actions=_refuse, language=language)
    said = start(book, flow, around, values=values)
    return line_messages(said.messages, said.quick)


def _refuse(name: str, _arguments: Mapping[str, Json]) -> ActionResult:
    raise LookupError(f"a notice only speaks, it cannot call {name}: put the action on a button")
