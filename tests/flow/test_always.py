"""Buttons that a flow keeps below each of its questions: help in reach, and a way out nobody notices."""

from __future__ import annotations

from tests.flow.talking import Resident, book

FLOW = """
flow: worries
title: 窓口
retain_answers: 30 days
always:
  - {label: 189に電話, open: "tel:189"}
  - {label: センター, open: "tel:{{ town.phone }}"}
  - {label: とじる, goto: leave}
steps:
  - ask: what
    text: どうしましたか。
  - ask: since
    text: いつからですか。
    required: false
  - say: 受け取りました。
  - end
  - id: leave
    set: {what: none, since: none}
  - say: ごみの日は広報で確認できます。
"""
TOWN = "languages: {ja: 日本語}\ntown: {name: 見本町, phone: }\n"


def resident() -> Resident:
    person = Resident(book(FLOW, town=TOWN))
    person.begin("worries")
    return person


def test_they_stand_below_every_question_beside_the_words_that_are_always_there() -> None:
    person = resident()
    assert person.labels == ["189に電話", "とじる", "やめる"]
    assert (person.choice("189に電話").kind, person.choice("189に電話").data) == ("open", "tel:189")
    person.say("けんか")
    assert person.labels == ["189に電話", "とじる", "スキップ", "戻る", "やめる"]


def test_a_number_the_town_has_not_filled_in_is_not_offered() -> None:
    assert "センター" not in resident().labels


def test_leaving_shows_something_harmless_and_keeps_nothing() -> None:
    person = resident()
    person.say("けんか")
    person.press("とじる")
    assert (person.heard, person.state, person.effects) == ("ごみの日は広報で確認できます。", None, [])


def test_the_words_of_such_a_button_can_be_typed_too() -> None:
    person = resident()
    person.say("けんか")
    assert person.say("トジル") == "ごみの日は広報で確認できます。"
    assert person.state is None


def test_the_help_stays_within_thirteen_buttons() -> None:
    choices = "[" + ", ".join(f"c{number}" for number in range(20)) + "]"
    flow = FLOW.replace(
        "    text: どうしましたか。", f"    text: どれですか。\n    type: choice\n    choices: {choices}"
    )
    person = Resident(book(flow, town=TOWN))
    person.begin("worries")
    assert len(person.labels) == 13
    assert {"189に電話", "とじる", "やめる"} <= set(person.labels)
