"""What an import promises: every good row once, every bad one told by row and column, whatever happens in between."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select, text, update

from bot.db import Database
from bot.imports import sentences, stage, work
from bot.models import Import, ImportFault, ImportPart
from bot.now import Now
from tests.imports import loading
from tests.imports.notices import BANNED, NOTICES, make_table

HEADING = "連携コード,生年月日,税額,税目\r\n"


@pytest.fixture
def town(database: Database) -> Database:
    with database.write() as connection:
        make_table(connection)
    return database


def stored(database: Database) -> list[tuple[Any, ...]]:
    with database.read() as connection:
        return [tuple(row) for row in connection.execute(text("SELECT * FROM loaded ORDER BY code"))]


def faults(database: Database, row: Any) -> list[tuple[int, str, str, str]]:
    with database.read() as connection:
        found = work.faults_by_row(connection, row, 0, 100)
    return [(one.row, one.column, one.code, loading.imports(database).found_at(row, one)) for one in found]


def many(count: int, first: int = 0) -> bytes:
    rows = "".join(f"{number:08},R1.5.1,{number},自動車税\r\n" for number in range(first, first + count))
    return (HEADING + rows).encode("cp932")


@pytest.mark.parametrize("encoding", ["cp932", "utf-8", "utf-8-sig", "utf-16"])
def test_a_file_is_read_in_whatever_a_spreadsheet_writes_it(town: Database, encoding: str) -> None:
    body = HEADING + '１２３４-５６７８,昭和55年3月1日,"34,500円",自動車税\r\n00000002,20200229,３万,軽自動車税\r\n'
    row = loading.run(town, NOTICES, body.encode(encoding))
    assert (row.status, row.added, row.rows_bad) == ("done", 2, 0)
    assert stored(town) == [
        ("00000002", "2020-02-29", 30000, "kei", 1),
        ("12345678", "1980-03-01", 34500, "car", 1),
    ]


@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_cells_may_be_separated_by_tabs_and_semicolons(town: Database, delimiter: str) -> None:
    body = (HEADING + "00000001,R1.5.1,1,自動車税\r\n").replace(",", delimiter).encode()
    assert loading.run(town, NOTICES, body).added == 1


def test_a_line_break_within_quotation_marks_is_part_of_its_cell_and_rows_are_numbered_as_a_spreadsheet_does(
    town: Database,
) -> None:
    body = 'メモ,連携コード,生年月日\r\n"一行目\r\n二行目",00000001,R1.5.1\r\n\r\n,1,R1.5.1\r\n'.encode()
    row = loading.checked(town, NOTICES, body)
    assert (row.rows, row.rows_bad) == (2, 1)
    assert faults(town, row) == [(4, "code", "digits_exactly", "1")]


def test_what_systems_write_around_their_cells_is_no_part_of_them(town: Database) -> None:
    body = HEADING + '="00000001",R1.5.1,1,自動車税\r\n"=""00000002""",R1.5.1,1,自動車税\r\n\x1a'
    row = loading.run(town, NOTICES, body.encode("cp932"))
    assert (row.rows, row.rows_bad) == (2, 0)
    assert [one[0] for one in stored(town)] == ["00000001", "00000002"]


def test_what_is_wrong_is_told_by_column_and_by_row_with_what_stood_there(town: Database) -> None:
    body = HEADING + "12,未定,1,自動車税\r\n,R1.5.1,-5,自転車税\r\n00000003,R1.5.1,7,\r\n00000004,R1.5.1,7,自動車税\r\n"
    row = loading.checked(town, NOTICES, body.encode())
    assert (row.status, row.rows, row.rows_bad) == ("checked", 4, 3)
    assert faults(town, row) == [
        (2, "born", "not_date", "未定"),
        (2, "code", "digits_exactly", "12"),
        (3, "amount", "too_small", "-5"),
        (3, "code", "required", ""),
        (3, "kind", "not_one_of", "自転車税"),
        (4, "kind", "kind_needed", ""),
    ]
    with town.read() as connection:
        columns = {(one.column, one.code): one.count for one in work.faults_by_column(connection, row)}
    assert columns[("code", "digits_exactly")] == 1
    assert len(columns) == 6
    assert stored(town) == [], "checking stores nothing"
    loading.start(town, row)
    loading.go_through(loading.bench(town), NOTICES, row.uid)
    assert [one[0] for one in stored(town)] == ["00000004"], "the good rows go on after confirmation"


def test_the_same_record_twice_in_one_file_is_told_at_the_second_one(town: Database) -> None:
    body = HEADING + "00000001,R1.5.1,1,自動車税\r\n０００００００１,R1.5.1,2,自動車税\r\n"
    row = loading.run(town, NOTICES, body.encode())
    assert faults(town, row) == [(3, "code", "twice", "０００００００１")]
    assert stored(town) == [("00000001", "2019-05-01", 1, "car", 1)]


def test_rows_that_only_the_database_knows_to_be_bad_are_told_too(town: Database) -> None:
    body = HEADING + f"{BANNED},R1.5.1,1,自動車税\r\n00000001,R1.5.1,1,自動車税\r\n"
    row = loading.run(town, NOTICES, body.encode())
    assert (row.added, row.rows_bad) == (1, 1)
    assert faults(town, row) == [(2, "code", "banned", BANNED)]
    assert sentences.fault(NOTICES, "banned", {"office": "A"}, "ja") == "窓口Aの番号です。"


def test_the_same_file_again_changes_nothing_and_is_recognised(town: Database) -> None:
    body = many(30)
    first = loading.run(town, NOTICES, body)
    before = stored(town)
    again = loading.run(town, NOTICES, body)
    assert (again.added, again.changed, again.unchanged) == (0, 0, 30)
    assert stored(town) == before
    with town.read() as connection:
        assert work.same_before(connection, again).uid == first.uid
        assert work.same_before(connection, first) is None


def test_the_persons_choice_of_columns_is_remembered_for_the_next_file(town: Database) -> None:
    body = "番号,いつ生まれた\r\n00000001,R1.5.1\r\n".encode()
    with town.read() as connection:
        assert work.missing(NOTICES, work.proposal(connection, NOTICES, ["番号", "いつ生まれた"])) == ["code", "born"]
    row = loading.checked(town, NOTICES, body, {"code": "番号", "born": "いつ生まれた"})
    assert (row.rows, row.rows_bad) == (1, 0)
    with town.read() as connection:
        assert work.proposal(connection, NOTICES, ["いつ生まれた", "番号"]) == {"code": "番号", "born": "いつ生まれた"}
        assert work.proposal(connection, NOTICES, ["※ 連携コード ", "誕生日"]) == {
            "code": "※ 連携コード ",
            "born": "誕生日",
        }


@pytest.mark.parametrize(
    ("body", "trouble"),
    [
        (b"", "empty"),
        (HEADING.encode(), "empty"),
        (b"PK\x03\x04rest", "spreadsheet"),
        ((HEADING + '"00000001,R1.5.1\r\n' + "x" * 40_000).encode(), "damaged"),
    ],
)
def test_a_file_that_cannot_be_read_at_all_is_refused_with_a_sentence(
    town: Database, body: bytes, trouble: str
) -> None:
    uid = loading.hand_in(town, NOTICES, body)
    with town.write() as connection:
        mapping = {"code": "連携コード", "born": "生年月日"}
        loading.imports(town).begin_check(connection, loading.row_of(town, uid), mapping, Now()())
    loading.go_through(loading.bench(town), NOTICES, uid)
    row = loading.row_of(town, uid)
    assert row.status == "refused"
    assert row.trouble.partition(":")[0] == trouble
    for language in ("ja", "en"):
        assert "{" not in sentences.trouble(row.trouble, language)


def test_characters_that_cp932_cannot_read_are_told_at_their_place(town: Database) -> None:
    body = HEADING.encode("cp932") + b"00000001,R1.5.1,1,\x81\xff\r\n"
    assert faults(town, loading.checked(town, NOTICES, body))[0][:3] == (2, "kind", "unreadable")


def test_loading_goes_on_where_it_was_interrupted_and_stores_every_row_once(town: Database) -> None:
    row = loading.checked(town, NOTICES, many(900))
    loading.start(town, row)
    batches = iter([True, False])
    first = loading.bench(town, go_on=lambda: next(batches), owner="first")
    taken = stage.take(first, row.uid)
    assert not stage.run(first, NOTICES, taken)
    halfway = loading.row_of(town, row.uid)
    assert 0 < halfway.rows_read < 900
    assert len(stored(town)) == halfway.rows_read

    with pytest.raises(stage.LeaseLost):
        stage.take(loading.bench(town, owner="second"), row.uid)
    loading.end_lease(town, row.uid)
    loading.go_through(loading.bench(town, owner="second"), NOTICES, row.uid)
    row = loading.row_of(town, row.uid)
    assert (row.status, row.rows_read, row.added, row.changed) == ("done", 900, 900, 0)
    assert [one[-1] for one in stored(town)] == [1] * 900


def test_a_worker_that_was_taken_for_dead_stores_nothing_more(town: Database) -> None:
    row = loading.checked(town, NOTICES, many(600))
    loading.start(town, row)

    def robbed() -> bool:
        loading.end_lease(town, row.uid)
        stage.take(loading.bench(town, owner="second"), row.uid)
        return True

    slow = loading.bench(town, go_on=robbed, owner="first")
    taken = stage.take(slow, row.uid)
    with pytest.raises(stage.LeaseLost):
        stage.run(slow, NOTICES, taken)
    assert len(stored(town)) == loading.row_of(town, row.uid).rows_read < 600


def test_a_stage_that_keeps_dying_without_coming_further_is_given_up(town: Database) -> None:
    row = loading.checked(town, NOTICES, many(5))
    loading.start(town, row)
    for _ in range(stage.TRIES):
        assert stage.take(loading.bench(town), row.uid) is not None
    assert stage.take(loading.bench(town), row.uid) is None
    row = loading.row_of(town, row.uid)
    assert (row.status, row.error) == ("failed", "CutShort")
    loading.start(town, row)
    loading.go_through(loading.bench(town), NOTICES, row.uid)
    assert len(stored(town)) == 5, "staff may let it go on"


def test_an_import_is_started_once_and_cancelling_deletes_the_file(town: Database) -> None:
    row = loading.checked(town, NOTICES, many(5) + b"x\r\n")
    loading.start(town, row)
    with pytest.raises(work.NotNow):
        loading.start(town, row)
    with town.write() as connection:
        loading.imports(town).cancel(connection, row, Now()())
        for model in (ImportPart, ImportFault):
            assert connection.execute(select(model.import_id)).first() is None
    assert stage.take(loading.bench(town), row.uid) is None


def test_the_file_is_kept_encrypted_in_parts(town: Database) -> None:
    body = many(20_000)
    uid = loading.hand_in(town, NOTICES, body)
    with town.read() as connection:
        parts = connection.execute(select(ImportPart.content).order_by(ImportPart.number)).scalars().all()
    assert len(parts) == -(-len(body) // (256 * 1024))
    assert not any("連携コード".encode("cp932") in part or b"00000001" in part for part in parts)
    assert loading.imports(town).preview(loading.row_of(town, uid)).headings == [
        "連携コード",
        "生年月日",
        "税額",
        "税目",
    ]


def test_the_file_goes_when_its_time_is_over_and_what_was_done_stays(town: Database) -> None:
    from bot.delivery.outbox import Outbox
    from bot.housekeeping import purge
    from bot.service import JobContext

    row = loading.run(town, NOTICES, many(5) + b"x,,,\r\n")
    now = Now()()
    with town.write() as connection:
        connection.execute(update(Import).values(keep_until=now - stage.LEASE))
        context = JobContext(connection, now, now, Outbox(loading.VAULT, "test"), {}, lambda *_: [])
        purge(context)
        for model in (ImportPart, ImportFault):
            assert connection.execute(select(model.import_id)).first() is None
        assert connection.execute(select(Import.added).where(Import.id == row.id)).scalar_one() == 5
