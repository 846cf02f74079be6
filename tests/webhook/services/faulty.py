"""A service that breaks, with the resident's own words in its errors' messages."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any, cast

from sqlalchemy import text

from bot.flow.action import ActionSpec, Argument
from bot.flow.talk import ActionResult
from bot.service import Action, ActionContext, Service


def stumble(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Raise an error that repeats what the resident said."""
    words = str(arguments["words"])
    try:
        int(words)
    except ValueError as error:
        logging.getLogger(__name__).exception("cannot take %s", words)
        raise RuntimeError(f"{context.resident.reference} said {words!r}") from error
    return ActionResult("done")


def misquery(context: ActionContext, arguments: Mapping[str, Any]) -> ActionResult:
    """Ask the database for what it does not have, with what the resident said as a parameter."""
    context.connection.execute(text("SELECT nothing FROM nowhere WHERE words = :words"), dict(arguments))
    return ActionResult("done")


def say_nothing(_context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Return nothing at all, as a forgotten `return` does."""
    return cast("ActionResult", None)


def improvise(_context: ActionContext, _arguments: Mapping[str, Any]) -> ActionResult:
    """Return an outcome that was never declared."""
    return ActionResult("perhaps", {"odd": object()})


_WORDS = {"words": Argument("text")}

service = Service(
    "faulty",
    [
        Action(ActionSpec("faulty.stumble", ("done",), _WORDS), stumble),
        Action(ActionSpec("faulty.misquery", ("done",), _WORDS), misquery),
        Action(ActionSpec("faulty.say_nothing", ("done",)), say_nothing),
        Action(ActionSpec("faulty.improvise", ("done",)), improvise),
    ],
)
