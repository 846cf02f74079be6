"""The words of another flow in the middle of a talk: a press on the rich menu sends just them, and must not go unheard."""

from __future__ import annotations

from tests.flow.talking import Resident, book

TAX = """
flow: tax
title: 納税のお知らせ
start: {keywords: [自動車税, 納税]}
steps:
  - ask: kind
    text: 車の種類を選んでください。
    type: choice
    choices: [乗用車, バイク]
  - ask: days
    text: 何日前にお知らせしますか。
    type: number
  - say: "{{ kind }}、{{ days }}日前ですね。"
"""
WASTE = """
flow: waste
title: 粗大ごみ
start: {keywords: [ごみ]}
steps:
  - ask: item
    text: 何を出しますか。
  - say: "{{ item }}ですね。"
"""


def resident() -> Resident:
    return Resident(book(TAX, WASTE))


def test_the_other_flow_begins_and_the_talk_goes_on_after_it_with_its_answers() -> None:
    r = resident()
    r.say("納税")
    r.say("バイク")
    assert r.say("ごみ") == "何を出しますか。"
    assert r.say("いす") == "いすですね。\n「納税のお知らせ」の続きです。\n何日前にお知らせしますか。"
    assert r.say("7") == "バイク、7日前ですね。"


def test_it_leaves_the_choice_of_language_behind() -> None:
    r = resident()
    r.say("ことば")
    assert r.say("ごみ") == "何を出しますか。"
    assert r.say("いす") == "いすですね。"
    assert r.state is None


def test_what_answers_the_question_is_its_answer() -> None:
    r = resident()
    r.say("ごみ")
    assert r.say("納税") == "納税ですね。"


def test_the_word_of_the_flow_under_way_neither_begins_it_anew_nor_is_a_wrong_answer() -> None:
    """The rich menu below the chat sends it all the time."""
    r = resident()
    r.say("納税")
    r.say("バイク")
    assert r.say("納税") == "「納税のお知らせ」の続きです。\n何日前にお知らせしますか。"
    assert r.say("たくさん").startswith("数字で入力してください。")


def test_only_just_the_word_leads_away() -> None:
    r = resident()
    r.say("納税")
    r.say("バイク")
    assert r.say("ごみの日").startswith("数字で入力してください。")
