"""A filter on an answer it can do nothing with is told of; one that may do something is left alone."""

from __future__ import annotations

import pytest

from tests.flow.checking import change, first_line, problems

ASK = "  - {ask: thing, text: {ja: 何, ja-easy: なに, en: What?}, type: TYPE}\n"
SAY = "  - say: {ja: '{{ WRITTEN }}', ja-easy: '{{ thing }}', en: '{{ thing }}'}\n"


def shown(type_: str, written: str) -> str:
    asked = ASK.replace("TYPE", type_) + SAY.replace("WRITTEN", written)
    return change("  - do: tax.register\n", f"{asked}  - do: tax.register\n")


UNFIT = [
    (
        "number",
        "thing|jdate",
        "「thing」は数なので、日付に使う「|jdate」",
        "“thing” is a number; “|jdate” is for a date",
    ),
    ("number", "thing|weekday", "日付に使う「|weekday」", "“|weekday” is for a date"),
    ("number", "thing|length", "文章か一覧に使う「|length」", "“|length” is for a text or a list"),
    ("date", "thing|yen", "「thing」は日付なので、数に使う「|yen」", "“thing” is a date; “|yen” is for a number"),
    ("text", "thing|yen", "「thing」は文章なので、数に使う「|yen」", "“thing” is a text; “|yen” is for a number"),
    ("time", "thing|clock", "「thing」は時刻なので", "“thing” is a time"),
    ("yes_no", "thing|jdate", "「thing」は「はい」か「いいえ」", "“thing” is yes or no"),
    ("choice, choices: {a: あ}", "thing|jdate", "「thing」は選択肢なので", "“thing” is a choice"),
    ("date", "thing|age|jdate", "「thing|age」は数なので", "“thing|age” is a number"),
    ("number", "today|days_until(thing)", "日付に使う「|days_until」", "“|days_until” is for a date"),
    ("number", "today|yen", "「today」は日付なので", "“today” is a date"),
]


@pytest.mark.parametrize(("type_", "written", "japanese", "english"), UNFIT)
def test_a_filter_that_can_do_nothing_is_told_of(type_: str, written: str, japanese: str, english: str) -> None:
    text = shown(type_, written)
    assert japanese in first_line(text)
    assert english in first_line(text, "en")
    assert first_line(text).startswith("flows/tax.yaml:12:")


def test_the_remedy_names_the_type_that_was_meant() -> None:
    assert "質問を type: date にしてください" in first_line(shown("text", "thing|jdate"))
    assert "make the question one of type: number" in first_line(shown("text", "thing|yen"), "en")


@pytest.mark.parametrize(
    ("type_", "written"),
    [
        ("date", "thing|jdate"),
        ("datetime", "thing|clock"),
        ("date", "thing|plus_days(7)|jdate"),
        ("number", "thing|yen"),
        ("digits", "thing|yen"),
        ("choice, choices: {2026-05-31: あ}", "thing|jdate"),
        ("choice, choices: {'500': あ}", "thing|yen"),
        ("text", "thing|number|yen"),
        ("number", "due|yen"),
    ],
)
def test_a_filter_that_may_do_something_is_left_alone(type_: str, written: str) -> None:
    assert "unfit_filter" not in {problem.code for problem in problems(shown(type_, written))}


def test_what_a_constraint_looks_at_is_known_too() -> None:
    text = change("    type: choice\n", "    type: choice\n    constraint: answer|age > 3\n")
    assert "「answer」は選択肢なので" in first_line(text)


def test_what_a_button_may_set_is_not_certain() -> None:
    button = "    buttons: [{label: {ja: あ, ja-easy: あ, en: A}, goto: done, with: {thing: today}}]\n"
    text = shown("number", "thing|jdate").replace("  - do: tax.register\n", f"{button}  - do: tax.register\n")
    assert "unfit_filter" not in {problem.code for problem in problems(text)}
