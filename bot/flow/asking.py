"""Questions: posing one, reading what came back, and saying kindly why it cannot be taken."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bot.flow import phrases
from bot.flow.answers.choice import read_choice
from bot.flow.answers.plain import read_yes_no
from bot.flow.answers.readers import READERS
from bot.flow.answers.reading import Maybe, Near, NotUnderstood, Question, Reading, Understood
from bot.flow.filters import as_date, date_text
from bot.flow.offers import LISTED, YES, limit, offers, quick, summary
from bot.flow.program import AskOp
from bot.flow.run import Run
from bot.flow.sandbox import plain
from bot.flow.words import fold

_SENT = {"location": ("location",), "photo": ("image",), "file": ("file", "image", "audio", "video")}


def pose(run: Run, asked: AskOp) -> None:
    """Ask the question: its text, hint and numbered choices, and what can be pressed."""
    found = offers(run, asked)
    default = "confirm_text" if asked.type == "confirm" else "choose_below"
    text = (run.words(asked.text) if asked.text else "") or phrases.phrase(default, run.language)
    if asked.hint is not None:
        text = f"{text}\n{run.words(asked.hint)}"
    if asked.type == "confirm":
        text = f"{text}\n\n{summary(run, asked)}"
    elif run.book.town.list_choices and asked.type in LISTED and found:
        lines = "\n".join(f"{number}. {offer.label}" for number, offer in enumerate(found, 1))
        text = f"{text}\n\n{lines}"
    if asked.type == "choices" and (chosen := run.talks[-1].partial):
        labels = phrases.phrase("between", run.language).join(offer.label for offer in found if offer.value in chosen)
        text = phrases.phrase("chosen_so_far", run.language, {"labels": labels})
    run.say(text)
    run.quick = quick(run, asked, found)


def read(run: Run, asked: AskOp, text: str) -> Reading:
    """Read a typed answer."""
    talk = run.talks[-1]
    if asked.type == "lookup":
        return _looked_up(run, asked, text)
    found = READERS[asked.type](text, Question(run.today, offers(run, asked)))
    if isinstance(found, Understood):
        return found
    if asked.type == "confirm" and (
        fold(text) in _fine(run) or read_yes_no(text, Question(run.today)) == Understood(value=True)
    ):
        return Understood(YES)
    if asked.type == "choice" and talk.partial and read_yes_no(text, Question(run.today)) == Understood(value=True):
        return Understood(talk.partial[0])
    if asked.type == "choices" and talk.partial and fold(text) == fold(phrases.phrase("decide", run.language)):
        return Understood(_in_order(run, asked))
    if asked.type == "consent":
        said = {fold(phrases.phrase(name, run.language)): name == "agree" for name in ("agree", "disagree")}
        return Understood(said[fold(text)]) if fold(text) in said else found
    return found


def _looked_up(run: Run, asked: AskOp, text: str) -> Reading:
    """Read the name of an entry of a list: one of those shown, else one found anew."""
    partial, listing = run.talks[-1].partial, run.book.lists.get(asked.listing or "")
    if listing is None:
        return NotUnderstood("lookup_none")
    if (exact := listing.exact(text)) is not None:
        return Understood(exact)
    if partial:
        shown = read_choice(text, Question(run.today, offers(run, asked)))
        if isinstance(shown, Understood):
            return shown
        if len(partial) == 1 and read_yes_no(text, Question(run.today)) == Understood(value=True):
            return Understood(partial[0])
    near = listing.nearest(text)
    return Near(tuple(near)) if near else NotUnderstood("lookup_none")


def _fine(run: Run) -> set[str]:
    return {fold(phrases.phrase("confirm_yes", language)) for language in (run.language, "ja", "en")}


def picked(run: Run, asked: AskOp, value: str) -> Reading | None:
    """Read a pressed answer: the value the button carried; None when it only adds to what is chosen so far."""
    talk = run.talks[-1]
    if asked.type in {"yes_no", "consent"}:
        return Understood(value == YES)
    if asked.type == "choices":
        if value == "":
            return Understood(_in_order(run, asked))
        if any(offer.value == value for offer in offers(run, asked)):
            talk.partial = (
                [each for each in talk.partial if each != value] if value in talk.partial else [*talk.partial, value]
            )
            return None
    if asked.type == "confirm" and value == YES:
        return Understood(YES)
    if asked.type == "choice" and value == YES and talk.partial:
        return Understood(talk.partial[0])
    if any(offer.value == value for offer in offers(run, asked)):
        return Understood(value)
    return NotUnderstood("answer_choice")


def picked_day(asked: AskOp, text: str | None) -> Reading:
    """Read what a calendar or a clock returned."""
    found = text or ""
    sound = {
        "date": len(found) == 10 and as_date(found) is not None,
        "datetime": len(found) == 16 and as_date(found) is not None,
        "time": len(found) == 5,
    }
    if sound.get(asked.type):
        checked = READERS[asked.type](found, Question(found[:10]))
        return checked if isinstance(checked, Understood) else NotUnderstood(f"answer_{asked.type}")
    return NotUnderstood("answer_date")


def _in_order(run: Run, asked: AskOp) -> list[str]:
    """Return what is chosen so far, in the order of the question."""
    return [offer.value for offer in offers(run, asked) if offer.value in run.talks[-1].partial]


def sent(asked: AskOp, kind: str, detail: Mapping[str, Any]) -> Reading | None:
    """Read what was sent instead of typed, None when this question does not want it."""
    return Understood({**plain(detail), "kind": kind}) if kind in _SENT.get(asked.type, ()) else None


def refusal(run: Run, asked: AskOp, reading: Reading) -> str | None:
    """Return why an answer cannot be taken, None when it can."""
    if isinstance(reading, Maybe):
        run.talks[-1].partial = [reading.value]
        return phrases.phrase("did_you_mean", run.language, {"label": reading.label})
    if isinstance(reading, Near):
        run.talks[-1].partial = list(reading.values)
        return phrases.phrase("lookup_which", run.language)
    if isinstance(reading, NotUnderstood):
        if asked.type == "lookup":
            run.talks[-1].partial = []
        return phrases.phrase(reading.phrase, run.language, reading.values)
    value = reading.value
    if (limits := _outside(run, asked, value)) is not None:
        return phrases.phrase(limits[0], run.language, {"limit": limits[1]})
    if asked.constraint is not None and not asked.constraint.holds({**run.values(), "answer": value}):
        message = asked.constraint_message
        if message is None:
            return phrases.phrase("constraint", run.language)
        return message.in_(run.language, {**run.values(), "answer": value}) or phrases.phrase(
            "constraint", run.language
        )
    return None


def still_good(run: Run, asked: AskOp, value: Any) -> bool:
    """Say whether an answer given before may stand now that another one was changed."""
    if (asked.options or asked.type == "choice") and any(
        each not in {offer.value for offer in offers(run, asked)} for each in _each(value)
    ):
        return False
    if _outside(run, asked, value) is not None:
        return False
    return asked.constraint is None or asked.constraint.holds({**run.values(), "answer": value})


def _each(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _outside(run: Run, asked: AskOp, value: Any) -> tuple[str, Any] | None:
    if asked.type not in {"number", "date", "datetime", "time", "choices"}:
        return None
    lowest, highest = limit(run, asked, "min"), limit(run, asked, "max")
    if asked.type == "choices":
        value, few, many = len(value), "too_few", "too_many"
    elif asked.type == "number":
        few, many = "too_small", "too_large"
    else:
        few, many = "too_early", "too_late"
        value = value[:10] if asked.type == "datetime" else value
    if lowest is not None and value < lowest:
        return few, _written(run, lowest)
    return (many, _written(run, highest)) if highest is not None and value > highest else None


def _written(run: Run, bound: Any) -> Any:
    return date_text(bound, run.language) if isinstance(bound, str) else bound
