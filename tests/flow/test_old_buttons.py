"""Buttons of earlier messages stay on the screen for ever: what pressing them does."""

from __future__ import annotations

from bot.flow.talk import ActionResult
from tests.flow.talking import Resident, book
from tests.flow.town import pressed, resident


def test_a_button_of_an_earlier_question_is_answered_kindly() -> None:
    r = resident()
    r.say("自動車税")
    old = r.choice("乗用車")
    r.press("軽自動車")
    assert r.last is not None
    heard = r.send(pressed(old.data))
    assert heard.startswith("そのボタンは前の質問のものです。")
    assert "「軽自動車」ですね。" in heard


def test_a_button_of_an_ended_talk_offers_to_start_again() -> None:
    r = resident()
    r.say("自動車税")
    old = r.choice("乗用車")
    r.say("やめる")
    assert "すでに終わっています" in r.send(pressed(old.data))
    assert r.labels == ["はじめから", "メニュー"]


def test_an_action_button_works_after_the_talk_has_ended() -> None:
    r = resident()
    for text in ("自動車税", "2", "30", "スキップ"):
        r.say(text)
    button = r.choice("納めました")
    r.wait(days=20)
    r.say("ごみ")
    heard = r.send(pressed(button.data))
    assert heard == "ありがとうございました。\n「粗大ごみ」の続きです。\n何を出しますか。"
    assert r.calls[-1] == ("tax.mark_paid", {"kind": "kei"})


def test_an_older_button_takes_back_no_answer_that_was_changed_since() -> None:
    pages = book("""
flow: one
title: 一
start: {keywords: [いち]}
steps:
  - {ask: kind, text: 種類は？}
  - say: "{{ kind }}ですね。"
    buttons: [{label: 在庫, do: a.look, with: {kind: kind, place: kind}, on: {found: size}}]
  - {ask: size, text: 大きさは？}
  - {say: "{{ kind }} {{ size }} {{ place }} {{ shelf }}"}
""")
    r = Resident(pages, {"a.look": ActionResult("found", {"shelf": 3})})
    r.say("いち")
    r.say("いす")
    older = r.choice("在庫")
    r.say("戻る")
    r.say("つくえ")
    assert r.send(pressed(older.data)) == "大きさは？"
    assert r.calls == [("a.look", {"kind": "いす", "place": "いす"})], "it asks about what it was shown with"
    assert r.say("大") == "つくえ 大 いす 3"
