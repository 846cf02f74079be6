"""The form in which a segment is built: read from what was posted, changed by its buttons."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from bot.campaigns import builder
from bot.campaigns.builder import MOST_BLOCKS, MOST_CONDITIONS, Block, Builder, Choices, Condition
from bot.console.console import console
from bot.console.language import language_of_request


def read(posted: Any) -> Builder:
    """Return the builder that a form holds: fields `join`, `join-0`, `subject-0-1`, `values-0-1`."""
    blocks = []
    for number in range(MOST_BLOCKS):
        if f"join-{number}" not in posted:
            break
        conditions = []
        for place in range(MOST_CONDITIONS):
            if f"subject-{number}-{place}" not in posted:
                break
            subject = posted.get(f"subject-{number}-{place}", "")[:60]
            # Values of another subject than the one they were ticked for are dropped.
            same = posted.get(f"was-{number}-{place}", subject) == subject
            values = tuple(posted.getlist(f"values-{number}-{place}")) if same else ()
            conditions.append(Condition(subject, tuple(value[:80] for value in values)))
        blocks.append(Block(_join(posted.get(f"join-{number}")), tuple(conditions) or (Condition(""),)))
    return Builder(_join(posted.get("join")), tuple(blocks) or (Block(),))


def _join(written: str | None) -> builder.Join:
    return "any" if written == "any" else "all"


def changed(form: Builder, button: str) -> Builder:
    """Return the form after one of its buttons was pressed: `block`, `condition-0`, `drop-0-1`."""
    verb, *numbers = button.split("-")
    places = [int(one) for one in numbers if one.isdigit()]
    blocks = list(form.blocks)
    if verb == "block" and len(blocks) < MOST_BLOCKS:
        blocks.append(Block())
    elif verb == "condition" and places and places[0] < len(blocks):
        block = blocks[places[0]]
        if len(block.conditions) < MOST_CONDITIONS:
            blocks[places[0]] = replace(block, conditions=(*block.conditions, Condition("")))
    elif verb == "drop" and len(places) == 2 and places[0] < len(blocks):
        block = blocks[places[0]]
        left = tuple(one for place, one in enumerate(block.conditions) if place != places[1])
        blocks = [replace(one, conditions=left) if one is block else one for one in blocks]
        blocks = [one for one in blocks if one.conditions] or [Block()]
    return replace(form, blocks=tuple(blocks))


def choices(connection: Connection, form: Builder) -> Choices:
    """Return what can be chosen in the form as it stands."""
    used = sorted({one.subject for block in form.blocks for one in block.conditions})
    return builder.choices(connection, console().book(), language_of_request(), used)
