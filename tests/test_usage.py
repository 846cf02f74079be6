"""Statistics of use: added up by day, flow and step, over processes and restarts, without saying whose."""

from __future__ import annotations

import datetime as dt

from sqlalchemy import select

from bot.db import Database
from bot.flow.talk import Counted
from bot.models import FlowCount
from bot.usage import CONTACT, Usage

LATE = dt.datetime(2026, 5, 1, 15, 30, tzinfo=dt.UTC)
"""Half past midnight in Tokyo, a day later."""


def rows(database: Database) -> dict[tuple[str, str, str], int]:
    with database.read() as connection:
        found = connection.execute(select(FlowCount.__table__)).all()
    assert {row.day for row in found} == {dt.date(2026, 5, 2)}
    return {(row.flow, row.step, row.what): row.number for row in found}


def test_counts_of_several_processes_add_up(database: Database) -> None:
    for usage in (Usage(database), Usage(database)):
        usage.note(LATE, "tax.remind", [Counted("begun", "tax.remind"), Counted("reached", "tax.remind", "kind")])
        usage.note(LATE, None, [Counted("stopped", "tax.remind", "kind")])
        usage.flush()
        usage.flush()
    assert rows(database) == {
        ("tax.remind", "", CONTACT): 2,
        ("", "", CONTACT): 2,
        ("tax.remind", "", "begun"): 2,
        ("tax.remind", "kind", "reached"): 2,
        ("tax.remind", "kind", "stopped"): 2,
    }
