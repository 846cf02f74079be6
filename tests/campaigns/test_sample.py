"""The demo's broadcasts: one in every state staff meet, none of which reaches anybody by itself."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path

from sqlalchemy import insert, select

from bot.campaigns import sample
from bot.crypto import Lookup
from bot.editions import read_folder
from bot.flow.load import load_texts
from bot.models import Attempt, Campaign, Delivery, Department, Resident
from bot.sample import SampleContext
from bot.service import Caller, load_services
from tests.campaigns.conftest import TownHall
from tests.product import ROOT

FLOWS: Path = ROOT / "flows"


def test_every_state_is_there_and_nothing_leaves_before_somebody_approves_it(hall: TownHall) -> None:
    hall.friends(3)
    book = load_texts(read_folder(FLOWS), load_services("handlers").registry).book
    with hall.database.write() as connection:
        department = connection.execute(insert(Department).values(name="広報課").returning(Department.id)).scalar_one()
        rows = connection.execute(select(Resident.__table__)).all()
        residents = [Caller(row.id, row.channel_id, row.reference, row.language) for row in rows]
        staff = {"officer": hall.officer, "approver": hall.approver}
        departments = {"campaigns": department}
        context = SampleContext(
            connection,
            hall.vault,
            Lookup([os.urandom(32)]),
            hall.office.outbox,
            book,
            hall.now(),
            residents,
            staff,
            departments,
        )
        sample.fill(context)
        states = Counter(connection.execute(select(Campaign.state)).scalars())
        failed = select(Delivery.last_result, Attempt.verdict).join(Attempt, Attempt.delivery_id == Delivery.id)
        assert connection.execute(failed.where(Delivery.status == "failed")).all() == [("refused 400", "refused")]
    assert states == {"draft": 2, "asked": 1, "scheduled": 1, "started": 1}
    assert hall.tick() == 0
    hall.office.later()
    assert hall.office.line.sends() == []
