"""The words that work everywhere: メニュー, やめる, 戻る, スキップ, なぜ？ and their like."""

from __future__ import annotations

from bot.flow import handing, phrases, steps, words
from bot.flow.answering import back, skip
from bot.flow.book import LANGUAGE, MENU, MY_DATA, NOTICES
from bot.flow.program import AskOp, HandoffOp
from bot.flow.run import Run
from bot.flow.state import Talk
from bot.flow.talk import Counted


def take_word(run: Run, word: words.Word, asked: AskOp | None) -> None:
    """Do what a word says that works everywhere; `asked` is the question under way."""
    match word:
        case "menu":
            steps.begin(run, MENU)
        case "language":
            steps.begin(run, LANGUAGE)
        case "help":
            steps.ask_again(run, _help(run))
        case "my_data" if MY_DATA in run.book.programs:
            steps.begin(run, MY_DATA)
        case "notices" if NOTICES in run.book.programs:
            steps.begin(run, NOTICES)
        case "stop":
            stop(run)
        case "resume" | "back" | "skip" | "why" if asked is not None:
            _about_question(run, word, asked)
        case _:
            run.phrase("unknown_text")
            steps.begin(run, MENU)


def _help(run: Run) -> str:
    """Return the words that work everywhere; those of a part the town has not are left out."""
    parts = {"help_my_data": MY_DATA, "help_notices": NOTICES}
    names = ["help", *(name for name, flow in parts.items() if flow in run.book.programs)]
    return "\n".join(phrases.phrase(name, run.language) for name in names)


def _about_question(run: Run, word: words.Word, asked: AskOp) -> None:
    talk = run.talks[-1]
    above = talk.flow in {MENU, LANGUAGE} and len(run.talks) > 1
    if word == "why":
        reason = phrases.phrase("no_why", run.language) if asked.why is None else run.words(asked.why)
        steps.ask_again(run, reason)
    elif word == "skip" and not asked.required:
        skip(run, asked)
    elif word == "skip":
        steps.ask_again(run, phrases.phrase("cannot_skip", run.language))
    elif word == "back" and talk.history:
        back(run)
    elif above:
        run.talks.pop()
        steps.resume(run)
    elif word == "back":
        steps.ask_again(run, phrases.phrase("first_question", run.language))
    else:
        steps.ask_again(run)


def stop(run: Run) -> None:
    """End what the resident is doing and take up what it interrupted."""
    if run.talk is not None and (desk := handing.at_desk(run, run.talk)) is not None:
        go_on_from_desk(run, run.talk, desk)
        return
    passing = {MENU, LANGUAGE}
    stopped = next((talk for talk in reversed(run.talks) if talk.flow not in passing), None)
    if stopped is None:
        run.talks.clear()
        run.phrase("nothing_to_stop")
        steps.resume(run)
        return
    run.talks[:] = run.talks[: run.talks.index(stopped)]
    run.counted.append(Counted("stopped", stopped.flow, stopped.step))
    run.phrase("stopped", title=run.title(stopped.flow))
    steps.resume(run)


def go_on_from_desk(run: Run, talk: Talk, op: HandoffOp) -> None:
    """Let the running talk go on after its consultation, on the active revision when its own is gone."""
    program = run.program(talk) or run.book.programs[talk.flow]
    talk.revision = program.revision
    target = program.places[op.name] + 1 if op.on_close is None else program.places.get(op.on_close, len(program.ops))
    steps.advance(run, program, target)
