"""Deliveries are found by resident, status and time, and by an index however many there are."""

from __future__ import annotations

import datetime as dt
import itertools
from typing import Any

import pytest
from sqlalchemy import insert, text

from bot.delivery import lookup
from bot.delivery.lookup import Wanted
from bot.delivery.outcome import Status
from bot.models import Delivery
from tests.delivery.postoffice import PostOffice

HOUR = dt.timedelta(hours=1)


@pytest.fixture
def rows(office: PostOffice) -> list[dict[str, Any]]:
    """One delivery an hour for each status and two services, some of them deleted since."""
    people = [office.letter(office.line.resident(f"住民{number}")).resident_id for number in range(2)]
    start = office.now() - 100 * HOUR
    made = [
        {
            "channel_id": office.channel_id, "resident_id": person, "kind": "push", "purpose": purpose, "priority": 1,
            "status": status.value, "retry_key": f"{number}", "due_at": start, "attempts": 0, "uncertain": False,
            "doubled": False, "created_at": start + number * HOUR, "finished_at": start + number * HOUR,
        }
        for number, (status, purpose, person) in enumerate(
            itertools.product(Status, ("conversation", "tax.reminder", "taxi.call"), people)
        )
    ]  # fmt: skip
    with office.database.write() as connection:
        connection.execute(insert(Delivery), made)
        connection.execute(text("DELETE FROM deliveries WHERE id % 7 = 0"))
    return [dict(row._mapping) for row in office.rows()]


def found(office: PostOffice, wanted: Wanted) -> list[int]:
    with office.database.read() as connection:
        question = lookup.question(connection, wanted).order_by(Delivery.__table__.c.id)
        return [row.id for row in connection.execute(question)]


@pytest.mark.parametrize("status", Status)
def test_a_status_is_found_whole_and_alone(office: PostOffice, rows: list[dict[str, Any]], status: Status) -> None:
    assert found(office, Wanted(status=status)) == [row["id"] for row in rows if row["status"] == status]


@pytest.mark.parametrize(("since", "until"), [(0, 10), (10, 11), (30, 200), (-50, 5), (200, 300), (20, 20)])
def test_a_stretch_of_time_is_found_whole_and_alone(
    office: PostOffice, rows: list[dict[str, Any]], since: int, until: int
) -> None:
    start = rows[0]["created_at"]
    first, last = start + since * HOUR, start + until * HOUR
    expected = [row["id"] for row in rows if first <= row["created_at"] < last]
    assert found(office, Wanted(since=first, until=last)) == expected


def test_a_resident_is_found_and_hidden_services_are_not(office: PostOffice, rows: list[dict[str, Any]]) -> None:
    mine = rows[0]["resident_id"]
    expected = [row["id"] for row in rows if row["resident_id"] == mine and row["purpose"] != "tax.reminder"]
    assert found(office, Wanted(resident_id=mine, hidden=("tax",))) == expected


def test_nothing_is_found_where_there_is_nothing(office: PostOffice) -> None:
    assert found(office, Wanted(since=office.now())) == []


def test_counting_stops_where_nobody_counts_on(
    office: PostOffice, rows: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = [row for row in rows if row["status"] == Status.FAILED]
    with office.database.read() as connection:
        assert lookup.count(connection, Status.FAILED) == len(failed)
        assert lookup.count(connection, Status.FAILED, since=failed[-1]["finished_at"]) == 1
        monkeypatch.setattr(lookup, "MOST_COUNTED", 2)
        assert lookup.count(connection, Status.FAILED) == 2


@pytest.mark.parametrize(
    "wanted",
    [
        Wanted(),
        Wanted(resident_id=1),
        *(Wanted(status=status) for status in Status),
        Wanted(since=dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
    ],
    ids=str,
)
def test_an_index_answers_so_that_a_million_rows_are_not_read(
    office: PostOffice, rows: list[dict[str, Any]], wanted: Wanted
) -> None:
    with office.database.read() as connection:
        question = lookup.question(connection, wanted).order_by(Delivery.__table__.c.id.desc()).limit(50)
        written = str(question.compile(connection, compile_kwargs={"literal_binds": True}))
        if office.database.on_sqlite:
            plan = [row.detail for row in connection.execute(text(f"EXPLAIN QUERY PLAN {written}"))]
            reads = [line for line in plan if "deliveries" in line]
            # Down the primary key, fifty rows are soon found; anything rarer has an index of its own.
            by_number = wanted.status in (None, Status.SENT)
            assert all("USING" in line or (by_number and line == "SCAN deliveries") for line in reads), plan
        else:
            connection.execute(text("SET LOCAL enable_seqscan = off"))
            plan = [row[0] for row in connection.execute(text(f"EXPLAIN {written}"))]
            assert not any("Seq Scan on deliveries" in line for line in plan), plan
