"""Finding submissions: everything asked for must hold, words within a bound that is told, and an index leads to every page."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.db import Database
from bot.submissions import search
from bot.submissions.reading import Searched
from bot.submissions.search import NOBODY, Filter, find
from bot.submissions.states import OPEN, Source, Status
from tests.submissions import office
from tests.submissions.office import NOW, VAULT

FLOWS = ("report.damage", "visit.children")


@pytest.fixture(scope="module")
def searched() -> Searched:
    return Searched(office.book())


def numbers(database: Database, searched: Searched, wanted: Filter, size: int = 50) -> list[int]:
    with database.read() as connection:
        return [row.id for row in find(connection, VAULT, searched, wanted, None, size).rows]


def test_all_conditions_must_hold(database: Database, searched: Searched) -> None:
    with database.write() as connection:
        hanako = office.staff(connection)
        taro = office.resident(connection)
        mine = office.file(connection, {"category": "road"}, minutes=5, status="working", assigned_to=hanako)
        called = office.file(connection, {"category": "park"}, minutes=4, source="telephone")
        other = office.file(connection, {"name": "x"}, flow="visit.children", minutes=3, resident_id=taro.id)
        held = office.file(connection, {"category": "park"}, minutes=2, status="done", on_hold=True)
        old = office.file(connection, {"category": "road"}, minutes=60 * 24 * 10, status="cancelled")

    def found(**conditions: Any) -> list[int]:
        return numbers(database, searched, Filter(**{"flows": FLOWS, **conditions}))

    assert found() == [held, other, called, mine, old], "newest first, over all flows"
    assert found(flows=("report.damage",)) == [held, called, mine, old]
    assert found(flows=()) == [], "who may see no flow sees nothing"
    assert found(statuses=OPEN) == [other, called, mine]
    assert found(statuses=(Status.WORKING,), assigned_to=hanako) == [mine]
    assert found(assigned_to=hanako) == [mine]
    assert found(assigned_to=NOBODY, statuses=(Status.NEW,)) == [other, called]
    assert found(source=Source.TELEPHONE) == [called]
    assert found(source=Source.LINE, statuses=(Status.DONE,)) == [held]
    assert found(on_hold=True) == [held]
    assert found(since=NOW - dt.timedelta(days=1), until=NOW - dt.timedelta(minutes=4)) == [mine]
    assert found(number=old) == [old]
    assert found(resident=taro.reference) == [other]
    assert found(resident="NOBODY") == []
    with database.read() as connection:
        assert search.count(connection, Filter(FLOWS, OPEN)) == 3
        assert search.flows_with_submissions(connection) == list(FLOWS)


def test_words_are_found_however_they_are_written_and_choices_by_their_labels(
    database: Database, searched: Searched
) -> None:
    with database.write() as connection:
        road = office.file(connection, {"category": "road", "detail": "ガードレールが曲がっている"}, minutes=2)
        office.file(connection, {"category": "park", "detail": "ブランコの鎖"}, minutes=1)
        nested = office.file(connection, {"children": [{"name": "見本 太郎"}]}, flow="visit.children")
    assert numbers(database, searched, Filter(FLOWS, words="ｶﾞｰﾄﾞﾚｰﾙ 道路")) == [road]
    assert numbers(database, searched, Filter(FLOWS, words="道路 ブランコ")) == [], "all words must be there"
    assert numbers(database, searched, Filter(FLOWS, words="見本")) == [nested]


def test_pages_follow_one_another_without_gap_or_double(database: Database, searched: Searched) -> None:
    with database.write() as connection:
        filed = [
            office.file(connection, {"detail": "見本"}, flow=FLOWS[number % 2], minutes=number // 3)
            for number in range(40)
        ]
    for words in ("", "見本"):
        seen: list[int] = []
        after = None
        while True:
            with database.read() as connection:
                page = find(connection, VAULT, searched, Filter(FLOWS, words=words), after, 7)
            seen += [row.id for row in page.rows]
            if page.next is None:
                break
            after = page.next
        assert sorted(seen) == sorted(filed)


def test_a_search_for_words_ends_at_its_bound_says_so_and_goes_on_from_there(
    database: Database, searched: Searched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "LOOKED_AT", 10)
    monkeypatch.setattr(search, "_CHUNK", 5)
    with database.write() as connection:
        needle = office.file(connection, {"detail": "さがしもの"}, minutes=60)
        for number in range(25):
            office.file(connection, {"detail": "ほかのこと"}, minutes=number)
    wanted = Filter(FLOWS, words="さがしもの")
    with database.read() as connection:
        first = find(connection, VAULT, searched, wanted, None, 50)
        assert (list(first.rows), first.looked) == ([], 10)
        second = find(connection, VAULT, searched, wanted, first.next, 50)
        third = find(connection, VAULT, searched, wanted, second.next, 50)
    assert [row.id for row in third.rows] == [needle]
    assert (third.next, third.looked) == (None, None)


PAGES: dict[str, tuple[Filter, str]] = {
    "a flow": (Filter(FLOWS), "ix_submissions_flow_filed_at"),
    "open ones": (Filter(FLOWS, OPEN), "ix_submissions_flow_status_filed_at"),
    "mine": (Filter(FLOWS, OPEN, assigned_to=3), "ix_submissions_assigned_to"),
    "nobody's": (Filter(FLOWS, (Status.NEW,), assigned_to=NOBODY), "ix_submissions_assigned_to"),
    "taken down": (Filter(FLOWS, source=Source.TELEPHONE), "ix_submissions_entered"),
    "on hold": (Filter(FLOWS, on_hold=True), "ix_submissions_held"),
}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("later", [False, True])
def test_every_page_is_read_from_the_end_of_an_index_without_sorting(
    database: Database, page: str, later: bool
) -> None:
    wanted, index = PAGES[page]
    after = (NOW, 10**6) if later else None
    statement = search.statement(wanted, after, 51)
    with database.write() as connection:
        if database.on_sqlite:
            written = statement.compile(connection, compile_kwargs={"literal_binds": True})
            plan = connection.execute(text(f"EXPLAIN QUERY PLAN {written}")).all()
            reads = [step for step in plan if " submissions" in step.detail]
            sorted_ = {step.parent for step in plan if "TEMP B-TREE" in step.detail}
            assert reads
            assert all(index in step.detail for step in reads), plan
            assert not sorted_ & {step.parent for step in reads}, "what is read from an index is in order"
        else:
            # Small tables are read whole; what matters is that an index can serve, and leaves nothing to be sorted.
            for way in ("enable_seqscan", "enable_bitmapscan", "enable_sort"):
                connection.execute(text(f"SET LOCAL {way} = off"))
            written = statement.compile(connection, compile_kwargs={"render_postcompile": True})
            plan_ = [row[0] for row in connection.exec_driver_sql(f"EXPLAIN {written}", dict(written.params))]
            reads_ = [line for line in plan_ if " on submissions" in line]
            assert reads_
            assert all(index in line or "ix_submissions_flow_status" in line for line in reads_), plan_
            assert not any("->  Sort" in line for line in plan_), plan_


def test_a_telephone_entry_has_no_resident_and_search_by_resident_does_not_find_it(
    database: Database, searched: Searched
) -> None:
    with database.write() as connection:
        office.file(connection, {"category": "road"}, source="telephone")
        row = office.resident(connection)
    assert numbers(database, searched, Filter(FLOWS, resident=row.reference)) == []
    with database.read() as connection:
        assert connection.execute(select(text("resident_id")).select_from(text("submissions"))).scalar() is None
