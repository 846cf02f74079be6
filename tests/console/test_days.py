"""A day of each role in `madoguchi demo`: sign in with the code that is shown, do the work of the day, go home."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.console.access import Role
from bot.demo.staff import DOMAIN, PASSWORD
from tests.chromium import PATIENCE_MS
from tests.console.studio import SIZES
from tests.product import ROOT, free_port, listens, wait_until

START_SECONDS = 240.0
"""The sample of a busy day is entered first."""

WORK = (
    "相談",
    "申請・通報",
    "住民",
    "一斉配信",
    "承認待ち",
    "送信の記録",
    "職員と部署",
    "操作の記録",
    "ファイルの取り込み",
    "会話",
)
"""Of these titles of the navigation each role reads its own, and no other."""

pytestmark = pytest.mark.browser


class TownHall:
    """The demo, and a browser per person who works there."""

    def __init__(self, url: str, browser: Browser) -> None:
        self.url = f"{url}/console"
        self.browser = browser

    def page(self) -> Page:
        """Return a browser that nobody has signed in with."""
        context = self.browser.new_context(
            viewport=SIZES["desk"], locale="ja-JP", timezone_id="Asia/Tokyo", reduced_motion="reduce"
        )
        context.set_default_timeout(PATIENCE_MS)
        return context.new_page()

    def sign_in(self, role: Role) -> Page:
        """Sign in as the demo tells everybody to."""
        page = self.page()
        page.goto(f"{self.url}/")
        give_password(page, f"{role.value}@{DOMAIN}", PASSWORD)
        page.get_by_label("6桁の番号").fill(page.locator("strong.code").inner_text())
        press(page, "サインイン")
        expect(page.get_by_role("heading", name="ホーム", level=1)).to_be_visible()
        return page

    def refuses(self, page: Page, *paths: str) -> None:
        """See that these pages are closed, as somebody who types their address finds out."""
        for path in paths:
            answer = page.goto(f"{self.url}{path}")
            assert answer is not None
            assert answer.status == 403, path
            page.get_by_role("link", name="ホーム").first.click()


@pytest.fixture(scope="module")
def town_hall(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TownHall]:
    """`madoguchi demo` with its sample of a busy day."""
    port, folder = free_port(), tmp_path_factory.mktemp("demo")
    command = [str(Path(sys.executable).with_name("madoguchi")), "demo", "--port", str(port), "--folder", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: listens(port), START_SECONDS, "the demo to listen")
        yield TownHall(f"http://127.0.0.1:{port}", browser)
    finally:
        process.terminate()
        process.wait(START_SECONDS)


def give_password(page: Page, account: str, password: str) -> None:
    page.get_by_label("メールアドレス").fill(account)
    page.get_by_label("パスワード").fill(password)
    press(page, "つぎへ")


def press(page: Page, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def sure(page: Page) -> None:
    page.locator("#confirm").get_by_role("button", name="実行する").click()


def go(page: Page, title: str) -> None:
    """Follow the navigation."""
    page.get_by_role("navigation").get_by_role("link", name=re.compile(rf"^{title}(\s*\d+)?$")).click()
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()


def tile(page: Page, title: str) -> None:
    """Follow a figure of the home page."""
    page.locator("a.tile", has_text=title).click()
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_be_visible()


def may_open(page: Page) -> set[str]:
    """Return what of WORK the navigation offers."""
    links = page.get_by_role("navigation").get_by_role("link").all_inner_texts()
    return {title for title in WORK if any(re.fullmatch(rf"\s*{title}(\s*\d+)?\s*", link) for link in links)}


def leave(page: Page) -> None:
    """Sign out: the next person at this desk sees nothing."""
    page.get_by_role("banner").get_by_text("見本").click()
    press(page, "サインアウト")
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()
    page.go_back()
    page.reload()
    expect(page.get_by_role("heading", name="サインイン")).to_be_visible()
    page.context.close()


def test_an_administrator_takes_somebody_in_and_reads_what_they_did(town_hall: TownHall) -> None:
    page = town_hall.sign_in(Role.ADMINISTRATOR)
    assert may_open(page) == {"送信の記録", "職員と部署", "操作の記録"}
    tile(page, "引き受け手のない呼び出し")
    press_first = page.get_by_role("button", name="引き受ける").first
    press_first.click()
    go(page, "職員と部署")
    page.get_by_role("link", name="職員を加える").click()
    page.get_by_label("氏名").fill("見本 新人")
    page.get_by_label("メールアドレス").fill("new@demo.example")
    page.get_by_label("まどぐち課: 担当者").check()
    press(page, "加える")
    first = page.locator("#password").inner_text()

    newcomer = town_hall.page()
    newcomer.goto(f"{town_hall.url}/")
    give_password(newcomer, "new@demo.example", first)
    expect(newcomer.get_by_role("heading", name="認証アプリの設定")).to_be_visible()
    newcomer.get_by_label("6桁の番号").fill(newcomer.locator("strong.code").inner_text())
    press(newcomer, "設定してサインイン")
    newcomer.get_by_label("いまのパスワード").fill(first)
    for field in ("新しいパスワード", "新しいパスワード（もう一度）"):
        newcomer.get_by_label(field, exact=True).fill("窓口の花だんに水をやる朝")
    press(newcomer, "変える")
    newcomer.goto(f"{town_hall.url}/")
    assert "申請・通報" in may_open(newcomer)
    leave(newcomer)

    go(page, "操作の記録")
    expect(page.get_by_role("table")).to_contain_text("new@demo.example")
    expect(page.get_by_role("table")).to_contain_text("職員の追加")
    town_hall.refuses(page, "/submissions/", "/desk/", "/residents/", "/broadcasts/", "/covid/people", "/tax/notices")
    leave(page)


def test_a_manager_approves_what_waits_and_pauses_a_flow(town_hall: TownHall) -> None:
    page = town_hall.sign_in(Role.MANAGER)
    assert may_open(page) == set(WORK) - {"職員と部署", "操作の記録"}
    tile(page, "承認を待つ接触のお知らせ")
    expect(page.get_by_role("main")).to_contain_text("見本ホール")
    press(page, "承認して知らせる")
    expect(page.get_by_role("button", name="承認して知らせる")).to_have_count(0)

    go(page, "会話")
    page.get_by_role("link", name="道路・公園などの通報").first.click()
    press(page, "止める")
    sure(page)
    expect(page.get_by_role("main")).to_contain_text("から停止中です")
    press(page, "再開する")
    expect(page.get_by_role("main")).not_to_contain_text("から停止中です")

    go(page, "利用のようす")
    go(page, "自動車税")
    page.get_by_role("link", name="お知らせの予定").click()
    expect(page.get_by_role("table")).to_be_visible()
    town_hall.refuses(page, "/staff/", "/audit/", "/alerts/roster")
    leave(page)


def test_an_officer_works_off_a_report_takes_a_call_and_calls_somebody(town_hall: TownHall) -> None:
    page = town_hall.sign_in(Role.OFFICER)
    assert may_open(page) == set(WORK) - {"職員と部署", "操作の記録", "承認待ち"}
    tile(page, "未対応の申請・通報")
    page.get_by_role("link", name="1番を開く", exact=True).click()
    page.get_by_label("担当の職員").select_option(label="見本 三葉（自分）")
    press(page, "担当を変える")
    press(page, "「処理中」にする")
    page.get_by_label("職員だけが見るメモ").fill("きょうの午後に見に行く")
    press(page, "メモを残す")
    page.get_by_label("使う文例").select_option(label="受け付けました")
    press(page, "送る")
    sure(page)
    expect(page.get_by_role("region", name="経過")).to_contain_text("きょうの午後に見に行く")
    expect(page.get_by_role("region", name="状況")).to_contain_text("処理中")

    go(page, "電話の受付")
    page.get_by_role("link", name="道路・公園などの通報").click()
    page.get_by_label("種類").select_option(label="街灯")
    page.get_by_label("場所の説明").fill("まどぐち町役場のまえ")
    press(page, "受け付ける")
    expect(page.get_by_role("main")).to_contain_text("まどぐち町役場のまえ")
    expect(page.get_by_role("main")).to_contain_text("電話")

    go(page, "電話の一覧")
    page.get_by_role("button", name="次の方へ").click()
    page.get_by_label("メモ").fill("ごはんも食べられているとのこと")
    page.get_by_role("button", name="話せた（変わりなし）").click()
    go(page, "一斉配信")
    page.get_by_role("link", name="まつりの案内").click()
    expect(page.get_by_role("heading", name="まつりの案内", level=1)).to_be_visible()
    town_hall.refuses(page, "/staff/", "/audit/", "/approvals/", "/residents/requests", "/desk/offices")
    leave(page)


def test_a_counsellor_answers_whoever_is_in_danger_and_writes_it_down(town_hall: TownHall) -> None:
    page = town_hall.sign_in(Role.COUNSELLOR)
    assert may_open(page) == {"相談", "申請・通報", "住民", "送信の記録", "会話"}
    tile(page, "待っている相談")
    page.locator("#queue").get_by_role("link", name="緊急").click()
    page.get_by_role("button", name="引き受けて答える").click()
    page.get_by_label("返事", exact=True).fill("相談員の四季です。お話を聞かせてください。")
    page.get_by_role("button", name="送る").click()
    held_back = page.get_by_label("画面を離れていることを承知で送ります")
    said = page.get_by_role("main").get_by_text("相談員の四季です。お話を聞かせてください。")
    expect(held_back.or_(said.and_(page.locator(":not(textarea)"))).first).to_be_visible()
    if held_back.count():
        held_back.check()
        page.get_by_role("button", name="送る").click()
    expect(page.locator("#messages, .desk-messages").first).to_contain_text("相談員の四季です。")
    page.get_by_label("メモを書く").fill("続けて様子を見る")
    press(page, "メモを残す")
    page.get_by_role("link", name="受付票").click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    town_hall.refuses(page, "/covid/calls", "/imports/", "/broadcasts/", "/tax/", "/staff/", "/audit/")
    leave(page)


def test_an_outsourced_operator_answers_and_takes_calls_and_can_carry_nothing_away(town_hall: TownHall) -> None:
    page = town_hall.sign_in(Role.OPERATOR)
    assert may_open(page) == {"相談"}
    go(page, "相談")
    page.locator("#queue").get_by_role("link", name="待っています").last.click()
    page.get_by_role("button", name="引き受けて答える").click()
    expect(page.get_by_label("返事", exact=True)).to_be_visible()
    expect(page.get_by_role("link", name="受付票")).to_have_count(0)
    expect(page.get_by_role("link", name="印刷")).to_have_count(0)
    go(page, "電話の受付")
    page.get_by_role("link", name="道路・公園などの通報").click()
    page.get_by_label("場所の説明").fill("町民広場の入口")
    press(page, "受け付ける")
    expect(page.get_by_role("status")).to_contain_text("受け付けました")
    town_hall.refuses(
        page, "/submissions/", "/submissions/table.csv", "/residents/", "/deliveries/", "/broadcasts/", "/audit/"
    )
    leave(page)


def test_an_approver_says_yes_to_what_somebody_else_wrote(town_hall: TownHall) -> None:
    page = town_hall.sign_in(Role.APPROVER)
    assert may_open(page) == {"一斉配信", "承認待ち", "会話"}
    page.locator('a.tile[href="/console/approvals/"]').click()
    page.get_by_role("link", name="北部の断水").click()
    press(page, "この内容で承認する")
    sure(page)
    expect(page.get_by_text("承認しました。")).to_be_visible()
    go(page, "承認待ち")
    expect(page.get_by_role("main")).not_to_contain_text("北部の断水")
    go(page, "自動車税")
    expect(page.get_by_role("link", name="登録のロック")).to_have_count(0)
    town_hall.refuses(page, "/broadcasts/new", "/submissions/", "/residents/", "/desk/", "/imports/", "/staff/")
    leave(page)


def test_an_auditor_checks_the_record_and_sees_no_content(town_hall: TownHall) -> None:
    page = town_hall.sign_in(Role.AUDITOR)
    assert may_open(page) == {"操作の記録"}
    go(page, "操作の記録")
    press(page, "改ざんがないか検査する")
    expect(page.get_by_text("件の記録に改ざんはありません")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSVで書き出す").click()
    assert "sign_in" in Path(download.value.path()).read_text(encoding="utf-8")
    go(page, "データマップ")
    go(page, "感染症の統計")
    town_hall.refuses(
        page,
        "/submissions/",
        "/residents/",
        "/desk/",
        "/deliveries/",
        "/broadcasts/",
        "/tax/",
        "/covid/people",
        "/staff/",
    )
    leave(page)
