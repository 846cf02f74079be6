"""The conversation engine, a pure function: state and input in, new state, messages and effects out.

It never raises of itself and always answers; what an action raises passes through, for the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from bot.flow import handing, pausing, phrases, press, steps
from bot.flow.book import Book
from bot.flow.everywhere import go_on_from_desk
from bot.flow.listening import take_follow, take_late, take_sent, take_text
from bot.flow.pressing import take_press
from bot.flow.program import HandoffOp
from bot.flow.render import label, messages, quick
from bot.flow.run import Run, Trace
from bot.flow.sandbox import plain
from bot.flow.state import dump, load
from bot.flow.talk import (
    Choice,
    Counted,
    Followed,
    Input,
    Json,
    Overtaken,
    Pressed,
    Said,
    Sent,
    Surroundings,
    Turn,
)


def turn(
    book: Book,
    state: bytes | None,
    input: Input,  # noqa: A002 -- the field's word
    around: Surroundings,
    trace: Trace | None = None,
) -> Turn:
    """Answer `input` of a resident whose conversation stands at `state` (None: nothing under way)."""
    run = _open(book, state, around, trace)
    desks = handing.places(run)
    _expire(run)
    held = pausing.hold(run)
    match input:
        case Said():
            take_text(run, input.text)
        case Pressed():
            take_press(run, input)
        case Followed():
            take_follow(run, input)
        case Sent():
            take_sent(run, input)
        case Overtaken():
            take_late(run, input)
        case _:
            assert_never(input)
    run.talks[:0] = held
    return _turn(run, desks)


def released(
    book: Book, state: bytes | None, flow: str, begun: int, around: Surroundings, trace: Trace | None = None
) -> Turn | None:
    """Let a talk go on that the desk has closed; None when it no longer waits there."""
    run = _open(book, state, around, trace)
    talk = next((one for one in run.talks if (one.flow, one.begun) == (flow, begun)), None)
    op = handing.at_desk(run, talk)
    if talk is None or op is None:
        return None
    run.talks.remove(talk)
    run.talks.append(talk)
    go_on_from_desk(run, talk, op)
    return _turn(run)


def rejoined(book: Book, state: bytes | None, flow: str, begun: int, around: Surroundings) -> Turn | None:
    """Take a talk back to the desk it has left; None when the flow no longer leads there."""
    run = _open(book, state, around, None)
    _expire(run)
    program = book.programs.get(flow)
    desk = next((op for op in program.ops if isinstance(op, HandoffOp)), None) if program else None
    if program is None or desk is None:
        return None
    talk = run.push(program)
    talk.begun = begun
    talk.wait_at(desk.name)
    talk.tries, run.quiet = 1, True
    return _turn(run)


def beside_person(book: Book, state: bytes | None, flow: str, around: Surroundings) -> tuple[Choice, ...]:
    """Return what stands below the words of a person in a talk of `flow`: nothing when the resident is doing something else."""
    run = _open(book, state, around, None)
    waits = run.talk is not None and run.talk.flow == flow and handing.at_desk(run, run.talk) is not None
    return quick(handing.choices(run)) if waits else ()


def start(
    book: Book,
    flow: str,
    around: Surroundings,
    state: bytes | None = None,
    values: Mapping[str, Json] | None = None,
    trace: Trace | None = None,
) -> Turn:
    """Begin `flow` for the platform (a reminder with questions, a survey), on top of what stands at `state`."""
    run = _open(book, state, around, trace)
    _expire(run)
    steps.begin(run, flow, {name: plain(value) for name, value in (values or {}).items()})
    return _turn(run)


def _open(book: Book, state: bytes | None, around: Surroundings, trace: Trace | None) -> Run:
    run = Run(book, around, load(state), trace=trace)
    if run.talk is not None:
        run.came_from = (run.talk.flow, run.talk.step)
    if state and not run.talks:
        run.phrase("unreadable")
    return run


def _turn(run: Run, desks: set[tuple[str, int]] | None = None) -> Turn:
    if desks:
        handing.left(run, desks)
    if not run.drafts and not run.quiet:
        run.phrase("ended" if run.talk is None else "choose_below")
    talk = run.talk
    asked = None if talk is None else steps.waiting(run, talk)
    desk = handing.at_desk(run, talk)
    if talk is None or (asked is None and desk is None):
        run.talks.clear()
        said, below = messages(run.drafts, run.language), quick(run.quick)
        return Turn(None, said, below, tuple(run.effects), answered=tuple(run.answered), counted=tuple(run.counted))
    if (talk.flow, talk.step) != run.came_from:
        run.counted.append(Counted("reached", talk.flow, talk.step))
    program = run.program(talk)
    if desk is not None:
        talk.expires = run.seconds + handing.SPAN
    elif program is not None:
        talk.expires = run.seconds + program.flow.expires_after
    expires = run.around.now.fromtimestamp(talk.expires, run.around.now.tzinfo)
    return Turn(
        dump(run.talks),
        messages(run.drafts, run.language),
        quick(run.quick),
        tuple(run.effects),
        talk.flow,
        talk.revision,
        talk.step,
        expires,
        tuple(run.answered),
        tuple(run.counted),
    )


def _expire(run: Run) -> None:
    lapsed = [talk for talk in run.talks if talk.expires <= run.seconds]
    run.talks[:] = [talk for talk in run.talks if talk.expires > run.seconds]
    run.counted += [Counted("expired", talk.flow, talk.step) for talk in lapsed]
    told = [talk for talk in lapsed if talk.answers or talk.history]
    if told:
        run.phrase("expired", title=run.title(told[-1].flow))
        restart = phrases.phrase("start_again", run.language)
        run.quick = [Choice(label(restart), press.data(told[-1].flow, "", "", "", press.START, ""), echo=restart)]
