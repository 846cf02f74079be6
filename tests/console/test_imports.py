"""A file in three steps, as its clerk goes through them; the stages themselves run in a child process of a running product."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select, text

from bot.console.access import Role
from bot.models import Import
from tests.conftest import databases
from tests.console.client import START, Clerk, Hall
from tests.console.filing import SERVICES, told, write_flows
from tests.imports import loading
from tests.imports.notices import NOTICES, make_table

HEADING = "連携コード,生年月日,税額,税目\r\n"


@pytest.fixture(scope="module")
def hall(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Hall]:
    """The console of a town that takes a file."""
    folder = tmp_path_factory.mktemp("imports")
    with databases(request, folder) as make:
        hall = Hall(make("sqlite"), flows=write_flows(folder), services=SERVICES)
        with hall.database.write() as connection:
            make_table(connection)
        yield hall
        hall.close()


@pytest.fixture(scope="module")
def clerk(hall: Hall) -> Clerk:
    return hall.sign_in(Role.OFFICER, services=["notices"])


def upload(clerk: Clerk, body: str, encoding: str = "cp932") -> str:
    """Hand a file in and return its uid."""
    file = (io.BytesIO(body.encode(encoding)), "税額一覧.csv")
    seen = clerk.post("/imports/", {"kind": "notices.notices", "file": file})
    return seen.location.removeprefix("/imports/").removesuffix("/columns")


def work_off(hall: Hall, uid: str) -> Any:
    """Do what the child process would do, and return the import."""
    bench = loading.bench(hall.database, vault=hall.vault, lookup=hall.runtime.lookup)
    loading.go_through(bench, NOTICES, uid)
    return loading.row_of(hall.database, uid)


def test_a_file_goes_through_its_three_steps(hall: Hall, clerk: Clerk) -> None:
    assert "お知らせ" in clerk.get("/imports/")
    uid = upload(clerk, HEADING + "00000001,R1.5.1,1,自動車税\r\n12,いつか,,\r\n")
    page = clerk.get(f"/imports/{uid}")
    assert "検査中" in page
    assert 'data-refresh="2"' in page.html
    assert "行まで進みました" in clerk.partial(f"/imports/{uid}/progress")
    work_off(hall, uid)
    assert "data-stop" in clerk.partial(f"/imports/{uid}/progress").html
    page = clerk.get(f"/imports/{uid}")
    for words in (
        "2行を検査しました",
        "8桁の数字にしてください",
        "日付として読めません",
        "いつか",
        "誤りのある行を除いて取り込む",
    ):
        assert words in page
    listed = clerk.get(f"/imports/{uid}/faults.csv").data.decode("utf-8-sig")
    assert "3,連携コード,8桁" in listed
    clerk.post(f"/imports/{uid}/start")
    assert "取り込み中" in clerk.get(f"/imports/{uid}")
    work_off(hall, uid)
    page = clerk.get(f"/imports/{uid}")
    assert "取り込み済み" in page
    with hall.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM loaded WHERE code = '00000001'")).scalar_one() == 1
    actions = {row.action for row in hall.audited() if row.subject == f"import:{uid}"}
    assert {"imports.upload", "imports.view", "imports.start", "imports.faults"} <= actions

    again = upload(clerk, HEADING + "00000001,R1.5.1,1,自動車税\r\n12,いつか,,\r\n")
    work_off(hall, again)
    assert "同じ内容のファイルを" in clerk.get(f"/imports/{again}")
    clerk.post(f"/imports/{again}/cancel")
    assert "取り消し" in clerk.get(f"/imports/{again}")
    clerk.post(f"/imports/{again}/start")
    assert "ほかの人が先に進めました" in told(clerk)


def test_unknown_headings_are_named_by_the_person(hall: Hall, clerk: Clerk) -> None:
    uid = upload(clerk, "ばんごう,うまれた日\r\n00000005,2019/5/1\r\n", "utf-8")
    page = clerk.get(f"/imports/{uid}/columns")
    assert "ばんごう" in page
    assert "00000005" in page
    lacking = clerk.post(f"/imports/{uid}/columns", {"column-code": "ばんごう"}, status=200)
    assert "必要な項目の列が選ばれていません" in lacking.html
    clerk.post(f"/imports/{uid}/columns", {"column-code": "ばんごう", "column-born": "うまれた日"})
    assert work_off(hall, uid).rows_bad == 0


def test_a_workbook_is_refused_with_a_sentence(hall: Hall, clerk: Clerk) -> None:
    file = (io.BytesIO(b"PK\x03\x04" + bytes(100)), "税額.xlsx")
    seen = clerk.post("/imports/", {"kind": "notices.notices", "file": file})
    assert "CSV" in clerk.get(seen.location)
    assert "読めないファイル" in clerk.get(seen.location)
    clerk.post("/imports/", {"kind": "notices.notices"})
    assert "ファイルを選んでください" in told(clerk)


def test_a_file_larger_than_a_form_may_be_is_taken(hall: Hall, clerk: Clerk) -> None:
    rows = "".join(f"{number:08},2019/5/1,1,自動車税,{'見本' * 20}\r\n" for number in range(120_000))
    assert len(rows.encode()) > 16_000_000
    body = (HEADING.replace("\r", ",備考\r") + rows).encode()
    fields = {"csrf_token": clerk.token(), "kind": "notices.notices"}
    parts = [
        f'--x\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n' for name, value in fields.items()
    ]
    parts.append('--x\r\nContent-Disposition: form-data; name="file"; filename="a.csv"\r\n\r\n')
    sent = "".join(parts).encode() + body + b"\r\n--x--\r\n"
    answer = clerk.client.post(f"{START}/imports/", data=sent, content_type="multipart/form-data; boundary=x")
    assert answer.status_code == 302
    uid = answer.headers["Location"].rpartition("/")[2]
    row = loading.row_of(hall.database, uid)
    assert (row.status, row.size) == ("checking", len(body))
    clerk.post(f"/imports/{uid}/cancel")


def test_the_sample_is_a_file_that_can_be_handed_in(hall: Hall, clerk: Clerk) -> None:
    sample = clerk.get("/imports/sample/notices.notices.csv").data.decode("utf-8-sig")
    assert sample.startswith(HEADING)
    uid = upload(clerk, sample, "utf-8-sig")
    row = work_off(hall, uid)
    assert row.rows == 1


def test_a_file_belongs_to_the_service_it_is_for(hall: Hall, clerk: Clerk) -> None:
    uid = upload(clerk, HEADING + "00000009,R1.5.1,1,自動車税\r\n")
    stranger = hall.sign_in(Role.OFFICER, services=["report"])
    for path in ("", "/progress", "/columns", "/faults.csv"):
        stranger.get(f"/imports/{uid}{path}", status=404)
    for path in ("start", "cancel"):
        stranger.post(f"/imports/{uid}/{path}", status=404)
    stranger.get("/imports/sample/notices.notices.csv", status=404)
    stranger.post("/imports/", {"kind": "notices.notices"}, status=404)
    assert "担当しているサービスには" in stranger.get("/imports/")
    with hall.database.read() as connection:
        assert connection.execute(select(Import.status).where(Import.uid == uid)).scalar_one() == "checking"
