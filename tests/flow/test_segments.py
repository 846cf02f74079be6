"""Of what residents answer, only closed values they consented to become marks by which messages find them."""

from __future__ import annotations

import pytest

from bot.flow import lint
from bot.flow.load import load_texts
from bot.flow.talk import Placed
from tests.flow.talking import TOWN, Resident, book

FLOW = """flow: news
title: お知らせの設定
start: {keywords: [設定]}
steps:
  - consent: news
    version: 1
    text: お住まいの地区などを、お知らせを送るためだけに使います。同意しますか。
    refused: ward
  - ask: ward
    text: どちらにお住まいですか。
    type: choice
    required: false
    segment: ward
    choices: {north: 北, south: 南}
  - ask: child
    text: お子さんがいますか。
    type: yes_no
    segment: child
  - ask: born
    text: 生年月日を選んでください。
    type: date
    segment: age
  - say: 設定しました。
"""


def answered(*answers: str, consent: str = "同意する") -> list[Placed]:
    resident = Resident(book(FLOW))
    for words in ("設定", consent, *answers):
        resident.say(words)
    return [effect for effect in resident.effects if isinstance(effect, Placed)]


def test_a_finished_talk_tells_the_choice_the_yes_or_no_and_the_age_band() -> None:
    assert answered("北", "はい", "1990-05-02") == [
        Placed("ward", "north"),
        Placed("child", "yes"),
        Placed("age", "30-39"),
    ]


@pytest.mark.parametrize(("born", "band"), [("2026-04-30", "0-9"), ("2016-05-01", "10-19"), ("1930-01-01", "90-")])
def test_of_a_date_only_ten_years_are_told(born: str, band: str) -> None:
    assert answered("北", "いいえ", born)[1:] == [Placed("child", "no"), Placed("age", band)]


def test_who_refuses_the_consent_is_not_marked() -> None:
    assert answered("北", "はい", "1990-05-02", consent="同意しない") == []


def test_a_talk_that_is_not_finished_tells_nothing() -> None:
    assert answered("北", "はい") == []


def test_a_question_left_out_takes_an_earlier_answer_back() -> None:
    assert answered("スキップ", "はい", "1990-05-02")[0] == Placed("ward", None)


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("type: yes_no", "type: text", "open_segment"),
        ("type: yes_no", "type: location", "open_segment"),
        ("segment: child", "segment: child\n    secret: true", "secret_segment"),
        ("start:", "sensitive: true\nstart:", "sensitive_segment"),
        ("  - consent: news", "  - ask: news", "segment_without_consent"),
    ],
)
def test_what_may_not_mark_anybody_is_found_by_the_check(old: str, new: str, code: str) -> None:
    text = FLOW.replace(old, new)
    if code == "segment_without_consent":
        text = text.replace("    version: 1\n", "").replace("    refused: ward\n", "")
    found = lint.check(load_texts({"flows/town.yaml": TOWN, "flows/news.yaml": text}))
    assert code in {problem.code for problem in found if problem.severity == "error"}


def test_a_sound_flow_is_sound() -> None:
    found = lint.check(load_texts({"flows/town.yaml": TOWN, "flows/news.yaml": FLOW}))
    assert [problem.code for problem in found if problem.severity == "error"] == []
