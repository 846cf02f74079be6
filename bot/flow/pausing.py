"""Services that are paused: nothing of theirs begins or goes on, and residents are told where to turn instead."""

from __future__ import annotations

from bot.flow.run import Run
from bot.flow.state import Talk


def hold(run: Run) -> list[Talk]:
    """Lay aside the talks of paused services and return them; say so when the running one is among them.

    Who is talking with a person already goes on.
    """
    held = [talk for talk in run.talks if run.book.pause_of(talk.flow) is not None and not run.hears(talk)]
    if held and held[-1] is run.talk:
        tell(run, held[-1].flow)
    run.talks[:] = [talk for talk in run.talks if talk not in held]
    return held


def tell(run: Run, flow: str) -> bool:
    """Say that `flow` is paused, if it is; tell whether it is."""
    texts = run.book.pause_of(flow)
    if texts is None:
        return False
    run.say(texts.get(run.language) or texts.get("ja") or next(iter(texts.values())))
    return True
