"""The demo's use of four weeks: what was begun has ended, and the charts have something to show."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import func, select

from bot.console.access import Role
from bot.crypto import Lookup
from bot.delivery.outbox import Outbox
from bot.demo import used
from bot.models import FlowCount
from bot.now import TOKYO
from bot.sample import SampleContext
from bot.usage import What
from tests.console.client import Hall


def test_the_demos_talks_add_up_and_its_charts_are_not_empty(town_hall: Hall) -> None:
    book, now = town_hall.runtime.editions.book(), town_hall.now()
    with town_hall.database.write() as connection:
        outbox = Outbox(town_hall.vault, "test")
        used.fill(SampleContext(connection, town_hall.vault, Lookup([bytes(32)]), outbox, book, now, [], {}, {}))
    with town_hall.database.read() as connection:
        asked = select(FlowCount.flow, FlowCount.what, func.sum(FlowCount.number).label("number"))
        rows = connection.execute(asked.group_by(FlowCount.flow, FlowCount.what)).all()
        days = connection.execute(select(FlowCount.day).distinct()).scalars().all()
        steps = connection.execute(select(FlowCount.flow, FlowCount.step).where(FlowCount.step != "").distinct()).all()
    found = {(row.flow, row.what): row.number for row in rows}
    for flow in used.BEGUN:
        ended = sum(found.get((flow, what), 0) for what in (What.COMPLETED, What.STOPPED, What.EXPIRED))
        assert found[flow, What.BEGUN] == ended > 0, flow
    assert max(days) == now.astimezone(TOKYO).date() - dt.timedelta(days=1)
    assert {step for flow, step in steps if flow == "garbage.bulky"} <= set(book.programs["garbage.bulky"].questions)
    home = town_hall.sign_in(Role.MANAGER).get("/")
    assert "やめた・時間切れが多いところ" in home
