"""What may be chosen at a question, and the buttons for it."""

from __future__ import annotations

from typing import Any

from bot.flow import phrases, press
from bot.flow.answers.reading import Offer
from bot.flow.book import LANGUAGE, MENU
from bot.flow.filters import as_date
from bot.flow.program import AskOp, OptionOp
from bot.flow.render import label
from bot.flow.run import Run
from bot.flow.saying import pressable
from bot.flow.show import show
from bot.flow.state import Talk
from bot.flow.talk import Choice
from bot.flow.words import Word, fold
from bot.flow.words import label as word_label
from bot.line.limits import DATE_PICKER_FIRST, DATE_PICKER_LAST, DISPLAY_TEXT_GRAPHEMES, QUICK_REPLIES, cut_graphemes

YES = "yes"
NO = "no"
ALWAYS = ""
"""Instead of a step: the button stands below every question of the flow."""
LISTED = frozenset({"choice", "choices", "services", "language", "lookup"})


def offers(run: Run, asked: AskOp) -> list[Offer]:
    """Return what may be chosen now, in order."""
    match asked.type:
        case "language":
            return [Offer(code, name, frozenset({fold(name), code})) for code, name in run.book.town.languages.items()]
        case "services":
            return [_service(run, index) for index in range(len(run.book.services))]
        case "confirm":
            return [_change(run, name, shown) for name, shown in confirmed(run, asked)]
        case "lookup":
            return _entries(run, asked)
    if asked.type == "choice" and asked.listing is not None:
        return [Offer(value, shown, frozenset({fold(shown)} - {""})) for value, shown in run.given(asked.listing)]
    if not asked.options:
        return []
    values = run.values()
    return [
        _option(run, option, values)
        for option in asked.options
        if option.relevant is None or option.relevant.holds(values)
    ]


def _change(run: Run, name: str, shown: str) -> Offer:
    button = phrases.phrase("confirm_change", run.language, {"label": shown})
    return Offer(name, shown, frozenset({fold(shown), fold(button)} - {""}))


def _entries(run: Run, asked: AskOp) -> list[Offer]:
    """Return the entries of a list that were near to what the resident wrote."""
    listing = run.book.lists.get(asked.listing or "")
    if listing is None:
        return []
    shown = ((name, listing.in_(name, run.language).get("name") or name) for name in run.talks[-1].partial)
    return [Offer(name, words, frozenset({fold(name), fold(words)} - {""})) for name, words in shown]


def _option(run: Run, option: OptionOp, values: dict[str, Any]) -> Offer:
    shown = option.label.in_(run.language, values)
    return Offer(option.value, shown, option.names if fold(shown) in option.names else option.names | {fold(shown)})


def _service(run: Run, index: int) -> Offer:
    program = run.book.services[index]
    entry = program.flow.menu
    labels = dict(entry.label) if entry else {}
    shown = labels.get(run.language) or labels.get("") or labels.get("ja") or program.id
    names = {fold(text) for text in (*labels.values(), *program.flow.title.values(), *program.flow.start.keywords)}
    return Offer(program.id, shown, frozenset(names - {""}))


def confirmed(run: Run, asked: AskOp) -> list[tuple[str, str]]:
    """Return the answers a confirmation shows, as name and what the answer is called; unasked ones are left out."""
    talk = run.talks[-1]
    program = run.program(talk)
    found = []
    for name in asked.confirmed:
        question = program.questions.get(name) if program else None
        irrelevant = question is not None and question.relevant is not None and name not in talk.answers
        if not irrelevant:
            found.append((name, called(run, question, name)))
    return found


def called(run: Run, question: AskOp | None, name: str) -> str:
    """Return what an answer is called: the question's `label`, else its text."""
    words = None if question is None else question.label or question.text
    return name if words is None else run.words(words).split("\n")[0].rstrip("。.？?")


def summary(run: Run, asked: AskOp) -> str:
    """Return the lines of a confirmation, numbered."""
    talk = run.talks[-1]
    program = run.program(talk)
    lines = []
    for number, (name, shown) in enumerate(confirmed(run, asked), 1):
        value = talk.answers.get(name)
        question = program.questions.get(name) if program else None
        if question is not None:
            answer = show(run, question, value)
        elif isinstance(value, list):
            answer = phrases.phrase("several", run.language, {"count": len(value)})
        else:
            answer = None if value is None else str(value)
        answer = phrases.phrase("no_answer", run.language) if answer is None else answer
        line = phrases.phrase("confirm_line", run.language, {"label": shown, "answer": answer})
        lines.append(f"{number}. {line}")
    return "\n".join(lines)


def quick(run: Run, asked: AskOp, found: list[Offer]) -> list[Choice]:
    """Return the choices below the question: the answers first, then what is always there."""
    tools = _tools(run, asked)
    answers = _answers(run, asked, found)
    return [*answers[: QUICK_REPLIES - len(tools)], *tools]


def _tools(run: Run, asked: AskOp) -> list[Choice]:
    talk = run.talks[-1]
    words: list[Word] = []
    if not asked.required:
        words.append("skip")
    if asked.why is not None:
        words.append("why")
    if talk.history:
        words.append("back")
    if talk.flow in {MENU, LANGUAGE} and len(run.talks) > 1:
        words.append("resume")
    elif talk.flow != MENU and asked.type != "language":
        words.append("stop")
    return [*always(run), *(word_choice(run, word) for word in words)]


def always(run: Run) -> list[Choice]:
    """Return the buttons that the running flow keeps below each of its questions."""
    program = run.program(run.talks[-1])
    buttons = program.always if program else ()
    return [choice for n, each in enumerate(buttons) if (choice := pressable(run, ALWAYS, each, n)) is not None]


def word_choice(run: Run, word: Word) -> Choice:
    """Return the button for a word that is always there."""
    shown = word_label(word, run.language)
    talk = run.talk
    if talk is None:
        return Choice(shown, press.data(MENU, "", "", "", press.WORD, word), echo=shown)
    return Choice(shown, _data(talk, press.WORD, word), echo=shown)


def _answers(run: Run, asked: AskOp, found: list[Offer]) -> list[Choice]:
    talk = run.talks[-1]
    match asked.type:
        case "yes_no":
            return [_said(run, talk, "yes", YES), _said(run, talk, "no", NO)]
        case "consent":
            return [_said(run, talk, "agree", YES), _said(run, talk, "disagree", NO)]
        case "confirm":
            changes = [phrases.phrase("confirm_change", run.language, {"label": offer.label}) for offer in found]
            pairs = zip(changes, found, strict=True)
            return [
                _said(run, talk, "confirm_yes", YES),
                *(_pick(talk, offer.value, shown) for shown, offer in pairs),
            ]
        case "services":
            return [
                Choice(label(offer.label), press.data(offer.value, "", "", "", press.START, ""), echo=offer.label)
                for offer in found
            ]
        case "choices":
            done = [_said(run, talk, "decide", "")] if talk.partial else []
            return [*done, *(_pick(talk, offer.value, offer.label) for offer in found)]
        case "choice" if talk.partial:
            return [_said(run, talk, "yes", YES), *(_pick(talk, offer.value, offer.label) for offer in found)]
    return _pickers(run, asked) or [_pick(talk, offer.value, offer.label) for offer in found]


def _pickers(run: Run, asked: AskOp) -> list[Choice]:
    talk = run.talks[-1]
    match asked.type:
        case "date" | "datetime":
            return _calendar(run, asked)
        case "time":
            shown = phrases.phrase("pick_time", run.language)
            return [Choice(shown, _data(talk, press.DATE, ""), "pick_time")]
        case "location":
            return [Choice(phrases.phrase("send_location", run.language), kind="location")]
        case "photo":
            take, pick = (phrases.phrase(name, run.language) for name in ("take_photo", "choose_photo"))
            return [Choice(take, kind="camera"), Choice(pick, kind="camera_roll")]
    return []


def _calendar(run: Run, asked: AskOp) -> list[Choice]:
    lowest = as_date(limit(run, asked, "min")) or as_date(DATE_PICKER_FIRST)
    highest = as_date(limit(run, asked, "max")) or as_date(DATE_PICKER_LAST)
    today = as_date(run.today)
    if lowest is None or highest is None or today is None or not lowest < highest:
        return []
    shown = phrases.phrase("pick_date", run.language)
    days = [day.isoformat() for day in (min(max(today, lowest), highest), lowest, highest)]
    if asked.type == "datetime":
        days = [f"{days[0]}T10:00", f"{days[1]}T00:00", f"{days[2]}T23:59"]
    data = _data(run.talks[-1], press.DATE, "")
    return [Choice(shown, data, "pick_date" if asked.type == "date" else "pick_datetime", None, *days)]


def limit(run: Run, asked: AskOp, which: str) -> Any:
    """Return `min` or `max` of a question as it is now: ISO text for days, a number for numbers, None without."""
    given = asked.min if which == "min" else asked.max
    value = None if given is None else given.value(run.values())
    if asked.type in {"date", "datetime"}:
        day = as_date(value)
        return None if day is None or not DATE_PICKER_FIRST <= day.isoformat() <= DATE_PICKER_LAST else day.isoformat()
    if asked.type == "time":
        return value if isinstance(value, str) else None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _said(run: Run, talk: Talk, phrase: str, value: str) -> Choice:
    return _pick(talk, value, phrases.phrase(phrase, run.language))


def _pick(talk: Talk, value: str, shown: str) -> Choice:
    return Choice(
        label(shown), _data(talk, press.PICK, value), echo=cut_graphemes(shown, DISPLAY_TEXT_GRAPHEMES) or None
    )


def _data(talk: Talk, verb: str, value: str) -> str:
    return press.data(talk.flow, talk.revision, talk.step, talk.mark, verb, value)
