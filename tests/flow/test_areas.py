"""The areas of the rich menu, pressed at any time: they lead where their word does, and are the answer to nothing."""

from __future__ import annotations

import pytest

from bot.flow import press
from bot.flow.load import load_texts
from bot.flow.scenario import Scenario
from bot.flow.source import read
from bot.flow.talk import Pressed
from bot.flow.transcript import run
from tests.flow.talking import TOWN, Resident, book

WASTE = """
flow: waste
title: 粗大ごみ
start: {keywords: [ごみ]}
steps:
  - ask: item
    text: 何を出しますか。
  - say: "{{ item }}ですね。"
"""
TAX = """
flow: tax
title: 納税のお知らせ
start: {keywords: [自動車税]}
steps:
  - ask: days
    text: 何日前にお知らせしますか。
    type: number
  - say: "{{ days }}日前ですね。"
"""
MENU = """
name: 見本
bar: メニュー
areas:
  - {label: {ja: ごみを調べる, en: Waste}, mark: ご, say: ごみ}
  - {label: {ja: 車の税金, en: Vehicle tax}, mark: {ja: 車, en: Car}, say: 自動車税}
  - {label: {ja: メニューへ, en: To the menu}, mark: "≡", say: メニュー}
  - {label: {ja: 電話, en: Call}, mark: "189", open: "tel:189"}
"""


def resident() -> Resident:
    return Resident(book(WASTE, TAX))


def area(r: Resident, said: str) -> str:
    return r.send(Pressed(press.area(said)))


def test_a_press_at_a_question_for_any_text_is_not_its_answer() -> None:
    r = resident()
    r.say("ごみ")
    assert area(r, "自動車税") == "何日前にお知らせしますか。"
    assert r.say("7") == "7日前ですね。\n「粗大ごみ」の続きです。\n何を出しますか。"
    assert r.say("いす") == "いすですね。"


def test_the_area_of_the_flow_under_way_asks_its_question_again() -> None:
    r = resident()
    r.say("ごみ")
    assert area(r, "ごみ") == "「粗大ごみ」の続きです。\n何を出しますか。"
    assert r.say("いす") == "いすですね。"


def test_an_area_begins_its_flow_when_nothing_is_under_way_and_leaves_the_menu_behind() -> None:
    r = resident()
    r.say("メニュー")
    assert area(r, "ごみ") == "何を出しますか。"
    assert r.say("いす") == "いすですね。"
    assert r.state is None


@pytest.mark.parametrize("word", ["メニュー", "ことば", "ヘルプ"])
def test_an_area_with_a_word_does_what_the_word_does(word: str) -> None:
    pressed, said = resident(), resident()
    for r in (pressed, said):
        r.begin("tax")
    assert area(pressed, word) == said.say(word)
    assert pressed.state == said.state


def test_an_area_whose_flow_is_gone_says_so_and_the_question_stays() -> None:
    r = resident()
    r.say("ごみ")
    assert area(r, "税務相談") == "このお手続きは、ただいまご利用いただけません。\n何を出しますか。"
    assert r.say("いす") == "いすですね。"


def test_a_talk_presses_areas_by_their_label() -> None:
    texts = {"flows/town.yaml": TOWN, "flows/waste.yaml": WASTE, "flows/tax.yaml": TAX, "flows/richmenu.yaml": MENU}
    talk = """
talk: リッチメニュー
moves:
  - press: ごみを調べる
    bot: 何を出しますか。
  - press: Vehicle tax
    bot: 何日前にお知らせしますか。
  - press: 電話
"""
    source = read(talk, "flows/menu.talk.yaml")
    assert run(load_texts(texts).book, Scenario.model_validate(source.value), source) == []
