"""What leaves for whom: the right stage, once, to those concerned, and nothing false after the due date."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select, update

from bot.delivery.outbox import Outbox
from bot.models import Delivery, Resident
from bot.notice import notice
from bot.now import TOKYO
from bot.service import JobContext
from handlers.tax import sends
from handlers.tax.jobs import remind
from handlers.tax.sends import Obstacle, State
from tests.handlers.tax.conftest import APRIL, DUE, Town, line

BEFORE, AFTER = "tax.before_due", "tax.after_due"


def at(month: int, day: int, hour: int = 10, minute: int = 5) -> dt.datetime:
    return dt.datetime(2027, month, day, hour, minute, tzinfo=TOKYO)


def stage(town: Town, name: str) -> object:
    return next(row for row in town.sends() if row.stage == name)


def obstacle(town: Town, name: str) -> Obstacle | None:
    with town.database.read() as connection:
        return sends.find_obstacle(connection, stage(town, name), town.book, town.town)


def test_those_who_linked_are_reminded_on_each_day_of_the_schedule(town: Town) -> None:
    hanako, taro, jiro = town.residents(3)
    town.notices(line("12345678"), line("23456789"), line("34567890"))
    town.link(hanako, "12345678")
    town.link(taro, "23456789")
    for moment, expected in (
        (at(5, 5), 0),
        (at(5, 6), 2),
        (at(5, 6, 12), 2),
        (at(5, 24), 4),
        (at(5, 30), 4),
        (at(5, 31), 6),
    ):
        town.tick(moment)
        assert len(town.waiting()) == expected, moment
    assert {resident for resident, _, _ in town.waiting()} == {hanako.id, taro.id}
    assert jiro.id not in {resident for resident, _, _ in town.waiting()}


def test_nothing_leaves_at_night(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.tick(at(5, 24, 22))
    town.tick(at(5, 25, 6))
    assert town.waiting() == []


def test_a_reminder_missed_on_its_day_still_comes_before_the_next_one(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.tick(at(5, 27))  # the clock was away on the 24th
    assert len(town.waiting()) == 1
    town.tick(at(6, 1))  # and on the 31st: a reminder now would be a dunning
    assert len(town.waiting()) == 1
    assert stage(town, "before.0").state == State.MISSED  # type: ignore[attr-defined]  # a row


def test_somebody_with_two_notices_gets_one_message(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"), line("23456789"))
    town.link(hanako, "12345678")
    town.link(hanako, "23456789")
    town.tick(at(5, 24))
    assert len(town.waiting()) == 1


def test_who_has_paid_or_says_so_or_blocked_the_account_is_not_written_to(town: Town) -> None:
    people = town.residents(4)
    codes = ["12345678", "23456789", "34567890", "45678901"]
    town.notices(*map(line, codes))
    for who, code in zip(people, codes, strict=True):
        town.link(who, code)
    town.paid("12345678")
    town.act("tax.say_paid", people[1])
    with town.database.write() as connection:
        connection.execute(update(Resident).where(Resident.id == people[2].id).values(friend=False))
    town.tick(at(5, 24))
    assert [resident for resident, _, _ in town.waiting()] == [people[3].id]


def test_what_waits_is_stopped_when_its_notice_is_settled(town: Town) -> None:
    people = town.residents(3)
    codes = ["12345678", "23456789", "34567890"]
    town.notices(*map(line, codes))
    for who, code in zip(people, codes, strict=True):
        town.link(who, code)
    town.tick(at(5, 24))
    town.paid("12345678")
    town.act("tax.say_paid", people[1])
    assert [status for _, _, status in town.waiting()] == ["stopped", "stopped", "waiting"]
    town.act("tax.unlink", people[2])
    assert [status for _, _, status in town.waiting()] == ["stopped"] * 3
    with town.database.read() as connection:
        assert set(connection.execute(select(Delivery.payload)).scalars()) == {None}


def test_another_open_notice_keeps_the_message(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"), line("23456789"))
    town.link(hanako, "12345678")
    town.link(hanako, "23456789")
    town.tick(at(5, 24))
    town.paid("12345678")
    assert [status for _, _, status in town.waiting()] == ["waiting"]
    town.paid("23456789")
    assert [status for _, _, status in town.waiting()] == ["stopped"]


def test_a_reminder_that_could_not_leave_is_stale_when_the_due_date_is_over(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.tick(at(5, 31))
    with town.database.read() as connection:
        stale_at = connection.execute(select(Delivery.stale_at)).scalar_one()
    assert stale_at == at(6, 1, 0, 0)


def test_a_reminder_that_could_not_leave_does_not_arrive_beside_the_next_one(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.tick(at(5, 24))
    with town.database.read() as connection:
        stale_at = connection.execute(select(Delivery.stale_at)).scalar_one()
    assert stale_at == at(5, 31, 0, 0)


def test_what_is_late_waits_for_a_day_on_which_the_office_is_open(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.tick(at(6, 11))
    town.approve(stage(town, "after.10"), at(6, 11, 17))
    town.paid("99990000", until=DUE, now=at(6, 11, 17))
    town.tick(at(6, 12))
    town.tick(at(6, 13))
    assert (town.waiting(), obstacle(town, "after.10")) == ([], None)
    town.tick(at(6, 14))
    assert town.waiting() == [(hanako.id, AFTER, "waiting")]


def test_nothing_leaves_after_the_due_date_without_approval_and_a_paid_list_that_reaches_it(town: Town) -> None:
    hanako, taro = town.residents(2)
    town.notices(line("12345678"), line("23456789"))
    town.link(hanako, "12345678")
    town.link(taro, "23456789")
    town.tick(at(6, 10))
    assert (town.waiting(), obstacle(town, "after.10")) == ([], Obstacle.APPROVAL)

    town.approve(stage(town, "after.10"), at(6, 10))
    town.tick(at(6, 10, 12))
    assert (town.waiting(), obstacle(town, "after.10")) == ([], Obstacle.PAID_LIST)

    town.paid("12345678", until=DUE - dt.timedelta(days=1), now=at(6, 11))  # a late list: the last day is not in it
    town.tick(at(6, 11))
    assert (town.waiting(), obstacle(town, "after.10")) == ([], Obstacle.PAID_LIST)

    town.paid("12345678", until=DUE, now=at(6, 14))
    town.tick(at(6, 14))
    assert town.waiting() == [(taro.id, AFTER, "waiting")]


def test_words_changed_after_the_approval_need_a_new_one(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.tick(at(6, 1))
    town.approve(stage(town, "after.10"), at(6, 9))
    town.paid("99990000", until=DUE, now=at(6, 9))
    town.set(tax_office_phone="（町の番号）")
    town.tick(at(6, 10))
    assert (town.waiting(), obstacle(town, "after.10")) == ([], Obstacle.APPROVAL)


def test_unfit_words_keep_even_an_approved_send_back(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.set(name="督促課")
    town.tick(at(6, 10))
    assert obstacle(town, "after.10") is Obstacle.WORDING


def test_a_send_nobody_approved_in_time_is_missed_and_does_not_leave_later(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.tick(at(6, 1))
    town.paid("99990000", until=DUE, now=at(6, 9))
    row = stage(town, "after.10")
    town.tick(at(6, 25))
    town.approve(row, at(6, 25))
    town.tick(at(6, 25, 12))
    assert town.waiting() == []
    assert stage(town, "after.10").state == State.MISSED  # type: ignore[attr-defined]  # a row


def test_a_changed_schedule_moves_what_has_not_begun(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.tick(at(5, 6))
    town.set(tax_reminders={"before": [10], "after": []})
    town.tick(at(5, 21))
    assert {row.stage: row.state for row in town.sends()} == {
        "before.30": State.DONE, "before.7": State.STOPPED, "before.0": State.STOPPED, "before.10": State.DONE,
        "after.10": State.STOPPED, "after.40": State.STOPPED,
    }  # fmt: skip


def test_a_thousand_residents_take_several_commits_and_get_one_message_each(town: Town) -> None:
    people = town.residents(1100)
    codes = [f"{20_000_000 + number}" for number in range(1100)]
    town.notices(*map(line, codes))
    from handlers.tax.models import TaxLink

    with town.database.write() as connection:
        rows = [
            {"notice_id": row.id, "resident_id": who.id, "relation": "own", "linked_at": APRIL}
            for row, who in zip(town.rows(), people, strict=True)
        ]
        connection.execute(TaxLink.__table__.insert(), rows)  # type: ignore[attr-defined]  # a Table at run time
    town.tick(at(5, 24))
    town.tick(at(5, 24, 12))
    assert sorted(resident for resident, _, _ in town.waiting()) == sorted(who.id for who in people)
    assert stage(town, "before.7").recipients == 1100  # type: ignore[attr-defined]  # a row


def test_who_linked_a_notice_is_not_reminded_of_it_twice(town: Town) -> None:
    both, settled, other = town.residents(3)
    town.notices(line("12345678"), line("23456789"), line("34567890"))
    for who, code in ((both, "12345678"), (settled, "23456789"), (other, "34567890")):
        town.link(who, code)
        town.act("tax.set_reminder", who, kind="car", days=10 if who is other else 7)
    town.act("tax.say_paid", settled)
    town.tick(at(5, 6))
    month = [(both.id, BEFORE, "waiting"), (other.id, BEFORE, "waiting")]
    assert town.waiting() == month
    wish(town, at(5, 21))
    assert town.waiting()[2:] == [(other.id, "tax.reminder", "waiting")], "their own day, on which nothing else leaves"
    wish(town, at(5, 24, 10, 0))
    town.tick(at(5, 24))
    assert town.waiting()[3:] == [(both.id, BEFORE, "waiting"), (other.id, BEFORE, "waiting")]


def wish(town: Town, now: dt.datetime) -> None:
    """Let the clock come by for those who have only asked to be reminded."""

    def compose(flow: str, language: str | None, values: Mapping[str, Any]) -> list[dict[str, Any]]:
        return notice(town.book, flow, language, values, now)

    with town.database.write() as connection:
        remind(JobContext(connection, now, now, Outbox(town.vault, "test"), town.town, compose, town.book))
