"""Handing over to a person: from then on the resident's words go to the desk, and the engine only keeps the ways out in reach."""

from __future__ import annotations

from bot.flow import phrases, press, words
from bot.flow.book import MENU
from bot.flow.offers import always, word_choice
from bot.flow.offices import Danger, Office, opening
from bot.flow.program import HandoffOp, Program
from bot.flow.render import label
from bot.flow.run import Run
from bot.flow.state import Talk
from bot.flow.talk import Buttons, Choice, HandedOver, InDanger, Json, LeftDesk, Overheard, ToldDesk

SPAN = 30 * 86400
"""Seconds for which a talk stays at the desk by itself: the desk closes consultations, not the flow's own time."""

DANGER_AGAIN = 600
"""Seconds after which the emergency numbers are shown again to somebody who is talking with a person already."""

CALLS = ("110", "119", "189")
BESIDE_DESK = frozenset({"menu", "stop"})
"""Words of ours that still work there; all others may be meant for the person at the other end."""


def at_desk(run: Run, talk: Talk | None) -> HandoffOp | None:
    """Return the step at which `talk` waits for a person, None when it does not."""
    program = None if talk is None else run.program(talk)
    if talk is not None and program is None:
        # A consultation goes on though its revision is gone: nothing of the flow is needed for it.
        program = run.book.programs.get(talk.flow)
    op = None if talk is None or program is None else program.op(talk.step)
    return op if isinstance(op, HandoffOp) else None


def places(run: Run) -> set[tuple[str, int]]:
    """Return the talks that are at a desk, as flow and beginning."""
    return {(talk.flow, talk.begun) for talk in run.talks if at_desk(run, talk) is not None}


def hand_over(run: Run, program: Program, op: HandoffOp) -> bool:
    """Let the running talk wait for a person; tell whether there is an office that takes it."""
    talk = run.talks[-1]
    area, name = _office(run, op)
    if name is None or not (counter := run.around.desk(name)).takes:
        return False
    office = run.book.offices[name]
    stand = opening(office, run.around.now)
    outside = counter.closed or not stand.admits
    talk.wait_at(op.name)
    talk.history.clear()
    told = {
        **run.values(),
        "ahead": counter.ahead,
        "number": counter.number,
        "opens": None if stand.opens is None else stand.opens.isoformat(timespec="minutes")[:16],
        "office": _called(run, office),
    }
    full = counter.ahead >= office.most_waiting and op.full is not None
    said = op.outside if outside else op.full if full and op.full is not None else op.waiting
    run.say(said.in_(run.language, told))
    run.quick = choices(run)
    carried = {each: talk.answers[each] for each in op.carry if each in talk.answers}
    run.effects.append(
        HandedOver(talk.flow, program.revision, talk.begun, name, area, carried, outside, counter.number)
    )
    return True


def offer_page(run: Run, program: Program) -> bool:
    """Show the way to the secure page where this flow is talked there; tell whether it is."""
    address = run.around.page(program.id) if program.hands_over else None
    if address is None:
        return False
    opened = Choice(label(phrases.phrase("page_open", run.language)), address, "open")
    shown = phrases.phrase("page_fresh", run.language)
    fresh = Choice(label(shown), press.data(program.id, "", "", "", press.PAGE, ""), echo=shown)
    run.drafts.append(Buttons(phrases.phrase("page_offer", run.language), (opened, fresh)))
    calls = [button for button in program.always if button.open is not None]
    run.quick = [
        Choice(label(run.words(button.label)), run.words(button.open), "open") for button in calls if button.open
    ]
    return True


def pose(run: Run) -> None:
    """Say that a person is at the other end, with what can be pressed."""
    run.phrase("desk_open")
    run.quick = choices(run)


def choices(run: Run) -> list[Choice]:
    """Return what can be pressed while a person is at the other end."""
    end = word_choice(run, "stop")
    shown = phrases.phrase("desk_end", run.language)
    return [*always(run), Choice(label(shown), end.data, echo=shown), word_choice(run, "menu")]


def tell(run: Run, kind: str, text: str = "", detail: dict[str, Json] | None = None) -> None:
    """Pass on what the resident said or sent; they hear of it only the first time, and when they seem to be in danger."""
    talk = run.talks[-1]
    danger = run.book.danger_of(talk.flow)
    found = danger.found_in(text) if danger else ()
    run.effects.append(ToldDesk(talk.flow, talk.begun, kind, text, detail or {}, found))
    run.quiet = True
    if danger is not None and found and _due_again(run, talk):
        show_danger(run, danger)
        run.quick = choices(run)
    _acknowledge(run, talk)


def tell_overtaken(run: Run, kind: str, text: str, detail: dict[str, Json]) -> bool:
    """Pass on what came late, which a person can still read; tell whether anybody is there to read it."""
    if at_desk(run, run.talk) is None:
        return False
    tell(run, kind, text, detail)
    return True


def hear(run: Run, text: str) -> None:
    """Take what is typed while a person is at the other end."""
    word = words.word_in(text)
    tell(run, "text", text)
    if word == "stop":
        # It may be an answer to what was asked: only the button ends the talk.
        run.phrase("desk_stop_how")
        run.quick = choices(run)


def meant_for_desk(run: Run, text: str) -> bool:
    """Tell whether words typed at the menu above a consultation are for the person, if they choose nothing there."""
    return _below_menu(run) and words.word_in(text) not in BESIDE_DESK | {"language", "my_data", "resume"}


def back_to_desk(run: Run) -> bool:
    """Lay aside the menu above a consultation, so that what comes goes to the person; tell whether there is one."""
    if not _below_menu(run):
        return False
    run.talks.pop()
    return True


def _below_menu(run: Run) -> bool:
    top = run.talk
    return top is not None and top.flow == MENU and len(run.talks) > 1 and at_desk(run, run.talks[-2]) is not None


def left(run: Run, before: set[tuple[str, int]]) -> None:
    """Note which consultations this turn has led the resident away from, by whatever way."""
    run.effects.extend(LeftDesk(flow, begun) for flow, begun in sorted(before - places(run)))


def listen(run: Run, text: str) -> Talk | None:
    """Show the emergency numbers for what sounds like danger before a person is there; return the talk it was said in."""
    talk = run.talk
    if talk is None or talk.flow == MENU:
        _listen_idle(run, text)
        return None
    danger = run.book.danger_of(talk.flow)
    program = run.program(talk)
    if danger is None:
        _overhear(run, text)
        return None
    if program is None or not program.hands_over or not danger.found_in(text):
        return None
    show_danger(run, danger)
    consents = [name for name, asked in program.questions.items() if asked.type == "consent"]
    return talk if all(talk.answers.get(name) is True for name in consents) else None


def alarm(run: Run, talk: Talk | None, text: str) -> None:
    """Have a person told of danger before the talk comes to the desk, unless it came there in this very turn."""
    if talk is None or any(isinstance(effect, HandedOver | ToldDesk) for effect in run.effects):
        return
    program = run.book.program(talk.flow, talk.revision)
    hands = next((op for op in program.ops if isinstance(op, HandoffOp)), None) if program else None
    danger = run.book.danger_of(talk.flow)
    if hands is None or danger is None:
        return
    area, name = _office(run, hands)
    if name is None or not run.around.desk(name).takes:
        return
    answers = {each: talk.answers[each] for each in hands.carry if each in talk.answers}
    run.effects.append(InDanger(talk.flow, talk.revision, talk.begun, name, area, answers, text, danger.found_in(text)))


def show_danger(run: Run, danger: Danger) -> None:
    """Show where help comes at once."""
    texts = danger.text
    text = texts.get(run.language) or texts.get("") or texts.get("ja") or next(iter(texts.values()))
    calls = tuple(
        Choice(label(phrases.phrase(f"call_{number}", run.language)), f"tel:{number}", "open") for number in CALLS
    )
    run.drafts.append(Buttons(text, calls))


def _listen_idle(run: Run, text: str) -> None:
    if (danger := _overhear(run, text)) is not None:
        show_danger(run, danger)


def _overhear(run: Run, text: str) -> Danger | None:
    """Let the desk know of danger words outside of its talks; return the list in which they stand."""
    for service, danger in run.book.dangers.items():
        if found := danger.found_in(text):
            run.effects.append(Overheard(service, text, found))
            return danger
    return None


def _acknowledge(run: Run, talk: Talk) -> None:
    op = at_desk(run, talk)
    if talk.tries or op is None:
        return
    talk.tries = 1
    _, name = _office(run, op)
    if name is None:
        return
    counter = run.around.desk(name)
    if not counter.answered:
        closed = counter.closed or not opening(run.book.offices[name], run.around.now).admits
        run.phrase("desk_kept" if closed else "desk_received")
        run.quick = choices(run)


def _due_again(run: Run, talk: Talk) -> bool:
    shown = int(talk.partial[0]) if talk.partial and talk.partial[0].isdigit() else 0
    if run.seconds - shown < DANGER_AGAIN:
        return False
    talk.partial = [str(run.seconds)]
    return True


def _office(run: Run, op: HandoffOp) -> tuple[str, str | None]:
    given = None if op.route is None else op.route.value(run.values())
    area = "" if given is None else str(given)[:60]
    return area, run.book.office_for(op.queue, area)


def _called(run: Run, office: Office) -> str:
    texts = office.name
    return texts.get(run.language) or texts.get("") or texts.get("ja") or next(iter(texts.values()))
