"""Slips whose meaning can be told: the first line, in Japanese and in English, writes what was meant."""

from __future__ import annotations

import pytest

from tests.flow.checking import SOUND, Slip, asked, assert_told, change, problems, step

MEANT: dict[str, Slip] = {
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
    "full-width comma between names": (
        step("  - confirm: [kind、due]\n  - end\n"),
        ":16:15:",
        ("区切りが全角の「、」", "「kind, due」と書いて"),
        ("a full-width “、”", "Write “kind, due”"),
    ),
    "wide comma between names": (
        step("  - confirm: [kind，due]\n  - end\n"),
        ":16:15:",
        ("区切りが全角の「，」", "「kind, due」と書いて"),
        ("a full-width “，”", "Write “kind, due”"),
    ),
    "names without brackets": (
        step("  - confirm: kind、due\n  - end\n"),
        ":16:14:",
        ("[kind, due] のように",),
        ("[kind, due]",),
    ),
    "full-width comma between values": (
        change("{kind: kind}", "{kind: kind、days: 3}"),
        ":12:22:",
        ("{ } の中が全角の「、」で区切られて",),
        ("Inside { } stands a “、”",),
    ),
    "full-width comma between days of the week": (
        step("  - remind: x\n    every: week\n    until: today|plus_days(9)\n    on: [月、木]\n    say: あ\n  - end\n"),
        ":19:9:",
        ("「月、木」は曜日として読めません", "[月, 木]"),
        ("“月、木” is no day of the week", "[mon, thu]"),
    ),
    "full-width comma in a condition": (
        step("  - if: kind in ['car'、'kei']\n    then: sorry\n"),
        ":16:9:",
        ("全角の「、」",),
        ("“、” is full-width",),
    ),
    "full-width name of a step": (
        step("  - goto: ｓｏｒｒｙ\n"),
        ":16:11:",
        ("「ｓｏｒｒｙ」が全角です", "「sorry」と書いて"),
        ("“ｓｏｒｒｙ” is full-width", "Write “sorry”"),
    ),
    "end with a text": (
        step("  - end: おわりです\n"),
        ":16:10:",
        ("「end:」のあとには何も書きません", "「- say: …」"),
        ("Nothing follows “end:”", "“- say: …”"),
    ),
    "comparison with nothing": (
        change("    type: choice\n", "    type: choice\n    constraint: answer >\n"),
        ":8:17:",
        ("「>」のあとに何もありません",),
        ("nothing follows “>”",),
    ),
    "name of an era's day without quotation marks": (
        step("  - if: today > 令和8年5月31日\n    then: sorry\n"),
        ":16:9:",
        ('"2026-05-31" と引用符で囲んで',),
        ('"2026-05-31", in quotation marks',),
    ),
    "way of writing a date without quotation marks": (
        change('{ja: "{{ due|jdate }}です。"', '{ja: "{{ due|jdate(和暦) }}です。"'),
        ":15:",
        ("'和暦' と引用符で囲みます",),
        ("A word is written '和暦'",),
    ),
}


@pytest.mark.parametrize("slip", MEANT)
def test_the_first_line_writes_what_was_meant(slip: str) -> None:
    assert_told(MEANT[slip])


@pytest.mark.parametrize(
    "bound",
    [
        "date, min: today",
        "date, max: 2026-05-31",
        "date, max: today|plus_days(7)",
        "number, min: 1, max: 2.5",
        "number, min: 2 - 1",
        "time, min: 09:00",
        "time, max: \"'17:00'\"",
    ],
)
def test_bounds_written_as_they_should_be_are_left_alone(bound: str) -> None:
    assert not problems(asked(bound))
