"""Urgency by dated rules that the town keeps in YAML (`table: child_welfare_urgency`), after the centres' urgency sheet.

A row's `rules` are looked at from the top: each names a grade, what it is called, and what must hold in the answers (`when`: a
question and the values that count) or in the words (`words: true`: a danger word was written). The highest grade that holds is the
grade, and the names of all rules that hold are the reason.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from bot.consulting import GRADES, Urgency, Words
from bot.flow.book import Book
from bot.flow.talk import Json

TABLE = "child_welfare_urgency"
LOWEST = "C"
DANGER_WORDS = "danger_words"


def urgency(book: Book, answers: Mapping[str, Json], dangers: Sequence[str], today: dt.date) -> Urgency:
    """Return the grade of a consultation with these answers, in which these danger words stand."""
    holding = [rule for rule in _rules(book, today) if _holds(rule, answers, dangers)]
    if not holding:
        return Urgency("A", DANGER_WORDS) if dangers else Urgency(LOWEST, "")
    grade = min((str(rule["grade"]) for rule in holding), key=GRADES.index)
    return Urgency(grade, ",".join(str(rule["rule"]) for rule in holding))


def names(book: Book) -> dict[str, Words]:
    """Return what the rules are called, also those of rows that no longer hold: older consultations bear their names."""
    found: dict[str, Words] = {DANGER_WORDS: ("危険な言葉", "Danger words")}
    for _, values in book.tables.get(TABLE, ()):
        for rule in _sound(values):
            found.setdefault(str(rule["rule"]), (str(rule["name"]["ja"]), str(rule["name"]["en"])))
    return found


def faults(book: Book) -> list[str]:
    """Return what is wrong with the rules, one sentence each."""
    rows = book.tables.get(TABLE)
    if not rows:
        return [f"there is no table called {TABLE}: it holds the rules by which consultations are graded"]
    return [
        f"{TABLE}, from {day}: rule {number} needs rule, grade ({', '.join(GRADES)}), name (ja, en) and when or words"
        for day, values in rows
        for number, rule in enumerate(values.get("rules") or [None], 1)
        if not _is_sound(rule)
    ]


def _rules(book: Book, today: dt.date) -> Iterator[Mapping[str, Any]]:
    rows = book.tables.get(TABLE, ())
    values = next((values for day, values in rows if day <= today.isoformat()), {})
    yield from _sound(values)


def _sound(values: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    yield from (rule for rule in values.get("rules") or () if _is_sound(rule))


def _is_sound(rule: Any) -> bool:
    if not isinstance(rule, Mapping) or rule.get("grade") not in GRADES or not isinstance(rule.get("rule"), str):
        return False
    name = rule.get("name")
    named = isinstance(name, Mapping) and {"ja", "en"} <= name.keys()
    when = rule.get("when")
    return named and ((isinstance(when, Mapping) and bool(when)) or rule.get("words") is True)


def _holds(rule: Mapping[str, Any], answers: Mapping[str, Json], dangers: Sequence[str]) -> bool:
    if rule.get("words") is True and not dangers:
        return False
    return all(_fits(wanted, answers.get(name)) for name, wanted in (rule.get("when") or {}).items())


def _fits(wanted: Any, given: Json) -> bool:
    """Tell whether an answer is as a rule wants it: one of some values, or a number within `least` and `most`."""
    if isinstance(wanted, Mapping):
        if isinstance(given, bool) or not isinstance(given, int | float):
            return False
        return bool(wanted.get("least", given) <= given <= wanted.get("most", given))
    among = wanted if isinstance(wanted, list) else [wanted]
    return any(each in among for each in (given if isinstance(given, list) else [given]))
