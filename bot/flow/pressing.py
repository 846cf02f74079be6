"""What a pressed button does: answers, words, the buttons an author wrote, and old ones kindly."""

from __future__ import annotations

from bot.flow import handing, phrases, press, reminding, steps, words
from bot.flow.answering import answer
from bot.flow.asking import picked, picked_day
from bot.flow.book import LANGUAGE, MENU
from bot.flow.everywhere import stop, take_word
from bot.flow.offers import ALWAYS, word_choice
from bot.flow.program import Pressable, Program, SayOp
from bot.flow.render import label
from bot.flow.run import Run
from bot.flow.sandbox import plain
from bot.flow.talk import Choice, Json, Pressed

_Values = tuple[dict[str, Json], dict[str, Json]]
"""What a button was shown with, and what its action found."""


def take_press(run: Run, pressed: Pressed) -> None:
    """Do what a button wants; one that has had its time is answered kindly."""
    found = press.read(pressed.data)
    if found is None:
        _old(run, None)
    elif found.verb == press.PAGE:
        _open_page(run, found)
    elif found.verb == press.START:
        leave_for(run, found.flow)
    elif found.verb == press.AREA:
        _area(run, found.value)
    elif found.verb == press.BUTTON:
        _button(run, found)
    elif found.verb == press.STOP:
        reminding.stop_at_once(run, found)
        if run.talk is not None:
            steps.ask_again(run)
    else:
        _at_question(run, found, pressed.picked)


def leave_for(run: Run, flow: str) -> None:
    """Begin another flow above the one under way, which goes on after it."""
    if run.talk is not None and run.talk.flow in {MENU, LANGUAGE}:
        run.talks.pop()
    steps.begin(run, flow)


def turn_to(run: Run, flow: str) -> None:
    """Begin the flow that was asked for; who is asked something in it gets the question again."""
    talk = run.talk
    if talk is not None and talk.flow == flow and steps.waiting(run, talk) is not None:
        steps.resume(run)
    else:
        leave_for(run, flow)


def _area(run: Run, said: str) -> None:
    """Go where an area of the rich menu leads, whatever is being asked: a press on the menu is never an answer."""
    talk = run.talk
    asked = None if talk is None else steps.waiting(run, talk)
    word, flow = words.word_in(said), run.book.flow_for(said)
    if word is not None:
        take_word(run, word, asked)
    elif flow is None:
        steps.ask_again(run, phrases.phrase("gone", run.language))
    else:
        turn_to(run, flow)


def _open_page(run: Run, found: press.Press) -> None:
    program = run.book.programs.get(found.flow)
    if program is None or not handing.offer_page(run, program):
        _old(run, found)


def _at_question(run: Run, found: press.Press, day: str | None) -> None:
    talk = run.talk
    asked = None if talk is None else steps.waiting(run, talk)
    current = talk is not None and (talk.flow, talk.step, talk.mark) == (found.flow, found.step, found.mark)
    word = words.as_word(found.value) if found.verb == press.WORD else None
    if word in {"menu", "language", "help", "my_data", "notices"}:
        take_word(run, word, asked)
    elif word == "stop" and current and handing.at_desk(run, talk) is not None:
        stop(run)
    elif asked is None or not current:
        _old(run, found)
    elif word is not None:
        take_word(run, word, asked)
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
        _jump(run, program, button.goto or "", (packed[2], {}), running=running)


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
    found = {name: plain(value) for name, value in result.values.items()}
    target = button.outcomes.get(result.outcome)
    if target is not None:
        _jump(run, program, target, (arguments, found), running=running)
    else:
        steps.ask_again(run, phrases.phrase("trouble" if button.outcomes else "done", run.language))


def _jump(run: Run, program: Program, target: str, values: _Values, *, running: bool) -> None:
    """Go where a button leads, in the talk under way or in one of its own.

    The button carries answers as they stood when it was shown: a talk under way has its own, which may have been changed since.
    """
    carried, found = values
    if running and (own := run.program(run.talks[-1])) is not None:
        answers = own.questions.keys() | own.groups.keys()
        fresh = {name: value for name, value in carried.items() if name not in answers}
        for name, value in (fresh | found).items():
            run.keep(name, value)
        steps.advance(run, own, own.places.get(target, len(own.ops)))
        return
    run.push(program, carried | found, beside=True)
    steps.advance(run, program, program.places.get(target, len(program.ops)))
