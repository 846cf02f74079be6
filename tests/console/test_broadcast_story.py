"""A broadcast as its people see it, in Chromium before the stand-in: composed, tried, approved, stopped, corrected, reported."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import insert, select

from bot import models
from bot.console.access import Role
from bot.models import Broadcast, Resident
from bot.simulator.client import Person
from tests.conftest import databases
from tests.console.studio import Studio
from tests.product import PATIENCE, wait_until

WORDS = "あすの9時から15時まで、北部で断水します。"

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def studio(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A town with the shipped flows."""
    folder: Path = tmp_path_factory.mktemp("story")
    with databases(request, folder) as make, Studio(make("sqlite"), folder, browser) as studio:
        yield studio


def come_in(studio: Studio, number: int) -> list[Person]:
    """Enter people in the roll who are friends of the account."""
    people = [studio.product.line.resident(f"住民{each}") for each in range(number)]
    now = studio.hall.now()
    with studio.hall.database.write() as connection:
        channel = connection.execute(select(models.Channel.id)).scalar_one()
        common = {"channel_id": channel, "friend": True, "friend_at": 0, "created_at": now}
        rows = [common | {"line_user_id": one.id, "reference": f"REF{place:07}"} for place, one in enumerate(people)]
        connection.execute(insert(Resident), rows)
    return people


def texts(studio: Studio, person: Person) -> list[str]:
    sends = [each for each in studio.product.line.sends() if person.id in each["delivered"]]
    return [message["text"] for each in sends for message in each["messages"] if message["type"] == "text"]


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def sure(page: Page) -> None:
    page.locator("#confirm").get_by_role("button", name="実行する").click()


def test_a_broadcast_from_the_first_word_to_its_report(studio: Studio) -> None:
    people = come_in(studio, 4)
    officer_id = studio.hall.add_staff(Role.OFFICER, name="見本 花子")
    approver_id = studio.hall.add_staff(Role.APPROVER, name="見本 次郎")
    with studio.hall.database.write() as connection:
        mine = connection.execute(select(Resident.id).order_by(Resident.id.desc()).limit(1)).scalar_one()
        tester = {"resident_id": mine, "staff_id": officer_id, "since": studio.hall.now()}
        connection.execute(insert(models.Tester), tester)

    officer = studio.open_as("/broadcasts/new", officer_id)
    officer.get_by_label("件名").fill("断水のお知らせ")
    press(officer, "次へ（文面）")
    officer.locator("#text_ja").fill(WORDS)
    expect(officer.locator("#phones .bubble")).to_have_text(WORDS)
    expect(officer.locator("#phones .lock-notice")).to_contain_text(WORDS)
    press(officer, "保存して次へ（配信先）")
    expect(officer.locator("#reach")).to_contain_text("4 人")
    press(officer, "この条件で次へ（予定）")
    officer.get_by_label("緊急（夜間も送る）").check()
    press(officer, "保存して確認へ")
    campaign = officer.url.removeprefix(studio.url)

    press(officer, "試し送りする")
    wait_until(lambda: texts(studio, people[-1]), PATIENCE, "the test to arrive")
    assert texts(studio, people[-1]) == ["【試し送り】 ja", WORDS]
    assert [texts(studio, one) for one in people[:-1]] == [[], [], []]
    press(officer, "承認を依頼する")
    expect(officer.get_by_text("依頼した人や書いた人とは別の")).to_be_visible()

    approver = studio.open_as("/", approver_id)
    approver.locator('a.tile[href="/console/approvals/"]').click()
    approver.get_by_role("link", name="断水のお知らせ").click()
    assert approver.url.removeprefix(studio.url) == campaign
    press(approver, "この内容で承認する")
    sure(approver)
    expect(approver.get_by_role("button", name="この内容で承認する")).to_have_count(0)
    expect(approver.get_by_text("承認しました。")).to_be_visible()

    officer.goto(studio.url + campaign)
    officer.get_by_role("link", name="ようすを見る").click()
    expect(officer.locator("#live")).to_contain_text("送信ずみ")
    for one in people:
        assert texts(studio, one)[-1] == WORDS
    press(officer, "受け取った人に訂正を送る")
    officer.locator("#text_ja").fill("訂正：断水は10時からです。")
    press(officer, "保存して次へ（配信先）")
    press(officer, "保存して確認へ")
    press(officer, "承認を依頼する")
    correction = officer.url.removeprefix(studio.url)
    approver.goto(studio.url + correction)
    press(approver, "この内容で承認する")
    sure(approver)
    expect(approver.get_by_role("button", name="この内容で承認する")).to_have_count(0)
    wait_until(lambda: all("10時" in texts(studio, one)[-1] for one in people), PATIENCE, "the correction to arrive")

    officer.goto(studio.url + campaign)
    officer.get_by_role("link", name="ようすを見る").click()
    with officer.expect_download() as download:
        officer.get_by_role("link", name="CSV（UTF-8）").click()
    report = Path(download.value.path()).read_bytes()
    assert report.startswith(b"\xef\xbb\xbf")
    assert "LINEが受け付けた,4" in report.decode("utf-8-sig")
    officer.context.close()
    approver.context.close()


def test_a_broadcast_is_stopped_before_it_leaves(studio: Studio) -> None:
    officer_id, approver_id = studio.hall.add_staff(Role.OFFICER), studio.hall.add_staff(Role.APPROVER)
    officer = studio.open_as("/broadcasts/new", officer_id)
    officer.get_by_label("件名").fill("止める配信")
    press(officer, "次へ（文面）")
    officer.locator("#text_ja").fill("これは送りません。")
    press(officer, "保存して次へ（配信先）")
    press(officer, "この条件で次へ（予定）")
    officer.get_by_label("日時を指定する").check()
    tomorrow = officer.evaluate("new Date(Date.now() + 86400000).toLocaleDateString('sv')")
    officer.locator("#day").fill(tomorrow)
    officer.locator("#time").fill("10:00")
    press(officer, "保存して確認へ")
    press(officer, "承認を依頼する")
    approver = studio.open_as(officer.url.removeprefix(studio.url), approver_id)
    press(approver, "この内容で承認する")
    sure(approver)
    expect(approver.get_by_role("button", name="この内容で承認する")).to_have_count(0)
    officer.reload()
    press(officer, "中止する")
    sure(officer)
    expect(officer.get_by_text("変更しました。")).to_be_visible()
    with studio.hall.database.read() as connection:
        titles = connection.execute(select(Broadcast.title)).scalars().all()
    assert "止める配信" not in titles
    officer.context.close()
    approver.context.close()


def test_the_builder_of_segments_works_without_leaving_the_page(studio: Studio) -> None:
    page = studio.open("/broadcasts/segments/new", Role.OFFICER)
    page.get_by_label("名前").fill("英語の人")
    page.get_by_label("条件1の種類").select_option("language")
    page.get_by_label("English").check()
    expect(page.locator("#reach b")).to_be_visible()
    press(page, "グループを足す")
    expect(page.get_by_role("group", name="グループ2")).to_be_visible()
    assert page.get_by_label("English").is_checked()
    press(page, "保存")
    expect(page.get_by_role("heading", name="英語の人", level=1)).to_be_visible()
    page.context.close()


def test_what_goes_wrong_beside_the_page_is_said_on_it_and_nothing_typed_is_lost(studio: Studio) -> None:
    officer_id = studio.hall.add_staff(Role.OFFICER)
    page = studio.open_as("/broadcasts/new", officer_id)
    page.get_by_label("件名").fill("途中でやめた配信")
    press(page, "次へ（文面）")
    page.locator("#text_ja").fill("まつりは中止です。")
    press(page, "保存して次へ（配信先）")
    page.get_by_label("条件1の種類").select_option("language")
    page.context.set_offline(True)
    press(page, "グループを足す")
    expect(page.locator("#flashes")).to_contain_text("つながりません")
    page.context.set_offline(False)
    studio.hall.sign_in_as(officer_id).post(f"/broadcasts/{page.url.split('/')[-2]}/discard")
    press(page, "グループを足す")
    expect(page.locator("#flashes")).to_contain_text("ほかの操作が先に済んでいます")
    expect(page.get_by_label("条件1の種類")).to_have_value("language")
    assert page.get_by_role("heading", level=1).count() == 1
    page.context.close()


@pytest.mark.parametrize(
    ("path", "name", "role"),
    [
        ("/broadcasts/", "broadcasts", Role.MANAGER),
        ("/broadcasts/new", "broadcast-new", Role.OFFICER),
        ("/broadcasts/1", "broadcast-one", Role.MANAGER),
        ("/broadcasts/sent/1", "broadcast-sent", Role.OFFICER),
        ("/broadcasts/segments", "segments", Role.OFFICER),
        ("/broadcasts/segments/1", "segment", Role.OFFICER),
        ("/broadcasts/testers", "testers", Role.OFFICER),
        ("/approvals/", "approvals", Role.APPROVER),
        ("/deliveries/", "deliveries", Role.OFFICER),
        ("/deliveries/1", "delivery", Role.OFFICER),
        ("/failed-events/", "failed-events", Role.OFFICER),
    ],
)
def test_each_page_reads_well_in_both_languages_at_a_desk_and_on_a_phone(
    studio: Studio, path: str, name: str, role: Role
) -> None:
    studio.look(path, name, role)


def test_the_steps_of_composing_read_well(studio: Studio) -> None:
    officer_id = studio.hall.add_staff(Role.OFFICER)
    page = studio.open_as("/broadcasts/new", officer_id)
    page.get_by_label("件名").fill("見た目")
    press(page, "次へ（文面）")
    number = page.url.split("/")[-2]
    page.locator("#text_ja").fill("あすは{{ town.name }}まつりです。")
    page.locator("#card_text_ja").fill("会場は町民広場です。")
    press(page, "保存して次へ（配信先）")
    page.context.close()
    for step in ("content", "audience", "schedule"):
        studio.look(f"/broadcasts/{number}/{step}", f"broadcast-{step}", Role.OFFICER)
