"""Flows that begin with a word and a code, as a scanned QR code types them."""

from __future__ import annotations

import pytest

from bot.flow import lint
from bot.flow.load import load_texts
from tests.flow.talking import TOWN, Resident, book

VISIT = """
flow: visit
title: 来場
start: {code: [来場, visit]}
steps:
  - say: "符号は {{ code }} です。"
"""
FORM = """
flow: form
title: 申し込み
start: {keywords: [申込]}
steps:
  - ask: name
    text: お名前は。
  - say: "{{ name }}さん、ありがとうございます。"
"""


@pytest.mark.parametrize("text", ["来場 7K2-1-ABC", "来場　７Ｋ２－１－ＡＢＣ", " 来場: 7K2-1-ABC ", "VISIT 7K2-1-ABC"])
def test_a_word_and_a_code_begin_the_flow_however_they_are_typed(text: str) -> None:
    resident = Resident(book(VISIT))
    assert resident.say(text) == "符号は 7K2-1-ABC です。"


@pytest.mark.parametrize("text", ["来場", "来場します", "来場 あ", "来場7K2-1-ABC", "来場 " + "A" * 200])
def test_anything_else_does_not(text: str) -> None:
    assert "符号は" not in Resident(book(VISIT, FORM)).say(text)


def test_a_code_scanned_in_the_middle_of_a_question_is_no_answer_to_it() -> None:
    resident = Resident(book(VISIT, FORM))
    resident.say("申込")
    said = resident.say("来場 7K2-1-ABC").split("\n")
    assert (said[0], said[-1]) == ("符号は 7K2-1-ABC です。", "お名前は。")
    assert resident.say("花子").startswith("花子さん、ありがとうございます。")


def test_two_flows_cannot_claim_one_word() -> None:
    other = VISIT.replace("flow: visit", "flow: other")
    loaded = load_texts({"flows/town.yaml": TOWN, "flows/a.yaml": VISIT, "flows/b.yaml": other})
    assert "duplicate_keyword" in {problem.code for problem in lint.check(loaded)}
