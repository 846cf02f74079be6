"""「通知の設定」 tells what comes about taxes, and stopping the topic there stops all of it."""

from __future__ import annotations

import datetime as dt

from bot.flow.talk import ActionResult
from bot.now import TOKYO
from bot.service import Caller
from tests.handlers.tax.conftest import APRIL, DUE, Town, line


def shown(town: Town, who: Caller, now: dt.datetime = APRIL) -> ActionResult:
    return town.act("notices.show", who, now)


def told(result: ActionResult, name: str = "reminders") -> list[tuple[str, str, str]]:
    return [(each["on"], each["at"], each["title"]) for each in result.values[name]]


def wants_taxes(result: ActionResult) -> bool:
    return any(each["on"] for each in result.values["topics"] if each["value"] == "tax")


def at(month: int, day: int) -> dt.datetime:
    return dt.datetime(2027, month, day, 10, 5, tzinfo=TOKYO)


def linked(town: Town, *codes: str) -> Caller:
    [hanako] = town.residents(1)
    town.notices(*(line(code) for code in codes))
    for code in codes:
        town.link(hanako, code)
    return hanako


def test_a_reminder_stands_there_and_is_stopped_by_itself(town: Town) -> None:
    [hanako] = town.residents(1)
    assert not wants_taxes(shown(town, hanako))
    town.act("tax.set_reminder", hanako, kind="car", days=7)
    town.act("tax.set_reminder", hanako, kind="light", days=30)
    result = shown(town, hanako)
    assert wants_taxes(result)
    assert told(result) == [
        ("2027-05-01", "10:00", "軽自動車税種別割の納期限のお知らせ"),
        ("2027-05-24", "10:00", "自動車税種別割の納期限のお知らせ"),
    ]
    assert town.act("notices.stop", hanako, reminder="tax/car").outcome == "stopped"
    assert town.act("notices.stop", hanako, reminder="tax/car").outcome == "unknown"
    assert [day for day, _, _ in told(shown(town, hanako))] == ["2027-05-01"]


def test_nobody_stops_the_reminder_of_another(town: Town) -> None:
    hanako, taro = town.residents(2)
    town.act("tax.set_reminder", hanako, kind="car", days=7)
    assert told(shown(town, taro)) == []
    assert town.act("notices.stop", taro, reminder="tax/car").outcome == "unknown"
    assert len(told(shown(town, hanako))) == 1


def test_the_next_message_about_linked_notices_stands_there_until_they_are_settled(town: Town) -> None:
    hanako = linked(town, "12345678", "23456789")
    town.tick(APRIL)
    assert told(shown(town, hanako)) == [("2027-05-06", "10:05", "自動車税種別割の納期限のお知らせ")]
    assert told(shown(town, hanako), "stoppable") == [], "it ends with its link, or with the topic"
    town.tick(at(5, 6))
    assert [day for day, _, _ in told(shown(town, hanako, at(5, 6)))] == ["2027-05-24"]
    town.act("tax.say_paid", hanako, at(5, 7))
    result = shown(town, hanako, at(5, 7))
    assert (told(result), wants_taxes(result)) == ([], False)


def test_who_stops_taxes_is_written_to_neither_before_nor_after_the_due_date(town: Town) -> None:
    hanako, taro = linked(town, "12345678"), linked(town, "23456789")
    town.tick(APRIL)
    assert town.act("notices.switch", hanako, topic="tax").outcome == "stopped"
    result = shown(town, hanako)
    assert (told(result), wants_taxes(result)) == ([], False)
    town.tick(at(5, 6))
    town.tick(at(5, 24))
    town.notices(line("34567890"))
    town.paid("34567890", until=DUE, now=at(6, 2))
    for send in town.sends():
        if send.stage == "after.10":
            town.approve(send)
    town.tick(at(6, 10))
    assert [(who, purpose) for who, purpose, _ in town.waiting()] == [
        (taro.id, "tax.before_due"),
        (taro.id, "tax.before_due"),
        (taro.id, "tax.after_due"),
    ]


def test_who_is_past_the_due_date_can_stop_what_would_come(town: Town) -> None:
    hanako = linked(town, "12345678")
    town.tick(at(6, 1))
    result = shown(town, hanako, at(6, 1))
    assert (told(result), wants_taxes(result)) == ([], True)
    assert town.act("notices.switch", hanako, topic="tax").outcome == "stopped"
    town.paid("99990000", until=DUE, now=at(6, 9))
    town.approve(next(send for send in town.sends() if send.stage == "after.10"))
    town.tick(at(6, 10))
    assert town.waiting() == []


def test_who_links_another_notice_hears_of_taxes_again(town: Town) -> None:
    hanako = linked(town, "12345678")
    town.act("notices.switch", hanako, topic="tax")
    town.notices(line("23456789"))
    town.link(hanako, "23456789")
    town.tick(at(5, 6))
    assert town.waiting() == [(hanako.id, "tax.before_due", "waiting")]
