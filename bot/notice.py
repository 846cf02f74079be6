"""Messages that the town sends of its own accord, in the words of a flow that only speaks, with a button that stops them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from bot.flow.arriving import arrive, stoppable
from bot.flow.book import Book
from bot.flow.engine import start
from bot.flow.reminding import stop_choice
from bot.flow.talk import ActionResult, Json, Surroundings
from bot.line.messages import action, line_messages
from bot.now import TOKYO


def notice(
    book: Book, flow: str, language: str | None, values: Mapping[str, Json], now: dt.datetime
) -> list[dict[str, Any]]:
    """Return what `flow` says with `values`, as LINE message objects. Raises LookupError when a notice wants to act.

    Where the flow names a `topic`, a button below it stops that topic.
    """
    said = start(book, flow, _around(language, now), values=values)
    program = book.programs.get(flow)
    if program is not None and program.flow.topic is not None:
        said = stoppable(said, language, flow, program.flow.topic)
    return line_messages(said.messages, said.quick)


def reminder(
    book: Book,
    flow: str,
    step: str | None,
    language: str | None,
    values: Mapping[str, Json],
    now: dt.datetime,
    stop: str,
) -> list[dict[str, Any]] | None:
    """Return what a reminder says as LINE message objects (see `arrive`), None when its flow or step is gone."""
    said = arrive(book, flow, step, _around(language, now), values, stop)
    return None if said is None else line_messages(said.messages, said.quick)


def stop_button(language: str | None, topic: str) -> dict[str, Any]:
    """Return the quick reply with which residents stop a topic, for messages that no flow writes."""
    return {"type": "action", "action": action(stop_choice(language or "ja", "", topic))}


def _around(language: str | None, now: dt.datetime) -> Surroundings:
    return Surroundings(now=now.astimezone(TOKYO), actions=_refuse, language=language)


def _refuse(name: str, _arguments: Mapping[str, Json]) -> ActionResult:
    raise LookupError(f"a notice only speaks, it cannot call {name}: put the action on a button")
