"""The demo's desk: as on a busy afternoon, and whoever writes from their phone reaches it."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from sqlalchemy import insert, select

from bot.crypto import Lookup, Vault
from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.desk import Desk, offices, queue, referral, talk
from bot.flow.load import load
from bot.flow.state import load as talks_in
from bot.models import Channel, Consultation, Conversation, Department, Resident, Staff
from bot.sample import SampleContext
from bot.service import Caller
from handlers.child_welfare import sample, service

NOW = dt.datetime(2026, 6, 10, 5, 0, tzinfo=dt.UTC)


def test_the_sample_shows_every_state_of_the_desk(database: Database) -> None:
    vault = Vault([b"k" * 32])
    book = load(Path(__file__).parents[3] / "flows").book
    with database.write() as connection:
        channel = connection.execute(
            insert(Channel).returning(Channel.id), {"name": "main", "created_at": NOW}
        ).scalar_one()
        rows = [
            {"channel_id": channel, "line_user_id": f"U{n}", "reference": f"R{n}", "friend_at": 0, "created_at": NOW}
            for n in range(8)
        ]
        residents = [
            Caller(connection.execute(insert(Resident).returning(Resident.id), row).scalar_one(), channel, "R", "ja")
            for row in rows
        ]
        person = {"name": "見本", "sign_in": "a@b.example", "handle": "h", "must_change": False, "language": "ja"}
        staff = {
            role: connection.execute(
                insert(Staff).returning(Staff.id),
                {**person, "sign_in": role, "handle": role, "active": True, "created_at": NOW},
            ).scalar_one()
            for role in ("counsellor", "officer")
        }
        department = connection.execute(insert(Department).returning(Department.id), {"name": "見本課"}).scalar_one()
        outbox = Outbox(vault, "a test")
        context = SampleContext(
            connection, vault, Lookup([b"l" * 32]), outbox, book, NOW, residents, staff,
            {"child_welfare": department},
        )  # fmt: skip
        sample.fill(context)
        desk = Desk(connection, NOW, book, [service], outbox, None, sample._stay, sample._stay)
        ids = offices.keys_of(offices.offices(desk))
        there = queue.queue(desk, ids)
        assert [(one.state, one.grade, one.danger, one.outside) for one in there] == [
            ("waiting", "AA", True, False),
            ("active", "B", False, False),
            ("waiting", "C", False, True),
            ("waiting", "C", False, False),
            ("waiting", "C", False, False),
            ("active", "C", False, False),
        ], "of those equally urgent, who has our answer comes last"
        assert {one.late for one in there if one.state == "active"} == {False}, "nobody who is answered has to wait"
        assert [one.close_reason for one in queue.closed(desk, ids)] == ["solved", "referred"]
        assert len(referral.due(desk, ids)) == 1
        said = [(one.direction, one.status) for one in talk.messages_since(desk, there[1].id)]
        assert said == [("in", "sent"), ("out", "sent"), ("in", "sent"), ("out", "draft")]
        row = connection.execute(select(Conversation).where(Conversation.resident_id == residents[1].id)).one()
        [waits] = talks_in(vault.open("conversations.state", residents[1].id, row.state))
        begun = connection.execute(select(Consultation.begun).where(Consultation.id == there[0].id)).scalar_one()
        assert (waits.flow, waits.begun) == ("child_welfare.intake", begun)
