"""Runs a talk from one step to the next until it waits for the resident or ends."""

from __future__ import annotations

from bot.flow import press
from bot.flow.asking import pose, word_choice
from bot.flow.book import LANGUAGE, MENU
from bot.flow.program import (
    AskOp,
    BeginOp,
    DoOp,
    EndOp,
    GotoOp,
    JumpOp,
    Op,
    Pressable,
    Program,
    SayOp,
    SetOp,
)
from bot.flow.render import label
from bot.flow.run import Run
from bot.flow.sandbox import plain
from bot.flow.state import Talk
from bot.flow.talk import Buttons, Choice, Filed, Text
from bot.line.limits import CLIPBOARD_UTF16, POSTBACK_DATA_UTF16, URI_SCHEMES, URI_UTF16, cut_utf16, utf16

WAIT = -1
"""Instead of the next step's index: the talk waits for an answer."""
GONE = -2
"""Instead of the next step's index: another talk has taken its place."""


def begin(run: Run, flow: str, answers: dict[str, object] | None = None, step: str | None = None) -> None:
    """Begin a flow on top of what is under way; say so when it is not there."""
    program = run.book.programs.get(flow)
    if program is None:
        run.phrase("gone", title=flow)
        resume(run)
        return
    run.push(program, answers)
    advance(run, program, program.places.get(step, 0) if step else 0)


def advance(run: Run, program: Program, index: int) -> None:
    """Run the running talk from step `index` on."""
    while index < len(program.ops):
        run.steps -= 1
        if run.steps < 0:
            run.phrase("trouble")
            run.talks.pop()
            return
        op = program.ops[index]
        index = _step(run, program, op, index)
        if index in {WAIT, GONE}:
            return
    finish(run, program)


def finish(run: Run, program: Program) -> None:
    """End the running talk and take up the one it interrupted."""
    talk = run.talks.pop()
    if program.flow.retain_answers:
        asked = {op.variable for op in program.ops if isinstance(op, AskOp) and not op.secret}
        kept = {name: value for name, value in talk.answers.items() if name in asked}
        if kept:
            run.effects.append(Filed(program.id, program.revision, kept))
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
    elif talk is not None:
        lost(run, talk)
    else:
        run.quick = [word_choice(run, "menu")]


def lost(run: Run, talk: Talk) -> None:
    """Begin a talk anew whose revision or step is no longer there; never silently."""
    run.talks.remove(talk)
    run.phrase("restart", title=run.title(talk.flow))
    run.steps -= 1
    if talk.flow in run.book.programs and run.steps > 0:
        begin(run, talk.flow)
    else:
        resume(run)


def waiting(run: Run, talk: Talk) -> AskOp | None:
    """Return the question `talk` waits at, None when it is no longer there."""
    program = run.program(talk)
    if program is None and (program := _mapped(run, talk)) is None:
        return None
    op = program.op(talk.step)
    return op if isinstance(op, AskOp) else None


def _mapped(run: Run, talk: Talk) -> Program | None:
    """Move a talk whose revision is gone to the active one, when that still asks the same things the same way."""
    program = run.book.programs.get(talk.flow)
    if program is None or not isinstance(program.op(talk.step), AskOp):
        return None
    if any(not isinstance(program.op(step), AskOp) for step, _ in talk.history):
        return None
    talk.revision = program.revision
    return program


def _step(run: Run, program: Program, op: Op, index: int) -> int:
    if op.relevant is not None and not op.relevant.holds(run.values()):
        if isinstance(op, AskOp):
            run.keep(op.variable, None)
        return op.after if isinstance(op, DoOp) else index + 1
    match op:
        case SayOp():
            _say(run, op)
            return index + 1
        case AskOp():
            talk = run.talks[-1]
            talk.step, talk.asked, talk.tries = op.name, talk.asked + 1, 0
            pose(run, op)
            return WAIT
        case JumpOp():
            passes = op.unless is not None and op.unless.holds(run.values())
            return index + 1 if passes else op.target
        case GotoOp():
            return program.places.get(op.target, len(program.ops))
        case SetOp():
            for name, given in op.values.items():
                run.keep(name, given.value(run.values()))
            return index + 1
        case DoOp():
            return _do(run, op)
        case BeginOp():
            run.talks.pop()
            begin(run, op.flow)
            return GONE
        case EndOp():
            return len(program.ops)
    return index + 1


def _do(run: Run, op: DoOp) -> int:
    values = run.values()
    result = run.around.actions(op.action, {name: given.value(values) for name, given in op.arguments.items()})
    if not op.repeatable:
        run.talks[-1].history.clear()
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


def _say(run: Run, op: SayOp) -> None:
    texts = [run.words(text) for text in op.texts]
    for text in texts[:-1]:
        run.say(text)
    choices = [choice for number, button in enumerate(op.buttons) if (choice := _choice(run, op, button, number))]
    if choices and texts[-1].strip():
        run.drafts.append(Buttons(texts[-1], tuple(choices)))
    elif texts[-1].strip():
        run.drafts.append(Text(texts[-1]))


def _choice(run: Run, op: SayOp, button: Pressable, number: int) -> Choice | None:
    talk = run.talks[-1]
    shown = run.words(button.label)
    if button.open is not None:
        uri = run.words(button.open).strip()
        sound = uri.split(":")[0] in URI_SCHEMES and utf16(uri) <= URI_UTF16
        return Choice(label(shown), uri, "open") if sound else None
    if button.copy is not None:
        return Choice(label(shown), cut_utf16(run.words(button.copy), CLIPBOARD_UTF16), "copy")
    values = run.values()
    arguments = {name: plain(given.value(values)) for name, given in button.arguments.items()}
    frame = press.data(talk.flow, talk.revision, op.name, talk.mark, press.BUTTON, "")
    packed = press.pack(number, button.target, arguments, POSTBACK_DATA_UTF16 - len(frame))
    return Choice(label(shown), frame + packed, echo=shown)
