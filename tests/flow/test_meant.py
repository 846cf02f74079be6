"""Slips whose meaning can be told: the first line, in Japanese and in English, writes what was meant."""

from __future__ import annotations

import pytest

from bot.flow import lint
from bot.flow.action import ActionSpec, Registry
from bot.flow.load import load_texts
from tests.flow.checking import ACTIONS, SOUND, TOWN, change, first_line, problems

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


@pytest.mark.parametrize("end", ["END", "End", "ｅｎｄ", "終了", "おわり"])
def test_the_end_written_otherwise_is_known(end: str) -> None:
    for text in (step(f"  - goto: {end}\n"), change("full: sorry}", f"full: {end}}}")):
        assert f"「{end}」" in first_line(text)
        assert "「end」ではありませんか" in first_line(text)
        assert "Did you mean “end”?" in first_line(text, "en")
    assert "「- end」と書いて" in first_line(step(f"  - {end}\n"))


UNREAD = {
    "answer == 'car' and": ("「and」のあとに何もありません", "nothing follows “and”"),
    "(answer == 'car'": ("「(」と「)」の数が合いません", "“(” and “)” do not match"),
    "answer in ['car'": ("「[」と「]」の数が合いません", "“[” and “]” do not match"),
    "answer == 'car": ("引用符が組になっていません", "a quotation mark is missing"),
    "answer|": ("「|」のあとに加工の名前がありません", "no filter follows “|”"),
    "answer == 1 and <= 3": ("「<=」の前に、比べる名前がありません", "“<=” has nothing before it"),
    "length(answer) == 3": ("「length( )」ではなく、「名前|length」", "“name|length”"),
    "answer.isdigit()": ("「( )」で呼び出す書き方は使えません", "nothing can be called"),
    "answer === 'car'": ("「===」ではなく「==」", "“===” is written “==”"),
    "answer between 1 and 3": ("answer >= 1 and answer <= 3", "answer >= 1 and answer <= 3"),
    "if answer == 'car'": ("「if」はいりません", "leave out “if”"),
    "answer == null": ("「null」は「none」", "“null” is written “none”"),
}
UNREAD_TEXTS = {
    "{% if %}あ{% endif %}": ("途中で終わっています", "it stops too early"),
    "{% else %}あ{% endif %}": ("組になる「{% if … %}」がありません", "there is no {% if … %} before"),
    "{% iff due %}あ{% endif %}": ("「if」ではありませんか", "did you mean “if”?"),
    "{% if due }あ{% endif %}": ("「{%」と「%}」が組になって", "“{%” and “%}” do not match"),
    "{% if due %}あ{% else if kind %}い{% endif %}": ("「elif」と書きます", "is written “elif”"),
    "{% for x of due %}あ{% endfor %}": ("「in」と書きます", "is written “in”"),
    "{{ due > }}": ("「>」のあとに何もありません", "nothing follows “>”"),
    "{{{ due }}}": ("かっこを二つずつ", "two braces each"),
    "{{ jdate(due) }}": ("「名前|jdate」", "“name|jdate”"),
    "{% set x = 1 %}": ("「{% set %}」は使えません", "“{% set %}” cannot be used"),
}
_FOREIGN = ("template", "token", "statement", "unexpected", "Encountered")


@pytest.mark.parametrize("written", [*UNREAD, *UNREAD_TEXTS])
def test_what_cannot_be_read_is_told_in_the_readers_language(written: str) -> None:
    if written in UNREAD:
        text = change("    type: choice\n", f"    type: choice\n    constraint: {written}\n")
    else:
        text = change("ja: 満員です。", f"ja: '{written}'")
    for language, expected in zip(("ja", "en"), (UNREAD | UNREAD_TEXTS)[written], strict=True):
        line = first_line(text, language)
        assert expected in line, line
        assert not any(word in line.rpartition(" [")[0] for word in _FOREIGN), line


CONFLICT = "<<<<<<< HEAD\n  - end\n=======\n  - goto: sorry\n>>>>>>> main\n"


@pytest.mark.parametrize("marks", [CONFLICT, "=======\n  - end\n", "  - end\n>>>>>>> 1a2b3c4 (mend)\n"])
def test_the_marks_of_a_conflict_are_named(marks: str) -> None:
    found = problems(step(marks))
    assert [problem.code for problem in found] == ["merge_conflict"]
    assert "正しい行だけを残し" in first_line(step(marks))
    assert "keep the right lines only" in first_line(step(marks), "en")


def test_the_marks_of_a_conflict_in_a_list_are_named() -> None:
    loaded = load_texts({"flows/items.csv": f"name\n{CONFLICT.replace('  - ', '')}"})
    assert [(problem.code, problem.place.line) for problem in loaded.problems] == [("merge_conflict", 2)]


MANY = Registry(
    [
        *ACTIONS.values(),
        *(ActionSpec(f"covid.{name}", ("done",)) for name in ("advise", "follow", "check_in", "visits")),
        *(ActionSpec(f"notices.{name}", ("done",)) for name in ("show", "stop")),
    ]
)


@pytest.mark.parametrize(
    ("written", "japanese", "english"),
    [
        ("tax.registr", "「tax.register」ではありませんか", "Did you mean “tax.register”?"),
        ("register", "「tax.register」ではありませんか", "Did you mean “tax.register”?"),
        ("covd.advise", "「covid.advise」ではありませんか", "Did you mean “covid.advise”?"),
        ("covid.checkin", "「covid.check_in」ではありませんか", "Did you mean “covid.check_in”?"),
        ("covid.order", "「covid」にあるもの：covid.advise、covid.follow", "“covid” has: covid.advise, covid.follow"),
        ("garbage.order", "処理のあるサービス：tax、covid、notices", "Services with actions: tax, covid, notices"),
        ("tax", "「call: tax」か「start: tax」", "“call: tax” or “start: tax”"),
    ],
)
def test_an_action_that_there_is_not_leads_to_the_one_meant(written: str, japanese: str, english: str) -> None:
    text = change("do: tax.register", f"do: {written}")
    found = lint.check(load_texts({"flows/town.yaml": TOWN, "flows/tax.yaml": text}, MANY), MANY)
    (unknown,) = [problem for problem in found if problem.code == "unknown_action"]
    assert japanese in unknown.what.ja, unknown.what.ja
    assert english in unknown.what.en, unknown.what.en
    assert len(unknown.what.ja) < 100
