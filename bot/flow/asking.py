"""Questions: posing one, reading what came back, and saying kindly why it cannot be taken."""

from __future__ import annotations

from typing import Any

from bot.flow import phrases, press
from bot.flow.answers.choice import read_choice
from bot.flow.answers.dates import read_date
from bot.flow.answers.plain import read_digits, read_number, read_text, read_yes_no
from bot.flow.answers.reading import NotUnderstood, Offer, Question, Reading, Understood
from bot.flow.book import MENU
from bot.flow.filters import as_date
from bot.flow.program import AskOp
from bot.flow.render import label
from bot.flow.run import Run
from bot.flow.state import Talk
from bot.flow.talk import Choice
from bot.flow.words import Word, fold
from bot.flow.words import label as word_label
from bot.line.limits import DATE_PICKER_FIRST, DATE_PICKER_LAST, QUICK_REPLIES

READERS = {
    "text": read_text,
    "digits": read_digits,
    "number": read_number,
    "yes_no": read_yes_no,
    "date": read_date,
    "choice": read_choice,
    "language": read_choice,
    "services": read_choice,
}


def pose(run: Run, asked: AskOp) -> None:
    """Ask the question: its text, hint and numbered choices, and what can be pressed."""
    text = run.words(asked.text)
    if asked.hint is not None:
        text = f"{text}\n{run.words(asked.hint)}"
    found = offers(run, asked)
    if run.book.town.list_choices and asked.type in {"choice", "services", "language"} and found:
        lines = "\n".join(f"{number}. {offer.label}" for number, offer in enumerate(found, 1))
        text = f"{text}\n\n{lines}"
    run.say(text if text.strip() else phrases.phrase("choose_below", run.language))
    run.quick = quick(run, asked, found)


def offers(run: Run, asked: AskOp) -> list[Offer]:
    """Return what may be chosen now, in order."""
    if asked.type == "language":
        return [Offer(code, name, frozenset({fold(name), code})) for code, name in run.book.town.languages.items()]
    if asked.type == "services":
        return [_service(run, index) for index in range(len(run.book.services))]
    values = run.values()
    found = []
    for option in asked.options:
        if option.relevant is None or option.relevant.holds(values):
            shown = option.label.in_(run.language, values)
            texts = (template.source for template in option.label.by_language.values())
            found.append(
                Offer(option.value, shown, frozenset({fold(shown), fold(option.value), *map(fold, texts)} - {""}))
            )
    return found


def _service(run: Run, index: int) -> Offer:
    program = run.book.services[index]
    entry = program.flow.menu
    labels = dict(entry.label) if entry else {}
    shown = labels.get(run.language) or labels.get("") or labels.get("ja") or program.id
    names = {fold(text) for text in (*labels.values(), *program.flow.title.values(), *program.flow.start.keywords)}
    return Offer(program.id, shown, frozenset(names - {""}))


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
    if len(run.talks) > 1:
        words.append("resume")
    elif talk.flow != MENU and asked.type != "language":
        words.append("stop")
    return [word_choice(run, word) for word in words]


def word_choice(run: Run, word: Word) -> Choice:
    """Return the button for a word that is always there."""
    shown = word_label(word, run.language)
    talk = run.talk
    if talk is None:
        return Choice(shown, press.data(MENU, "", "", "", press.WORD, word), echo=shown)
    return Choice(shown, press.data(talk.flow, talk.revision, talk.step, talk.mark, press.WORD, word), echo=shown)


def _answers(run: Run, asked: AskOp, found: list[Offer]) -> list[Choice]:
    talk = run.talks[-1]
    if asked.type == "yes_no":
        pairs = [(phrases.phrase(name, run.language), name) for name in ("yes", "no")]
        return [Choice(label(shown), _pick(talk, name), echo=shown) for shown, name in pairs]
    if asked.type == "date":
        shown = phrases.phrase("pick_date", run.language)
        lowest, highest = _limit(run, asked, "min") or DATE_PICKER_FIRST, _limit(run, asked, "max") or DATE_PICKER_LAST
        data = press.data(talk.flow, talk.revision, talk.step, talk.mark, press.DATE, "")
        if not DATE_PICKER_FIRST <= lowest < highest <= DATE_PICKER_LAST:
            return []
        initial = min(max(run.base["today"], lowest), highest)
        return [Choice(shown, data, "pick_date", None, initial, lowest, highest)]
    if asked.type == "services":
        return [
            Choice(label(offer.label), press.data(offer.value, "", "", "", press.START, ""), echo=offer.label)
            for offer in found
        ]
    return [Choice(label(offer.label), _pick(talk, offer.value), echo=offer.label[:300]) for offer in found]


def _pick(talk: Talk, value: str) -> str:
    return press.data(talk.flow, talk.revision, talk.step, talk.mark, press.PICK, value)


def _limit(run: Run, asked: AskOp, which: str) -> Any:
    given = asked.min if which == "min" else asked.max
    value = None if given is None else given.value(run.values())
    if asked.type == "date":
        day = as_date(value)
        return None if day is None else day.isoformat()
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def read(run: Run, asked: AskOp, text: str) -> Reading:
    """Read a typed answer."""
    question = Question(run.base["today"], offers(run, asked))
    return READERS[asked.type](text, question)


def picked(run: Run, asked: AskOp, value: str) -> Reading:
    """Read a pressed answer: the value the button carried."""
    if asked.type == "yes_no" and value in {"yes", "no"}:
        return Understood(value == "yes")
    if any(offer.value == value for offer in offers(run, asked)):
        return Understood(value)
    return NotUnderstood("answer_choice")


def picked_date(text: str | None) -> Reading:
    """Read what the calendar returned."""
    day = as_date(text)
    return NotUnderstood("answer_date") if day is None else Understood(day.isoformat())


def refusal(run: Run, asked: AskOp, reading: Reading) -> str | None:
    """Return why an answer cannot be taken, None when it can."""
    if isinstance(reading, NotUnderstood):
        return phrases.phrase(reading.phrase, run.language, reading.values)
    value = reading.value
    if (limits := _outside(run, asked, value)) is not None:
        name, limit = limits
        return phrases.phrase(name, run.language, {"limit": limit})
    if asked.constraint is not None and not asked.constraint.holds({**run.values(), "answer": value}):
        message = asked.constraint_message
        return phrases.phrase("constraint", run.language) if message is None else run.words(message)
    return None


def _outside(run: Run, asked: AskOp, value: Any) -> tuple[str, Any] | None:
    if asked.type not in {"number", "date"}:
        return None
    lowest, highest = _limit(run, asked, "min"), _limit(run, asked, "max")
    names = ("too_early", "too_late") if asked.type == "date" else ("too_small", "too_large")
    if lowest is not None and value < lowest:
        return names[0], lowest
    return (names[1], highest) if highest is not None and value > highest else None
