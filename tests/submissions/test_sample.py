"""The demo's reports: in every state, readable, and found by the list."""

from __future__ import annotations

from sqlalchemy import select

from bot.crypto import Lookup
from bot.db import Database
from bot.delivery.outbox import Outbox
from bot.demo import filed
from bot.models import Submission
from bot.sample import SampleContext
from bot.service import Caller
from bot.submissions import messages
from bot.submissions.reading import open_answers
from bot.submissions.states import Status
from tests.submissions import office
from tests.submissions.office import NOW, VAULT


def test_the_demo_has_reports_in_every_state_and_templates_to_answer_with(database: Database) -> None:
    with database.write() as connection:
        person = office.resident(connection)
        staff = {"manager": office.staff(connection), "officer": office.staff(connection)}
        callers = [Caller(person.id, person.channel_id, person.reference, "ja")]
        outbox = Outbox(VAULT, "test")
        context = SampleContext(connection, VAULT, Lookup([bytes(32)]), outbox, office.book(), NOW, callers, staff, {})
        filed.fill(context)
        rows = connection.execute(select(Submission.__table__)).all()
        assert {row.status for row in rows} == {status.value for status in Status}
        assert all(open_answers(VAULT, row)["detail"] for row in rows)
        assert all((row.resident_id is None) == (row.source != "line") for row in rows)
        assert len(messages.templates_for(connection, "report.damage")) == len(filed.TEMPLATES)
