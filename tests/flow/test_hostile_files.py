"""No flow file, however broken or malicious, does more than produce problems with a place."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.flow import lint, report
from bot.flow.engine import turn
from bot.flow.load import load_texts
from bot.flow.talk import ActionResult, Said
from tests.flow.checking import ACTIONS, SOUND, TOWN
from tests.flow.talking import Resident, book
from tests.flow.town import TAX

LAUGHS = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{', '.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        (LAUGHS, "yaml_anchor"),
        ("flow: &x [*x]\n", "yaml_anchor"),
        ("[" * 3000, "too_deep"),
        ("flow: a\n" + "- {\n" * 3000, "too_deep"),
        ("[" * 199, "missing_dash"),
        ("flow: " + "[" * 100 + "]" * 100, "too_deep"),
        ("x" * 600_000, "too_large"),
        ("", "empty"),
        ("# nur Kommentar\n", "empty"),
        ("- 1\n- 2\n", "model_type"),
        ("text", "model_type"),
        ("flow: a\n---\nflow: b\n", "two_documents"),
        ("? [a, b]\n: c\n", "unknown_key"),
        ("flow: !!python/object:os.system x\n", "missing_key"),
        ("\x00", "yaml"),
    ],
)
def test_a_hostile_file_is_a_problem_with_a_place(text: str, code: str) -> None:
    problems = lint.check(load_texts({"flows/x.yaml": text}))
    assert code in {problem.code for problem in problems}
    assert all(str(problem.place).startswith("flows/x.yaml:") for problem in problems)


@settings(max_examples=150, deadline=None)
@given(
    st.sampled_from([SOUND, TAX]),
    st.integers(0, 1000),
    st.integers(0, 12),
    st.sampled_from(
        [
            "",
            "：",
            "\t",
            "　",
            "{{",
            "}}",
            '"',
            "'",
            "[",
            "&",
            "*",
            "- ",
            "\n",
            ": ",
            "%",
            "|",
            ">",
            "0123",
            "null",
            "😀",
        ]
    ),
)
def test_a_slip_anywhere_in_a_file_never_ends_in_an_exception(text: str, at: int, removed: int, put: str) -> None:
    at = at % len(text)
    broken = text[:at] + put + text[at + removed :]
    loaded = load_texts({"flows/town.yaml": TOWN, "flows/x.yaml": broken}, ACTIONS)
    problems = lint.check(loaded, ACTIONS)
    assert report.text(problems, "ja").count("flows/") >= len({problem.place for problem in problems}) > -1
    for text_ in ("納税", "自動車税", "1", "30"):
        answer = turn(loaded.book, None, Said(text_), Resident(loaded.book).around())
        assert answer.messages


def test_a_loop_without_a_question_ends_with_an_apology() -> None:
    text = "flow: a\ntitle: A\nstart: {keywords: [あ]}\nsteps:\n  - {id: x, set: {n: 'n + 1'}}\n  - goto: x\n"
    r = Resident(book(text))
    assert "うまく進めることができませんでした" in r.say("あ")
    assert r.state is None


def test_flows_that_begin_each_other_forever_end_with_an_apology() -> None:
    text = "flow: {}\ntitle: A\nstart: {{keywords: [{}]}}\nsteps:\n  - start: {}\n"
    r = Resident(book(text.format("a", "あ", "b"), text.format("b", "い", "a")))
    assert "うまく進めることができませんでした" in r.say("あ")


def test_values_that_grow_are_cut() -> None:
    text = """flow: a
title: A
start: {keywords: [あ]}
steps:
  - set: {x: '"ああああああああああ"'}
  - {id: more, set: {x: x + x, n: (n or 0) + 1}}
  - if: n < 30
    then: more
  - {ask: y, text: "{{ x }}{{ x }}{{ x }}"}
"""
    r = Resident(book(text))
    r.say("あ")
    assert r.state is not None
    assert len(r.state) < 100_000
    assert len(r.heard) <= 20_100


def test_what_an_action_hands_back_is_taken_as_plain_data() -> None:
    class Trap:
        def __str__(self) -> str:
            raise AssertionError("nobody may ask this for its text")

    text = "flow: a\ntitle: A\nstart: {keywords: [あ]}\nsteps:\n  - do: s.a\n"
    text += "  - say: '{{ trap }}{{ n }}'\n  - ask: y\n    text: Y\n"
    r = Resident(book(text), {"s.a": ActionResult("done", {"trap": Trap(), "n": 10**30})})
    assert r.say("あ") == "Y"
