"""What staff are shown for a day is what leaves on it: what is late, what is kept back and why, and for whom it was."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import update

from bot.models import Resident
from handlers.tax.outlook import Outgoing, going_out
from handlers.tax.sends import Obstacle
from tests.handlers.tax.conftest import DUE, Town, line
from tests.handlers.tax.test_sends import at, stage


def shown(town: Town, day: dt.date, today: dt.date) -> list[Outgoing]:
    with town.database.read() as connection:
        return going_out(connection, town.book, day, today)


def titles(found: list[Outgoing]) -> list[tuple[str, int, Obstacle | None]]:
    return [(one.stage, one.recipients, one.obstacle) for one in found]


def test_what_is_late_is_shown_for_the_next_business_day_with_what_keeps_it_back(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.tick(at(6, 10))
    saturday, monday = dt.date(2027, 6, 12), dt.date(2027, 6, 14)
    assert shown(town, dt.date(2027, 6, 10), saturday) == []
    assert shown(town, saturday, saturday) == []
    assert titles(shown(town, monday, saturday)) == [("after.10", 1, Obstacle.APPROVAL)]
    town.approve(stage(town, "after.10"), at(6, 12))
    assert titles(shown(town, monday, saturday)) == [("after.10", 1, Obstacle.PAID_LIST)]
    town.paid("99990000", until=DUE, now=at(6, 12))
    assert titles(shown(town, monday, saturday)) == [("after.10", 1, None)]


def test_a_late_reminder_counts_the_days_that_are_left_then(town: Town) -> None:
    [hanako] = town.residents(1)
    town.notices(line("12345678"))
    town.link(hanako, "12345678")
    town.tick(at(5, 6))
    wednesday = dt.date(2027, 5, 26)
    [found] = shown(town, wednesday, wednesday)
    assert "（あと5日）" in found.texts["ja"][0].preview


def test_a_day_that_is_over_shows_for_how_many_it_was(town: Town) -> None:
    people = town.residents(2)
    town.notices(line("12345678"), line("23456789"))
    for who, code in zip(people, ("12345678", "23456789"), strict=True):
        town.link(who, code)
    town.tick(at(5, 25))  # a day late
    town.paid("12345678", "23456789")
    assert titles(shown(town, dt.date(2027, 5, 25), dt.date(2027, 5, 28))) == [("before.7", 2, None)]
    assert shown(town, dt.date(2027, 5, 24), dt.date(2027, 5, 28)) == []


def test_who_blocked_the_account_or_stopped_taxes_is_not_counted_among_the_anonymous(town: Town) -> None:
    people = town.residents(3)
    for who in people:
        assert town.act("tax.set_reminder", who, kind="car", days=7).outcome == "set"
    with town.database.write() as connection:
        connection.execute(update(Resident).where(Resident.id == people[0].id).values(friend=False))
    town.act("notices.switch", people[1], topic="tax")
    day = dt.date(2027, 5, 24)
    assert titles(shown(town, day, dt.date(2027, 5, 1))) == [("anonymous", 1, None)]
