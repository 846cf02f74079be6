"""What a turn counts for the statistics: talks begun, steps reached, talks completed, stopped and expired."""

from __future__ import annotations

import datetime as dt

from bot.flow.talk import Counted
from tests.flow.talking import Resident, book

GARDEN = """
flow: garden.report
title: {ja: 花だん, ja-easy: はなだん, en: Flower beds}
start: {keywords: [花だん]}
expires_after: 30 minutes
steps:
  - ask: what
    text: {ja: どうなっていますか。, ja-easy: どうですか。, en: How is it?}
    type: text
  - ask: where
    text: {ja: どこですか。, ja-easy: どこですか。, en: Where?}
    type: text
  - say: {ja: ありがとう。, ja-easy: ありがとう。, en: Thanks.}
"""


def counted(resident: Resident) -> list[Counted]:
    assert resident.last
    return [one for one in resident.last.counted if one.flow == "garden.report"]


def begun() -> Resident:
    resident = Resident(book(GARDEN))
    resident.say("花だん")
    return resident


def test_beginning_reaches_the_first_question() -> None:
    assert counted(begun()) == [Counted("begun", "garden.report"), Counted("reached", "garden.report", "what")]


def test_an_answer_reaches_the_next_question_and_the_last_one_completes() -> None:
    resident = begun()
    resident.say("かわいている")
    assert counted(resident) == [Counted("reached", "garden.report", "where")]
    resident.say("公園")
    assert counted(resident) == [Counted("completed", "garden.report")]


def test_being_asked_again_is_not_reaching_it_again() -> None:
    resident = begun()
    resident.say("ヘルプ")
    assert counted(resident) == []


def test_stopping_is_counted_where_it_happened() -> None:
    resident = begun()
    resident.say("かわいている")
    resident.say("やめる")
    assert counted(resident) == [Counted("stopped", "garden.report", "where")]


def test_a_lapsed_talk_is_counted_where_it_was_left() -> None:
    resident = begun()
    resident.now += dt.timedelta(hours=1)
    resident.say("こんにちは")
    assert Counted("expired", "garden.report", "what") in counted(resident)
