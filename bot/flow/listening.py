"""What the resident typed or sent: an answer, a word, a code, the name of a service, or something for the person at the desk."""

from __future__ import annotations

from bot.flow import handing, phrases, steps, words
from bot.flow.answering import answer
from bot.flow.answers.reading import NotUnderstood, Understood
from bot.flow.asking import read, sent
from bot.flow.book import MENU
from bot.flow.everywhere import take_word
from bot.flow.offers import LISTED, always
from bot.flow.pressing import take_press, turn_to
from bot.flow.run import Run
from bot.flow.sandbox import plain
from bot.flow.talk import Followed, Overtaken, Pressed, Said, Sent


def take_text(run: Run, text: str) -> None:
    """Take a text: for the person at the desk, for a word that works everywhere, or as the answer to the question under way."""
    if (pressed := _beside_desk(run, text)) is not None:
        take_press(run, pressed)
    elif handing.at_desk(run, run.talk) is not None and words.word_in(text) != "menu":
        handing.hear(run, text)
    elif handing.meant_for_desk(run, text) and not _chosen(run, text):
        handing.back_to_desk(run)
        handing.hear(run, text)
    else:
        heard = handing.listen(run, text)
        _read(run, text)
        handing.alarm(run, heard, text)


def _chosen(run: Run, text: str) -> bool:
    asked = None if run.talk is None else steps.waiting(run, run.talk)
    return asked is not None and isinstance(read(run, asked, text), Understood)


def _beside_desk(run: Run, text: str) -> Pressed | None:
    return None if handing.at_desk(run, run.talk) is None else _always(run, text)


def _read(run: Run, text: str) -> None:
    if (coded := run.book.flow_with_code(text)) is not None:
        _begin_with_code(run, *coded)
        return
    talk = run.talk
    asked = None if talk is None else steps.waiting(run, talk)
    word = words.word_in(text)
    if asked is not None and (pressed := _always(run, text)) is not None:
        take_press(run, pressed)
    elif asked is not None:
        reading = read(run, asked, text)
        chosen = isinstance(reading, Understood) and asked.type in LISTED
        if word is not None and not chosen:
            take_word(run, word, asked)
        elif isinstance(reading, NotUnderstood) and (flow := run.book.keywords.get(words.fold(text))) is not None:
            turn_to(run, flow)
        elif isinstance(reading, Understood) or asked.type != "services":
            answer(run, asked, reading)
        else:
            _unknown(run, text)
    elif talk is not None and word is None:
        steps.lost(run, talk)
    elif word is not None:
        take_word(run, word, None)
    else:
        _unknown(run, text)


def _begin_with_code(run: Run, flow: str, code: str) -> None:
    """Begin what a scanned code is for, also in the middle of a question: nobody types such a text as an answer."""
    if run.talk is not None and run.talk.flow == MENU:
        run.talks.pop()
    steps.begin(run, flow, {"code": code})


def _always(run: Run, text: str) -> Pressed | None:
    """Read the typed words of a button that is always there (LINE on a computer shows none of them)."""
    if not (shown := [each for each in always(run) if each.kind == "press"]):
        return None
    wanted = words.fold(text)
    return next((Pressed(each.data) for each in shown if words.fold(each.label) == wanted), None)


def _unknown(run: Run, text: str) -> None:
    if (flow := run.book.flow_for(text)) is not None:
        turn_to(run, flow)
        return
    again = run.quick
    if not run.drafts:
        run.phrase("unknown_text")
    steps.begin(run, MENU)
    run.quick = [*again, *run.quick]


def take_sent(run: Run, given: Sent) -> None:
    """Take something that is no text: for the person at the desk, or as the answer to the question under way."""
    if handing.at_desk(run, run.talk) is not None or handing.back_to_desk(run):
        handing.tell(run, given.kind, detail=dict(plain(given.detail)))
        return
    asked = None if run.talk is None else steps.waiting(run, run.talk)
    reading = None if asked is None else sent(asked, given.kind, given.detail)
    if asked is not None and reading is not None:
        answer(run, asked, reading)
        return
    name = "sticker" if given.kind == "sticker" else "unwanted_idle" if asked is None else "unwanted"
    steps.ask_again(run, phrases.phrase(name, run.language))


def take_late(run: Run, late: Overtaken) -> None:
    """Take what came too late: a person may still read it, as an answer it is asked for again."""
    match late.said:
        case Said(text) if handing.tell_overtaken(run, "text", text, {}):
            return
        case Sent(kind, detail) if handing.tell_overtaken(run, kind, "", dict(detail)):
            return
    steps.ask_again(run, phrases.phrase("overtaken", run.language))


def take_follow(run: Run, followed: Followed) -> None:
    """Greet a new friend."""
    if run.book.greeting is not None:
        steps.begin(run, run.book.greeting, {"again": followed.again})
    else:
        steps.begin(run, MENU)
