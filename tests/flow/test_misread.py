"""What is read otherwise than its author meant is told of; what may be meant is left alone."""

from __future__ import annotations

import pytest

from tests.flow.checking import ASK, Slip, asked, assert_told, change, problems, step

MISREAD: dict[str, Slip] = {
    "half a comparison": (
        step("  - if: kind == 'car' or 'kei'\n    then: sorry\n"),
        ":16:9:",
        ("「or kind == 'kei'」と書いて",),
        ("write “or kind == 'kei'”",),
    ),
    "filter after a dot": (
        step("  - if: kind.length == 3\n    then: sorry\n"),
        ":16:9:",
        ("「kind|length」と書きます",),
        ("is written “kind|length”",),
    ),
    "days taken from a date": (
        asked("date", "  - if: people - 7 > today\n    then: sorry\n"),
        ":15:9:",
        ("「people|plus_days(-7)」",),
        ("“people|plus_days(-7)”",),
    ),
    "date taken from a date": (
        asked("date", "  - if: today - people > 7\n    then: sorry\n"),
        ":15:9:",
        ("「people|days_until(today)」",),
        ("“people|days_until(today)”",),
    ),
    "date compared with one of an era": (
        asked("date", "  - if: people > '令和8年5月31日'\n    then: sorry\n"),
        ":15:9:",
        ("「people」は日付なので", '"2026-05-31"'),
        ("“people” is a date", '"2026-05-31"'),
    ),
    "date compared with a number": (
        asked("date", "  - if: people > 20260531\n    then: sorry\n"),
        ":15:9:",
        ('"2026-05-31"',),
        ('"2026-05-31"',),
    ),
    "today compared with a weekday": (
        step("  - if: today == '土曜日'\n    then: sorry\n"),
        ":16:9:",
        ("「today」は日付なので",),
        ("“today” is a date",),
    ),
    "answer used before its question": (
        step("  - if: people > 2\n    then: sorry\n") + ASK + "number\n",
        ":16:9:",
        ("このあと（20行目）",),
        ("only later (line 20)",),
    ),
    "flow as a step": (
        step("  - goto: tax\n"),
        ":16:11:",
        ("「start: tax」",),
        ("“start: tax”",),
    ),
    "step as a flow": (
        step("  - start: sorry\n"),
        ":16:12:",
        ("「goto: sorry」",),
        ("“goto: sorry”",),
    ),
    "misspelt flow": (
        step("  - start: taxx\n"),
        ":16:12:",
        ("「tax」ではありませんか",),
        ("Did you mean “tax”?",),
    ),
}


@pytest.mark.parametrize("slip", MISREAD)
def test_the_first_line_says_how_it_is_read(slip: str) -> None:
    assert_told(MISREAD[slip])


@pytest.mark.parametrize(
    "condition",
    ["people > '2026-05-31'", "people < '2026-05'", "today > people", "people|age >= 65", "people in ['2026-05-31']"],
)
def test_dates_compared_as_they_should_be_are_left_alone(condition: str) -> None:
    assert not problems(asked("date", f"  - if: {condition}\n    then: sorry\n"))


def test_what_is_shown_where_there_is_no_answer_is_no_half_comparison() -> None:
    assert not problems(change('ja: "{{ due|jdate }}です。"', "ja: \"{{ kind or '—' }}です。\""))
