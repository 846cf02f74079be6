"""Runs a talk from one step to the next until it waits for the resident or ends."""

from __future__ import annotations

from typing import Any

from bot.flow import handing, pausing
from bot.flow.asking import pose, still_good
from bot.flow.book import LANGUAGE, MENU
from bot.flow.offers import word_choice
from bot.flow.program import (
    AskOp,
    BeginOp,
    CollectOp,
    DoOp,
    EndOp,
    GotoOp,
    HandoffOp,
    JumpOp,
    Op,
    Program,
    RemindOp,
    SayOp,
    SetOp,
    StopReminderOp,
)
from bot.flow.reminding import carry_out
from bot.flow.run import Run
from bot.flow.sandbox import plain
from bot.flow.saying import say
from bot.flow.segments import placed
from bot.flow.state import Talk
from bot.flow.talk import Counted, Filed

WAIT = -1
"""Instead of the next step's index: the talk waits for an answer."""
GONE = -2
"""Instead of the next step's index: another talk has taken its place."""
LIST_ENTRIES = 50


def begin(run: Run, flow: str, answers: dict[str, Any] | None = None) -> None:
    """Begin a flow on top of what is under way; say so when it is not there."""
    program = run.book.programs.get(flow)
    if _return_to_desk(run, flow):
        return
    if program is None or pausing.tell(run, flow):
        if program is None:
            run.phrase("gone")
        resume(run)
        return
    if handing.offer_page(run, program):
        return
    run.push(program, answers)
    advance(run, program, 0)


def _return_to_desk(run: Run, flow: str) -> bool:
    """Take up a consultation of this flow that is still open instead of beginning anew; tell whether there is one."""
    there = next((talk for talk in run.talks if talk.flow == flow and handing.at_desk(run, talk) is not None), None)
    if there is None:
        return False
    run.talks.remove(there)
    run.talks.append(there)
    handing.pose(run)
    return True


def advance(run: Run, program: Program, index: int) -> None:
    """Run the running talk from step `index` on."""
    while index < len(program.ops):
        run.steps -= 1
        if run.steps < 0:
            run.phrase("trouble")
            run.talks.pop()
            resume(run)
            return
        before = index
        index = _step(run, program, program.ops[index], index)
        if run.trace is not None:
            run.trace(program, before, index)
        if index in {WAIT, GONE}:
            return
    finish(run, program)


def finish(run: Run, program: Program) -> None:
    """End the running talk and take up the one it interrupted."""
    talk = run.talks.pop()
    run.counted.append(Counted("completed", program.id))
    if program.flow.retain_answers:
        # A consent is kept by itself; and who refuses it files nothing.
        kinds = program.questions.items()
        names = {name for name, asked in kinds if not asked.secret and asked.type != "consent"} | set(program.groups)
        kept = {name: value for name, value in talk.answers.items() if name in names}
        if kept:
            run.effects.append(Filed(program.id, program.revision, kept))
    run.effects.extend(placed(program, talk.answers, run.around.now.date()))
    resume(run, quiet=talk.flow in {MENU, LANGUAGE})


def resume(run: Run, *, quiet: bool = False) -> None:
    """Take up the talk below, if any: its question again."""
    if (talk := run.talk) is None:
        if not run.drafts:
            run.phrase("ended")
        run.quick = [word_choice(run, "menu")]
        return
    if not quiet:
        run.phrase("resumed", title=run.title(talk.flow))
    ask_again(run)


def ask_again(run: Run, lead: str | None = None) -> None:
    """Ask the current question again; without one, offer the menu."""
    if lead is not None:
        run.say(lead)
    talk = run.talk
    asked = None if talk is None else waiting(run, talk)
    if asked is not None:
        pose(run, asked)
    elif handing.at_desk(run, talk) is not None:
        handing.pose(run)
    elif talk is not None:
        lost(run, talk)
    else:
        run.quick = [word_choice(run, "menu")]


def lost(run: Run, talk: Talk) -> None:
    """Begin a talk anew whose revision or step is no longer there; never silently."""
    run.talks.remove(talk)
    run.steps -= 1
    if talk.flow in run.book.programs and run.steps > 0:
        run.phrase("restart", title=run.title(talk.flow))
        begin(run, talk.flow)
    else:
        run.phrase("gone")
        resume(run)


def waiting(run: Run, talk: Talk) -> AskOp | None:
    """Return the question `talk` waits at, None when it is no longer there."""
    program = run.program(talk)
    if program is None and (program := _mapped(run, talk)) is None:
        return None
    op = program.op(talk.step)
    return op if isinstance(op, AskOp) else None


def _mapped(run: Run, talk: Talk) -> Program | None:
    """Move a talk whose revision is gone to the active one, when that still asks the same things."""
    program = run.book.programs.get(talk.flow)
    if program is None or not asks_the_same(program, talk):
        return None
    talk.revision = program.revision
    return program


def asks_the_same(program: Program, talk: Talk) -> bool:
    """Say whether another revision still asks what `talk` waits at and what 戻る would lead it to."""
    return all(isinstance(program.op(step), AskOp) for step in (talk.step, *(step for step, _, _ in talk.history)))


def _step(run: Run, program: Program, op: Op, index: int) -> int:
    if op.relevant is not None and not op.relevant.holds(run.values()):
        if isinstance(op, AskOp) and op.variable:
            run.keep(op.variable, None)
        return op.after if isinstance(op, DoOp) else index + 1
    match op:
        case AskOp():
            return _ask(run, program, op, index)
        case DoOp():
            return _do(run, op)
        case HandoffOp():
            return _hand_over(run, program, op, index)
        case RemindOp() | StopReminderOp():
            carry_out(run, program, op)
        case SayOp():
            if not run.talks[-1].replay:
                say(run, op)
        case SetOp():
            return _set(run, program, op, index)
        case CollectOp():
            _collect(run, op)
        case _:
            return _jump(run, program, op, index)
    return index + 1


def _jump(run: Run, program: Program, op: Op, index: int) -> int:
    match op:
        case JumpOp():
            passes = op.unless is not None and op.unless.holds(run.values())
            return index + 1 if passes else op.target
        case GotoOp():
            return program.places.get(op.target, len(program.ops))
        case BeginOp():
            run.talks.pop()
            begin(run, op.flow)
            return GONE
        case EndOp():
            return len(program.ops)
    return index + 1


def go_on(run: Run, program: Program, asked: AskOp, value: Any) -> None:
    """Go on after an answer was kept."""
    index = after_answer(program, asked, value)
    if run.trace is not None:
        run.trace(program, program.places[asked.name], index)
    advance(run, program, index)


def after_answer(program: Program, asked: AskOp, value: Any) -> int:
    """Return where the talk goes on after this answer."""
    target = next((option.goto for option in asked.options if option.value == value and option.goto), None)
    if asked.type == "consent" and value is False:
        target = asked.refused or "end"
    return program.places[asked.name] + 1 if target is None else program.places.get(target, len(program.ops))


def _ask(run: Run, program: Program, op: AskOp, index: int) -> int:
    talk = run.talks[-1]
    if talk.replay == op.name:
        talk.replay = ""
    elif talk.replay and op.type != "confirm" and _answered(run, op):
        return after_answer(program, op, talk.answers.get(op.variable)) if op.options else index + 1
    talk.wait_at(op.name)
    pose(run, op)
    return WAIT


def _hand_over(run: Run, program: Program, op: HandoffOp, index: int) -> int:
    if handing.hand_over(run, program, op):
        return WAIT
    if op.nowhere is not None:
        return program.places.get(op.nowhere, len(program.ops))
    run.phrase("desk_nowhere")
    return index + 1


def _answered(run: Run, op: AskOp) -> bool:
    """Say whether a question needs no answer while only another one is being changed."""
    talk = run.talks[-1]
    if op.variable in talk.answers:
        return still_good(run, op, talk.answers[op.variable])
    return not op.required and any(step == op.name for step, _, _ in talk.history)


def _set(run: Run, program: Program, op: SetOp, index: int) -> int:
    if (behind := _gathered(run, program, op)) is not None:
        return behind
    for name, given in op.values.items():
        run.keep(name, given.value(run.values()))
    return index + 1


def _gathered(run: Run, program: Program, op: SetOp) -> int | None:
    """Return where the talk goes on behind a repeated group that stands, None where `op` begins none, or one to go through.

    It stands while another answer is being changed, unless that was the number of its rounds.
    """
    talk = run.talks[-1]
    into = next((name for name, begin in program.groups.items() if talk.replay and begin == op.name), "")
    entries, group = talk.answers.get(into), op.name.removesuffix("-begin")
    if not isinstance(entries, list) or not entries:
        return None
    again = program.places[f"{group}-again"]
    jump = program.ops[again]
    if f"{group}-more" not in program.places and isinstance(jump, JumpOp) and jump.unless is not None:
        fewer = {**run.values(), into: entries[:-1]}
        if not jump.unless.holds(run.values()) or jump.unless.holds(fewer):
            return None
    return again + 1


def _collect(run: Run, op: CollectOp) -> None:
    answers = run.talks[-1].answers
    entry = {name: answers[name] for name in op.variables if name in answers}
    before = answers.get(op.into)
    run.keep(op.into, [*(before if isinstance(before, list) else []), entry][:LIST_ENTRIES])
    for name in op.variables:
        run.keep(name, None)


def _do(run: Run, op: DoOp) -> int:
    values = run.values()
    result = run.around.actions(op.action, {name: given.value(values) for name, given in op.arguments.items()})
    if not op.repeatable:
        run.talks[-1].history.clear()
    if result.forget:
        run.forget()
    for name, value in result.values.items():
        run.keep(name, plain(value))
    if result.outcome in op.outcomes:
        return op.outcomes[result.outcome]
    if op.outcomes:
        run.phrase("trouble")
        run.talks.pop()
        resume(run)
        return GONE
    return op.after
