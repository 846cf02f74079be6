"""The sample of the demo: what a visitor finds there is as real as anything staff would see."""

from __future__ import annotations

from sqlalchemy import func, select

from bot import approvals
from bot.sample import SampleContext
from handlers.covid import calls, exposures, sample
from handlers.covid.calls import Wanted
from handlers.covid.models import Centre, DayCount, Facility, Visit
from handlers.covid.rules import settings
from handlers.covid.statistics import first_week, lines_of, table
from tests.handlers.covid.town import LOOKUP, VAULT, Town


def test_the_sample_shows_every_page_at_work(town: Town) -> None:
    people = town.settle(8)
    with town.database.write() as connection:
        staff = {"officer": town.officer, "approver": town.approver}
        context = SampleContext(
            connection, VAULT, LOOKUP, town.outbox, town.book, town.now, people, staff, {"covid": 1}
        )
        sample.fill(context)
    with town.database.read() as connection:
        listed = calls.waiting(connection, Wanted(), town.now, 100)
        assert [row.reason for row in listed] == ["worse", "silent", "silent"]
        [waiting] = approvals.waiting(connection, ["covid"])
        assert exposures.find(connection, int(waiting.subject)).matched == len(people)
        assert {row.state for row in connection.execute(select(Facility.state))} == {"active", "new"}
        assert connection.execute(select(func.count()).select_from(Visit)).scalar_one() == len(people)
        assert set(connection.execute(select(Centre.phone)).scalars()) == {sample.NO_NUMBER}
        monday = first_week(connection)
        assert monday is not None
        least = settings(town.book, town.now).least_counted
        shown = table(lines_of(connection, monday, town.now.date()), "area", least)
        assert shown.total is not None
        assert connection.execute(select(func.count()).select_from(DayCount)).scalar_one() > 100
