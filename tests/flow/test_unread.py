"""What cannot be read, or is not there, is told of once and in the language of the reader."""

from __future__ import annotations

import pytest

from bot.flow import lint
from bot.flow.action import ActionSpec, Registry
from bot.flow.load import load_texts
from tests.flow.checking import ACTIONS, TOWN, change, first_line, problems, step


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
