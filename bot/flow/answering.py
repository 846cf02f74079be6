"""What an answer does: it is kept and the talk goes on, or the question is asked again with the reason."""

from __future__ import annotations

from bot.flow import phrases, steps
from bot.flow.answers.reading import Reading, Understood
from bot.flow.asking import refusal
from bot.flow.offers import YES
from bot.flow.program import AskOp
from bot.flow.run import Run
from bot.flow.talk import Answered, Consented, Json, LanguageChosen


def answer(run: Run, asked: AskOp, reading: Reading) -> None:
    """Take the answer to the question the running talk waits at."""
    reason = refusal(run, asked, reading)
    if reason is not None or not isinstance(reading, Understood):
        _refused(run, asked, reason)
        return
    value = reading.value
    if asked.type == "services":
        run.talks.pop()
        steps.begin(run, str(value))
        return
    if asked.type == "confirm" and value != YES:
        change(run, asked, str(value))
        return
    run.remember(asked.name)
    if asked.variable:
        run.keep(asked.variable, value)
        if asked.type not in {"language", "consent"}:
            run.answered.append(Answered(asked.variable, value))
    if asked.type == "language":
        run.speak(str(value))
        run.effects.append(LanguageChosen(run.language))
    if asked.type == "consent":
        text = run.words(asked.text) if asked.text else ""
        run.effects.append(Consented(asked.variable, asked.version, bool(value), text))
        if not value and asked.refused is None:
            run.phrase("refused")
    go_on(run, asked, value)


def skip(run: Run, asked: AskOp) -> None:
    """Go on without an answer."""
    run.remember(asked.name)
    run.keep(asked.variable, None)
    go_on(run, asked, None)


def go_on(run: Run, asked: AskOp, value: Json) -> None:
    """Go on after an answer was kept."""
    program = run.program(run.talks[-1])
    if program is None:
        steps.lost(run, run.talks[-1])
    else:
        steps.go_on(run, program, asked, value)


def change(run: Run, asked: AskOp, name: str) -> None:
    """Ask one confirmed answer anew; all others stand, unless they no longer fit."""
    talk = run.talks[-1]
    program = run.program(talk)
    if program is None:
        steps.lost(run, talk)
        return
    run.remember(asked.name)
    talk.replay = asked.name
    if name in program.groups:
        run.keep(name, None)
        steps.advance(run, program, program.places[program.groups[name]])
    elif (question := program.questions.get(name)) is not None:
        talk.wait_at(question.name)
        steps.ask_again(run)
    else:
        talk.replay = ""
        steps.ask_again(run)


def back(run: Run) -> None:
    """Ask the question before this one again; its answer is taken back."""
    talk = run.talks[-1]
    step, undo, talk.replay = talk.history.pop()
    for name, old in undo.items():
        if old:
            talk.answers[name] = old[0]
        else:
            talk.answers.pop(name, None)
    talk.wait_at(step)
    steps.ask_again(run)


def _refused(run: Run, asked: AskOp, reason: str | None) -> None:
    talk = run.talks[-1]
    talk.tries += 1
    if asked.retries is None or talk.tries < asked.retries or asked.on_fail is None:
        steps.ask_again(run, reason)
        return
    program = run.program(talk)
    if program is None:
        steps.lost(run, talk)
        return
    run.say(phrases.phrase("too_many_tries", run.language))
    steps.advance(run, program, program.places.get(asked.on_fail, len(program.ops)))
