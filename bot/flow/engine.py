"""The conversation engine, a pure function: state and input in, new state, messages and effects out.

It never raises of itself and always answers; what an action raises passes through, for the caller's transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from bot.flow import pausing, phrases, press, steps, words
from bot.flow.answering import answer, back, skip
from bot.flow.answers.reading import Understood
from bot.flow.asking import picked, picked_day, read, sent
from bot.flow.book import LANGUAGE, MENU, MY_DATA, Book
from bot.flow.offers import ALWAYS, LISTED, always, word_choice
from bot.flow.program import AskOp, Pressable, Program, SayOp
from bot.flow.render import label, messages, quick
from bot.flow.run import Run, Trace
from bot.flow.sandbox import plain
from bot.flow.state import dump, load
from bot.flow.talk import (
    Choice,
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
    held = pausing.hold(run)
    match input:
        case Said():
            _said(run, input.text)
        case Pressed():
            _pressed(run, input)
        case Followed():
            _followed(run, input)
        case Sent():
            _sent(run, input)
        case Overtaken():
            steps.ask_again(run, phrases.phrase("overtaken", run.language))
        case _:
            assert_never(input)
    run.talks[:0] = held
    return _turn(run)


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
    steps.begin(run, flow, {name: plain(value) for name, value in (values or {}).items()})
    return _turn(run)


def _open(book: Book, state: bytes | None, around: Surroundings, trace: Trace | None) -> Run:
    run = Run(book, around, load(state), trace=trace)
    if state and not run.talks:
        run.phrase("unreadable")
    _expire(run)
    return run


def _turn(run: Run) -> Turn:
    if not run.drafts:
        run.phrase("ended" if run.talk is None else "choose_below")
    talk = run.talk
    asked = None if talk is None else steps.waiting(run, talk)
    if talk is None or asked is None:
        run.talks.clear()
        said, below = messages(run.drafts, run.language), quick(run.quick)
        return Turn(None, said, below, tuple(run.effects), answered=tuple(run.answered))
    program = run.program(talk)
    if program is not None:
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
    )


def _expire(run: Run) -> None:
    lapsed = [talk for talk in run.talks if talk.expires <= run.seconds]
    run.talks[:] = [talk for talk in run.talks if talk.expires > run.seconds]
    told = [talk for talk in lapsed if talk.answers or talk.history]
    if told:
        run.phrase("expired", title=run.title(told[-1].flow))
        restart = phrases.phrase("start_again", run.language)
        run.quick = [Choice(label(restart), press.data(told[-1].flow, "", "", "", press.START, ""), echo=restart)]


def _said(run: Run, text: str) -> None:
    talk = run.talk
    asked = None if talk is None else steps.waiting(run, talk)
    word = words.word_in(text)
    if asked is not None and (pressed := _always(run, text)) is not None:
        _pressed(run, pressed)
    elif asked is not None:
        reading = read(run, asked, text)
        chosen = isinstance(reading, Understood) and asked.type in LISTED
        if word is not None and not chosen:
            _word(run, word, asked)
        elif isinstance(reading, Understood) or asked.type != "services":
            answer(run, asked, reading)
        else:
            _unknown(run, text)
    elif talk is not None and word is None:
        steps.lost(run, talk)
    elif word is not None:
        _word(run, word, None)
    else:
        _unknown(run, text)


def _always(run: Run, text: str) -> Pressed | None:
    """Read the typed words of a button that is always there (LINE on a computer shows none of them)."""
    if not (shown := [each for each in always(run) if each.kind == "press"]):
        return None
    wanted = words.fold(text)
    return next((Pressed(each.data) for each in shown if words.fold(each.label) == wanted), None)


def _unknown(run: Run, text: str) -> None:
    if (flow := run.book.flow_for(text)) is not None:
        if run.talk is not None and run.talk.flow == MENU:
            run.talks.pop()
        steps.begin(run, flow)
        return
    again = run.quick
    if not run.drafts:
        run.phrase("unknown_text")
    steps.begin(run, MENU)
    run.quick = [*again, *run.quick]


def _word(run: Run, word: words.Word, asked: AskOp | None) -> None:
    match word:
        case "menu":
            steps.begin(run, MENU)
        case "language":
            steps.begin(run, LANGUAGE)
        case "help":
            steps.ask_again(run, phrases.phrase("help", run.language))
        case "my_data" if MY_DATA in run.book.programs:
            steps.begin(run, MY_DATA)
        case "stop":
            _stop(run)
        case "resume" | "back" | "skip" | "why" if asked is not None:
            _about_question(run, word, asked)
        case _:
            run.phrase("unknown_text")
            steps.begin(run, MENU)


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


def _stop(run: Run) -> None:
    passing = {MENU, LANGUAGE}
    stopped = next((talk for talk in reversed(run.talks) if talk.flow not in passing), None)
    if stopped is None:
        run.talks.clear()
        run.phrase("nothing_to_stop")
        steps.resume(run)
        return
    run.talks[:] = run.talks[: run.talks.index(stopped)]
    run.phrase("stopped", title=run.title(stopped.flow))
    steps.resume(run)


def _followed(run: Run, followed: Followed) -> None:
    if run.book.greeting is not None:
        steps.begin(run, run.book.greeting, {"again": followed.again})
    else:
        steps.begin(run, MENU)


def _sent(run: Run, given: Sent) -> None:
    asked = None if run.talk is None else steps.waiting(run, run.talk)
    reading = None if asked is None else sent(asked, given.kind, given.detail)
    if asked is not None and reading is not None:
        answer(run, asked, reading)
        return
    name = "sticker" if given.kind == "sticker" else "unwanted_idle" if asked is None else "unwanted"
    steps.ask_again(run, phrases.phrase(name, run.language))


def _pressed(run: Run, pressed: Pressed) -> None:
    found = press.read(pressed.data)
    if found is None:
        _old(run, None)
    elif found.verb == press.START:
        if run.talk is not None and run.talk.flow == MENU:
            run.talks.pop()
        steps.begin(run, found.flow)
    elif found.verb == press.BUTTON:
        _button(run, found)
    else:
        _at_question(run, found, pressed.picked)


def _at_question(run: Run, found: press.Press, day: str | None) -> None:
    talk = run.talk
    asked = None if talk is None else steps.waiting(run, talk)
    current = talk is not None and (talk.flow, talk.step, talk.mark) == (found.flow, found.step, found.mark)
    word = words.as_word(found.value) if found.verb == press.WORD else None
    if word in {"menu", "language", "help", "my_data"}:
        _word(run, word, asked)
    elif asked is None or not current:
        _old(run, found)
    elif word is not None:
        _word(run, word, asked)
    elif found.verb == press.PICK:
        if (reading := picked(run, asked, found.value)) is None:
            steps.ask_again(run)
        else:
            answer(run, asked, reading)
    elif found.verb == press.DATE:
        answer(run, asked, picked_day(asked, day))
    else:
        _old(run, found)


def _old(run: Run, found: press.Press | None) -> None:
    if run.talk is not None:
        steps.ask_again(run, phrases.phrase("old_button", run.language))
        return
    if not run.drafts:
        run.phrase("old_button_ended")
    run.quick = [word_choice(run, "menu")]
    if found is not None and found.flow in run.book.programs and found.flow != MENU:
        again = phrases.phrase("start_again", run.language)
        run.quick.insert(0, Choice(label(again), press.data(found.flow, "", "", "", press.START, ""), echo=again))


def _button(run: Run, found: press.Press) -> None:
    program = run.book.program(found.flow, found.revision) or run.book.programs.get(found.flow)
    packed = press.unpack(found.value)
    button = None if program is None or packed is None else _find(program, found.step, packed[0], packed[1])
    if program is None or packed is None or button is None:
        _old(run, found)
        return
    talk = run.talk
    running = talk is not None and talk.flow == found.flow and f"{talk.begun:x}" == found.mark.split(".")[0]
    if button.only_while_running and not running:
        _old(run, found)
    elif button.start is not None:
        steps.begin(run, button.start)
    elif button.do is not None:
        _act(run, program, button, packed[2], running=running)
    else:
        _jump(run, program, button.goto or "", packed[2], running=running)


def _find(program: Program, step: str, number: int, target: str) -> Pressable | None:
    op = program.op(step)
    buttons = program.always if step == ALWAYS else op.buttons if isinstance(op, SayOp) else ()
    if 0 <= number < len(buttons) and buttons[number].target == target:
        return buttons[number]
    return next((button for button in buttons if button.target == target), None)


def _act(run: Run, program: Program, button: Pressable, arguments: dict[str, Json], *, running: bool) -> None:
    result = run.around.actions(button.do or "", arguments)
    if result.forget:
        run.forget()
    values = {**arguments, **{name: plain(value) for name, value in result.values.items()}}
    target = button.outcomes.get(result.outcome)
    if target is not None:
        _jump(run, program, target, values, running=running)
    else:
        steps.ask_again(run, phrases.phrase("trouble" if button.outcomes else "done", run.language))


def _jump(run: Run, program: Program, target: str, values: dict[str, Json], *, running: bool) -> None:
    place = program.places.get(target, len(program.ops))
    if running and (own := run.program(run.talks[-1])) is not None:
        for name, value in values.items():
            run.keep(name, value)
        steps.advance(run, own, own.places.get(target, len(own.ops)))
        return
    run.push(program, values, beside=True)
    steps.advance(run, program, place)
