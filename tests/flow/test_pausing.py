"""A paused service: nothing of it begins or goes on, and the resident is told where to turn."""

from __future__ import annotations

from bot.flow.book import Book
from tests.flow.talking import Resident, book

FLOWS = (
    """
flow: tax.remind
title: 税金
start: {keywords: [税金]}
menu: 税金
steps:
  - {ask: kind, text: どの税ですか, type: choice, choices: {car: 車, land: 土地}}
  - {ask: days, text: 何日前ですか, type: number}
""",
    """
flow: garbage.day
title: ごみ
start: {keywords: [ごみ]}
menu: ごみ
steps:
  - {ask: area, text: どの地区ですか}
""",
)
TEXTS = {
    "ja": "ただいま休止しています。役場へお電話ください。",
    "en": "This service is paused. Please call the town hall.",
}


def pages(paused: bool = True) -> Book:
    sound = book(*FLOWS)
    return sound.with_pauses({"tax": TEXTS}) if paused else sound


def test_a_paused_service_does_not_begin() -> None:
    resident = Resident(pages())
    heard = resident.say("税金")
    assert "ただいま休止しています" in heard
    assert "どの税ですか" not in heard


def test_a_talk_under_way_waits_and_goes_on_where_it_stood() -> None:
    resident = Resident(pages(paused=False))
    resident.say("税金")
    resident.say("1")
    resident.book = pages()
    assert "ただいま休止しています" in resident.say("7")
    resident.book = pages(paused=False)
    assert "何日前ですか" in resident.say("続ける")


def test_other_services_go_on_beside_a_paused_one() -> None:
    resident = Resident(pages(paused=False))
    resident.say("税金")
    resident.book = pages()
    assert "どの地区ですか" in resident.say("ごみ")


def test_it_is_said_in_the_residents_language() -> None:
    resident = Resident(pages())
    resident.language = "en"
    assert "This service is paused" in resident.say("税金")
    resident.language = "ja-easy"
    assert "ただいま休止しています" in resident.say("税金")


def test_a_single_flow_can_be_paused() -> None:
    resident = Resident(book(*FLOWS).with_pauses({"garbage.day": TEXTS}))
    assert "どの税ですか" in resident.say("税金")
    assert "休止" in Resident(book(*FLOWS).with_pauses({"garbage.day": TEXTS})).say("ごみ")
