"""What is opened again was never over: it is counted once, as it ended, and counts for the limit of whoever takes it."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from bot.desk import closing, queue, referral, taking
from handlers.child_welfare.models import WelfareCount
from tests.desk.conftest import DeskTown


def counted(town: DeskTown) -> dict[tuple[str, str], int]:
    with town.runtime.database.read() as connection:
        rows = connection.execute(select(WelfareCount.what, WelfareCount.value, WelfareCount.number))
        return {(row.what, row.value): row.number for row in rows}


def more(before: dict[tuple[str, str], int], after: dict[tuple[str, str], int]) -> dict[tuple[str, str], int]:
    """Return by how much each number has changed."""
    found = {name: after.get(name, 0) - before.get(name, 0) for name in before.keys() | after.keys()}
    return {name: number for name, number in found.items() if number}


def test_what_was_opened_again_is_counted_once_and_as_it_ended(town: DeskTown) -> None:
    _, number = town.arrive()
    before = counted(town)
    with town.desk() as desk:
        taking.take(desk, number, town.kana)
        closing.close(desk, number, town.kana, "no_reply")
    first = more(before, counted(town))
    assert (first["all", "all"], first["reason", "no_reply"]) == (1, 1)
    with town.desk() as desk:
        closing.reopen(desk, number, town.kana)
    assert more(before, counted(town)) == {}
    with town.desk() as desk:
        closing.close(desk, number, town.kana, "solved")
    found = more(before, counted(town))
    assert (found["all", "all"], found["reason", "solved"]) == (1, 1)
    assert ("reason", "no_reply") not in found


def test_what_was_referred_after_its_end_is_counted_as_referred(town: DeskTown) -> None:
    _, number = town.arrive()
    before = counted(town)
    with town.desk() as desk:
        closing.close(desk, number, town.kana, "other")
        referral.refer(desk, number, town.kana, "見本の児童相談所")
    found = more(before, counted(town))
    assert (found["all", "all"], found["referred", "yes"]) == (1, 1)


def test_nobody_opens_again_more_than_they_may_have(town: DeskTown) -> None:
    _, number = town.arrive()
    _, other = town.arrive(name="次郎")
    with town.desk() as desk:
        closing.close(desk, number, town.mio, "solved")
        mine = sum(one.taken_by == town.mio and one.state == "active" for one in queue.queue(desk, [town.office_id]))
    town.choose(personal_limit=mine + 1)
    with town.desk() as desk:
        taking.take(desk, other, town.mio)
    with town.desk() as desk, pytest.raises(taking.TooMany):
        closing.reopen(desk, number, town.mio)
