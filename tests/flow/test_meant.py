"""Slips whose meaning can be told: the first line, in Japanese and in English, writes what was meant."""

from __future__ import annotations

import pytest

from tests.flow.checking import SOUND, change, first_line, problems

ASK = """  - ask: people
    text: {ja: 何人ですか。, ja-easy: なん人ですか。, en: How many?}
    label: {ja: 人数, ja-easy: なん人, en: People}
    type: """


def asked(type_: str, after: str = "") -> str:
    """Return the sound flow with one more question (its type in line 14, a bound after it), and what follows it."""
    lines = type_.replace(", ", "\n    ")
    return change("  - do: tax.register\n", f"{ASK}{lines}\n{after}  - do: tax.register\n")


def step(written: str) -> str:
    """Return the sound flow with a step instead of its first end."""
    return change("  - end\n", written)


MEANT: dict[str, tuple[str, str, tuple[str, ...], tuple[str, ...]]] = {
    "day of an era": (
        asked("date, max: 令和8年5月31日"),
        ":15:",
        ("「max: 2026-05-31」と書きます", "令和8年5月31日"),
        ("Write “max: 2026-05-31”",),
    ),
    "day of an era by its letter": (
        asked("date, min: R8.5.31"),
        ":15:",
        ("「min: 2026-05-31」",),
        ("“min: 2026-05-31”",),
    ),
    "day of an era in quotation marks": (
        asked("date, max: \"'令和元年5月1日'\""),
        ":15:",
        ("「max: 2019-05-01」",),
        ("“max: 2019-05-01”",),
    ),
    "day in another order of signs": (
        asked("date, min: 2026/5/31"),
        ":15:",
        ("「min: 2026-05-31」",),
        ("“min: 2026-05-31”",),
    ),
    "number in kanji": (asked("number, min: 一"), ":15:", ("「min: 1」と書きます",), ("Write “min: 1”",)),
    "large number in kanji": (asked("number, max: 百二十"), ":15:", ("「max: 120」",), ("“max: 120”",)),
    "number with its unit": (asked("number, max: 4人"), ":15:", ("「max: 4」",), ("“max: 4”",)),
    "number in full-width digits": (asked("number, max: １０"), ":15:", ("「max: 10」",), ("“max: 10”",)),
    "number of things in kanji": (
        SOUND.replace("type: choice\n", "type: choices\n    max: 二つ\n"),
        ":8:",
        ("「max: 2」",),
        ("“max: 2”",),
    ),
    "heading of a question in a condition": (
        asked("number", "  - if: 人数 > 2\n    then: sorry\n"),
        ":15:9:",
        ("「人数」は質問の見出しです", "質問の名前の「people」"),
        ("“人数” is the heading of a question", "“people”"),
    ),
    "beginning of a question in a text": (
        step("  - say: {ja: '{{ 種類 }}', ja-easy: あ, en: a}\n  - end\n"),
        ":16:",
        ("質問の名前の「kind」",),
        ("“kind”",),
    ),
    "name in Japanese that nothing has": (
        asked("number", "  - if: 台数 > 2\n    then: sorry\n"),
        ":15:9:",
        ("「台数」という名前の答えはありません", "kind、people"),
        ("No answer is called “台数”", "kind, people"),
    ),
    "number in kanji in a condition": (
        asked("number", "  - if: people > 二人\n    then: sorry\n"),
        ":15:9:",
        ("「二人」は、半角の数字で「2」",),
        ("“二人” is written “2”",),
    ),
    "label of a choice in a condition": (
        step("  - if: kind == 軽自動車\n    then: sorry\n"),
        ":16:9:",
        ("「軽自動車」は、選択肢の value で 'kei' と",),
        ("“軽自動車” is written 'kei'",),
    ),
    "word as a value": (
        change("{kind: kind}", "{kind: 軽}"),
        ":12:",
        ("引用符で囲まれていません", """'"軽"'"""),
        ("has no quotes", """'"軽"'"""),
    ),
}


@pytest.mark.parametrize("slip", MEANT)
def test_the_first_line_writes_what_was_meant(slip: str) -> None:
    text, place, japanese, english = MEANT[slip]
    for language, expected in (("ja", japanese), ("en", english)):
        line = first_line(text, language)
        assert line.startswith(f"flows/tax.yaml{place}"), line
        assert all(part in line for part in expected), line


@pytest.mark.parametrize(
    "bound",
    [
        "date, min: today",
        "date, max: 2026-05-31",
        "date, max: today|plus_days(7)",
        "number, min: 1, max: 2.5",
        "number, min: 2 - 1",
    ],
)
def test_bounds_written_as_they_should_be_are_left_alone(bound: str) -> None:
    assert not problems(asked(bound))


@pytest.mark.parametrize("broken", ["{{ due", "{{ due|jdat }}", "{% if due %}あ"])
def test_a_text_that_cannot_be_read_is_told_of_once(broken: str) -> None:
    found = problems(change("ja: 満員です。", f"ja: '{broken}'"))
    assert [problem.code for problem in found] == ["template"]
