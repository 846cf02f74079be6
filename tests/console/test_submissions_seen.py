"""The pages of submissions and imports as they are seen: both languages, a desk and a phone, axe on each."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser
from sqlalchemy import update

from bot.console.access import Role
from bot.imports import work
from bot.models import Import, MessageTemplate
from tests.conftest import databases
from tests.console.filing import SERVICES, Filing, write_flows
from tests.console.studio import Studio
from tests.imports import loading
from tests.imports.notices import NOTICES, make_table
from tests.product import PATIENCE, wait_until

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def studio(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A running town that keeps what is filed and takes a file."""
    folder: Path = tmp_path_factory.mktemp("filing_seen")
    with (
        databases(request, folder) as make,
        Studio(make("sqlite"), folder, browser, write_flows(folder), SERVICES) as studio,
    ):
        with studio.hall.database.write() as connection:
            make_table(connection)
        yield studio


@pytest.fixture(scope="module")
def filing(studio: Studio) -> Filing:
    return Filing(studio.hall)


def test_the_list_is_readable(studio: Studio, filing: Filing) -> None:
    person = filing.resident()
    hanako = studio.hall.add_staff(Role.OFFICER, services=["report"], name="見本 花子")
    for number, status in enumerate(["new", "new", "working", "waiting", "done", "cancelled"]):
        filing.file(
            {"detail": "見本"},
            minutes=number * 70,
            status=status,
            resident_id=person.id,
            assigned_to=hanako if number else None,
        )
    filing.file({"detail": "見本"}, source="telephone", on_hold=True)
    studio.look("/submissions/?status=any&flow=report.damage", "submissions-list", Role.OFFICER)
    studio.look("/submissions/?q=ありえない言葉", "submissions-none", Role.OFFICER)


def test_one_submission_is_readable(studio: Studio, filing: Filing) -> None:
    person = filing.resident()
    answers: dict[str, Any] = {
        "category": "park", "photo": {"attachment": "b", "kind": "image"}, "bench": 3, "urgent": True, "seen_on": "2026-07-01",
        "place": {"latitude": 35.5, "longitude": 139.5, "address": "見本県まどぐち町見本1丁目"},
        "detail": "ベンチの座面が割れていて、\n子どもがけがをしそうです。\n" + "長い説明です。" * 20,
    }  # fmt: skip
    number = filing.file(answers, resident_id=person.id)
    filing.photo(number, person.id, "b")
    texts = {"ja": "{手続き}（受付番号{受付番号}）を確認しました。ありがとうございました。"}
    template = studio.hall.enter(
        MessageTemplate, name="確認しました", flow=None, texts=texts, changed_at=studio.hall.now()
    )
    studio.look(f"/submissions/{number}?template={template}", "submissions-one", Role.MANAGER)
    studio.look(f"/submissions/{number}/print", "submissions-print", Role.OFFICER)
    studio.look("/submissions/templates/", "submissions-templates", Role.OFFICER)
    studio.look(f"/submissions/templates/{template}", "submissions-template", Role.OFFICER)

    page = studio.open(f"/submissions/{number}", Role.OFFICER)
    page.get_by_role("button", name="写真を表示").click()
    picture = page.locator("img.picture")
    picture.wait_for()
    assert picture.evaluate("one => one.complete || new Promise(done => one.onload = () => done(true))")
    assert picture.evaluate("one => one.naturalWidth") > 0
    page.get_by_label("職員だけが見るメモ").fill("現地を確認した")
    page.get_by_role("button", name="メモを残す").click()
    page.get_by_text("メモを残しました。").wait_for()
    page.get_by_role("button", name="「処理中」にする").click()
    page.get_by_text("「処理中」にしました。").wait_for()
    studio.check(page, "submissions-worked")
    page.context.close()


def test_the_form_for_the_telephone_is_readable(studio: Studio, filing: Filing) -> None:
    studio.look("/submissions/new", "submissions-choose", Role.OPERATOR)
    studio.look("/submissions/new/report.damage", "submissions-enter", Role.OPERATOR)
    page = studio.open("/submissions/new/report.damage", Role.OFFICER, size="phone")
    page.get_by_label("見た日").fill("いつか")
    page.get_by_role("button", name="受け付ける").click()
    page.get_by_role("alert").wait_for()
    studio.check(page, "submissions-enter-wrong")
    page.get_by_label("見た日").fill("令和8年7月1日")
    page.get_by_label("種類").select_option("road")
    page.get_by_role("button", name="受け付ける").click()
    page.get_by_text("受け付けました。受付番号は").wait_for()
    page.context.close()


def test_a_file_goes_through_its_steps_in_the_browser_and_a_child_process(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "税額一覧.csv"
    rows = "".join(f"{number:08},R1.5.1,{number},自動車税\r\n" for number in range(3_000))
    path.write_bytes(f"連携コード,生年月日,税額,税目\r\n{rows}12,いつか,△5,自転車税\r\n".encode("cp932"))
    studio.look("/imports/", "imports-list", Role.MANAGER)
    page = studio.open("/imports/", Role.MANAGER)
    page.get_by_label("CSVファイル").set_input_files(path)
    page.get_by_role("button", name="アップロードして検査する").click()
    page.get_by_text("3,001行を検査しました").wait_for()
    studio.check(page, "imports-checked-now")
    uid = page.url.rpartition("/")[2]
    studio.look(f"/imports/{uid}", "imports-checked", Role.MANAGER)
    studio.look(f"/imports/{uid}/columns", "imports-columns", Role.MANAGER)
    page.get_by_role("button", name="誤りのある行を除いて取り込む").click()
    page.get_by_role("button", name="実行する").click()
    page.get_by_text("新しく加えた").wait_for()
    wait_until(lambda: loading.row_of(studio.hall.database, uid).status == "done", PATIENCE, "the import to be done")
    assert loading.row_of(studio.hall.database, uid).added == 3_000
    studio.look(f"/imports/{uid}", "imports-done", Role.MANAGER)
    page.context.close()


def test_an_import_under_way_is_readable(studio: Studio) -> None:
    hall = studio.hall
    desk = loading.imports(hall.database, hall.vault, hall.runtime.lookup)
    uid = desk.receive(work.Upload(NOTICES, "途中.csv", io.BytesIO(b"x,y\r\n1,2\r\n"), None), hall.now())
    with hall.database.write() as connection:
        values = {"status": "loading", "rows": 300_000, "rows_read": 120_000}
        connection.execute(update(Import).where(Import.uid == uid).values(values))
    studio.look(f"/imports/{uid}", "imports-loading", Role.MANAGER)
