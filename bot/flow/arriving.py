"""Reminders arriving: what they say when their time has come; and, for transcripts, keeping them as the platform's tables do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from bot.flow.book import Book
from bot.flow.engine import start
from bot.flow.reminding import recall, stop_choice
from bot.flow.run import Trace
from bot.flow.talk import ActionResult, Effect, Json, Reminded, Surroundings, TopicStopped, Turn, Unreminded
from bot.flow.timing import USUAL, Plan, next_due
from bot.line.limits import QUICK_REPLIES


def arrive(
    book: Book,
    flow: str,
    step: str | None,
    around: Surroundings,
    values: Mapping[str, Json],
    stop: str,
    trace: Trace | None = None,
) -> Turn | None:
    """Return what a reminder says, with the button that stops it, None when its flow or step is gone.

    `stop` is its topic, or its service and name. Raises LookupError when it wants to act instead of speaking.
    """
    if flow not in book.programs:
        return None
    around = replace(around, actions=_refuse)
    if step is None:
        said: Turn | None = start(book, flow, around, values=values, trace=trace)
    else:
        said = recall(book, flow, step, around, values)
    return None if said is None else stoppable(said, around.language, flow, stop)


def stoppable(said: Turn, language: str | None, flow: str, stop: str) -> Turn:
    """Return what was said with the button that stops it before what else can be pressed."""
    choices = (stop_choice(language or "ja", flow, stop), *said.quick)
    return replace(said, quick=choices[:QUICK_REPLIES])


def _refuse(name: str, _arguments: Mapping[str, Json]) -> ActionResult:
    raise LookupError(f"a notice only speaks, it cannot call {name}: put the action on a button")


@dataclass
class Pending:
    """What one resident is still to be reminded of, and the topics they stopped."""

    time_of_day: str | None = None
    kept: dict[tuple[str, str], Reminded] = field(default_factory=dict)
    stopped: set[str] = field(default_factory=set)

    def note(self, effect: Effect) -> None:
        """Do what a turn wants done."""
        match effect:
            case Reminded():
                self.kept[effect.service, effect.name] = effect
                self.stopped.discard(effect.topic or "")
            case Unreminded(service, name):
                self.kept.pop((service, name), None)
            case TopicStopped(topic):
                self.stopped.add(topic)

    def take(self, until: dt.datetime) -> Reminded | None:
        """Take the next reminder due by `until`; one that goes on is due again."""
        due = sorted((each for each in self.kept.values() if each.due <= until), key=lambda each: each.due)
        if not due:
            return None
        taken = due[0]
        plan = Plan.of(taken.rule)
        usual = dt.time.fromisoformat(self.time_of_day) if self.time_of_day else USUAL
        following = None if plan.every is None else next_due(plan, taken.due, usual)
        if following is None:
            del self.kept[taken.service, taken.name]
        else:
            self.kept[taken.service, taken.name] = replace(taken, due=following)
        return taken if taken.topic not in self.stopped else self.take(until)


def arrived(book: Book, reminded: Reminded, around: Surroundings, trace: Trace | None = None) -> Turn | None:
    """Return what a reminder says that a turn wanted."""
    stop = reminded.topic or f"{reminded.service}/{reminded.name}"
    return arrive(book, reminded.flow, reminded.step, around, reminded.values, stop, trace)


def arrivals(
    book: Book, pending: Pending, around: Surroundings, until: dt.datetime, trace: Trace | None = None
) -> Iterator[tuple[Reminded, Turn]]:
    """Yield the reminders that arrive from now until then, in order, each in the words of its own time."""
    while (reminded := pending.take(until)) is not None:
        then = replace(around, now=max(around.now, reminded.due))
        if (said := arrived(book, reminded, then, trace)) is not None:
            yield reminded, said
