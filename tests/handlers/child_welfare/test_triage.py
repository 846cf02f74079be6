"""Urgency by the town's dated rules, and numbers in which nobody can be found."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from bot.consulting import Closed
from bot.db import Database
from bot.flow.load import load, load_texts
from handlers.child_welfare import check
from handlers.child_welfare.numbers import count, numbers
from handlers.child_welfare.triage import DANGER_WORDS, faults, names, urgency

ROOT = Path(__file__).parents[3]
BOOK = load(ROOT / "flows").book
TODAY = dt.date(2026, 6, 1)


@pytest.mark.parametrize(
    ("answers", "dangers", "grade", "reason"),
    [
        ({"who": "child", "danger": True}, (), "AA", "asks_protection,danger_now,child_writes"),
        ({"who": "guardian", "danger": True}, (), "AA", "danger_now"),
        ({"who": "child"}, ("しにたい",), "AA", "protection_words,danger_words,child_writes"),
        ({"who": "other"}, ("ころす",), "A", "danger_words"),
        ({}, ("ころす",), "A", "danger_words"),
        ({"who": "guardian", "age": 1}, (), "B", "infant"),
        ({"who": "child", "age": 12, "danger": False}, (), "B", "child_writes"),
        ({"who": "guardian", "age": 12}, (), "C", ""),
        ({"age": True}, (), "C", ""),
        ({}, (), "C", ""),
    ],
)
def test_the_highest_rule_that_holds_is_the_grade(
    answers: dict[str, object], dangers: tuple[str, ...], grade: str, reason: str
) -> None:
    found = urgency(BOOK, answers, dangers, TODAY)
    assert (found.grade, found.reason) == (grade, reason)


def test_every_reason_has_a_name_to_be_shown() -> None:
    called = names(BOOK)
    assert {"asks_protection", "infant", DANGER_WORDS} <= called.keys()
    assert all(ja and en for ja, en in called.values())


RULES = """
table: child_welfare_urgency
rows:
  - from: 2026-04-01
    values:
      rules: [{rule: old, name: {ja: 前, en: Old}, grade: B, when: {who: child}}]
  - from: 2027-04-01
    values:
      rules: [{rule: new, name: {ja: 新, en: New}, grade: A, when: {who: [child, guardian]}}]
"""


def test_the_rules_of_the_day_hold_and_older_names_stay_known() -> None:
    book = load_texts({"flows/rules.yaml": RULES}).book
    assert urgency(book, {"who": "child"}, (), dt.date(2026, 12, 1)).grade == "B"
    assert urgency(book, {"who": "guardian"}, (), dt.date(2027, 4, 1)).grade == "A"
    assert urgency(book, {"who": "child"}, (), dt.date(2025, 1, 1)).grade == "C"
    assert urgency(book, {}, ("x",), dt.date(2025, 1, 1)).grade == "A", "danger words need no rule"
    assert {"old", "new"} <= names(book).keys()


@pytest.mark.parametrize(
    "slip",
    [
        RULES.replace("grade: B", "grade: AAA"),
        RULES.replace("when: {who: child}", "wehn: {who: child}"),
        RULES.replace("rule: old, ", ""),
        RULES.replace("{ja: 前, en: Old}", "前"),
    ],
)
def test_a_rule_that_could_never_be_used_is_named(slip: str) -> None:
    assert any("2026-04-01: rule 1" in one for one in faults(load_texts({"flows/rules.yaml": slip}).book))


def test_the_shipped_flows_lack_nothing() -> None:
    assert check(BOOK) == []
    assert len(check(load_texts({}).book)) == 3


NOW = dt.datetime(2026, 6, 10, 3, 0, tzinfo=dt.UTC)


def closed(**changed: object) -> Closed:
    facts = {
        "office": "family", "reason": "solved", "grade": "C", "danger": False, "outside": False, "answered": True,
        "referred": False, "carried": {"who": "child", "age": 11, "what": "だれにも言わないで"},
        "opened_at": NOW, "closed_at": NOW, **changed,
    }  # fmt: skip
    return Closed(**facts)  # type: ignore[arg-type]  # plain keywords


@pytest.mark.parametrize(
    ("counts", "covered"),
    [((2, 7), {7}), ((1, 1, 5, 9), {5}), ((2, 2, 5, 9), {5}), ((1, 2, 5, 9), set()), ((5, 9), set()), ((2,), set())],
)
def test_hidden_numbers_do_not_follow_from_the_sum(
    database: Database, counts: tuple[int, ...], covered: set[int]
) -> None:
    with database.write() as connection:
        for place, number in enumerate(counts):
            for _ in range(number):
                count(connection, closed(reason=f"reason{place}"))
        found = [one for one in numbers(connection, dt.date(2026, 6, 1)) if one.what == "reason"]
    assert {counts[place] for place, one in enumerate(found) if one.most is None} == covered


def test_what_is_counted_leads_back_to_nobody(database: Database) -> None:
    with database.write() as connection:
        for _ in range(3):
            count(connection, closed())
        count(connection, closed(carried={"who": "自由な文", "age": 30}, danger=True, referred=True))
        found = {(one.what, one.value): (one.least, one.most) for one in numbers(connection, dt.date(2026, 6, 1))}
        assert numbers(connection, dt.date(2026, 7, 1)) == []
    assert found[("all", "all")] == (4, 4)
    assert found[("who", "unknown")] == (1, 2), "fewer than three are not shown"
    assert found[("who", "child")] == (1, None), "4 - 3 would tell the hidden one"
    assert found[("age", "18-")] == (1, 2)
    assert not any("自由" in value or "言わないで" in value for _, value in found)
