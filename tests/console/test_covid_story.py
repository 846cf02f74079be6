"""An exposure and a call as everybody meets them, in Chromium before the stand-in: shop, guest, officer, approver."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from bot.console.access import Role
from bot.now import TOKYO
from bot.simulator.client import Person
from tests.chromium import PATIENCE_MS
from tests.conftest import databases
from tests.console.studio import SIZES, Studio

SERVICES = ["covid"]
pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def studio(
    request: pytest.FixtureRequest, browser: Browser, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Studio]:
    """A town with the shipped flows."""
    folder: Path = tmp_path_factory.mktemp("story")
    with databases(request, folder) as make, Studio(make("sqlite"), folder, browser) as studio:
        yield studio


def a_shop(studio: Studio, size: str = "phone") -> Page:
    """Return the browser of a shop: nobody the town knows."""
    context = studio.browser.new_context(viewport=SIZES[size], locale="ja-JP", reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    studio.complaints = []
    page = context.new_page()
    page.goto(f"http://127.0.0.1:{studio.product.port}/facilities/")
    return page


def hears(person: Person, words: str) -> list[dict[str, Any]]:
    return list(person.wait_for(words))


def test_a_shop_registers_a_guest_scans_and_is_told_after_two_clicks(studio: Studio) -> None:
    shop = a_shop(studio)
    studio.check(shop, "covid-public-kinds")
    shop.get_by_role("link", name="飲食店").click()
    shop.get_by_role("button", name="登録して取組書を作る").click()
    expect(shop.get_by_role("alert")).to_contain_text("施設の名前")
    studio.check(shop, "covid-public-form")
    for label, value in (
        ("施設の名前", "見本食堂"), ("所在地", "まどぐち町1"), ("担当の方のお名前", "見本 太郎"), ("電話番号", "000-000-0000"),
    ):  # fmt: skip
        shop.get_by_label(label, exact=True).fill(value)
    shop.get_by_label("入口に手指の消毒液を置いています").check()
    shop.get_by_role("button", name="登録して取組書を作る").click()
    expect(shop.get_by_role("status")).to_contain_text("登録されています")
    studio.check(shop, "covid-public-own")
    shop.get_by_role("link", name="印刷用の画面を開く").click()
    code = shop.locator(".code").inner_text()
    shop.set_viewport_size(SIZES["desk"])
    studio.check(shop, "covid-public-print")

    guest, other = (studio.product.line.resident(name) for name in ("見本 花子", "見本 次郎"))
    guest.say(f"来場 {code[:-1]}{'0' if code[-1] != '0' else '1'}")
    hears(guest, "この符号は使えません")
    guest.say(f"来場 {code}")
    hears(guest, "「見本食堂」への来場を登録しました")
    guest.press_button("退場を登録する")
    hears(guest, "「見本食堂」からの退場を登録しました")
    other.say("来場の記録")
    hears(other, "来場の記録はありません")

    now = studio.hall.now().astimezone(TOKYO)
    begin = now - dt.timedelta(minutes=10)
    officer = studio.open("/covid/facilities", Role.OFFICER, services=SERVICES)
    officer.get_by_role("link", name="開く").first.click()
    officer.get_by_role("link", name="接触のお知らせ", exact=True).last.click()
    for name, value in (
        ("day", begin.date().isoformat()), ("from", begin.strftime("%H:%M")), ("to", now.strftime("%H:%M")),
    ):  # fmt: skip
        officer.fill(f"#{name}", value)
        officer.dispatch_event(f"#{name}", "change")
    expect(officer.locator("#preview")).to_contain_text("1件")
    officer.get_by_role("button", name="承認を依頼する").click()
    expect(officer.get_by_text("別の人の承認を待っています")).to_be_visible()

    approver = studio.open("/", Role.APPROVER, services=SERVICES)
    approver.locator(".tile", has_text="承認を待つ接触のお知らせ").click()
    approver.get_by_role("button", name="承認して知らせる").click()
    [told] = hears(guest, "【大切なお知らせ】")
    assert "見本食堂" not in str(told)
    approver.get_by_role("button", name="誤りなので取り消す").click()
    approver.locator("#confirm").get_by_role("button", name="実行する").click()
    hears(guest, "【訂正とお詫び】")
    assert not [each for each in other.answers() if "大切なお知らせ" in str(each)]


def test_somebody_at_home_becomes_worse_and_is_called(studio: Studio) -> None:
    ill = studio.product.line.resident("見本 桜")
    for said, answer in (
        ("自宅療養", "同意いただける方だけ"), ("同意する", "電話番号を入力"), ("090-0000-0001", "年代を選んで"),
        ("65歳以上", "当てはまりますか"), ("はい", "郵便番号"), ("スキップ", "次の内容でよろしいですか"),
        ("これでよい", "1日2回うかがいます"), ("いまの体調", "いまの体温は何度ですか"), ("38.9", "息苦しさはありますか"),
        ("じっとしても息苦しい", "だるさはありますか"), ("少しだるい", "のどの痛みはありますか"), ("はい", "吐き気はありますか"),
        ("いいえ", "担当の職員が確認し、お電話します"),
    ):  # fmt: skip
        ill.say(said)
        hears(ill, answer)

    officer = studio.open("/", Role.OFFICER, services=SERVICES)
    officer.locator(".tile", has_text="電話する方").click()
    officer.get_by_role("button", name="次の方へ").click()
    expect(officer.get_by_text("38.9")).to_be_visible()
    expect(officer.get_by_role("link", name="09000000001")).to_be_visible()
    officer.get_by_label("メモ").fill("救急へ")
    officer.get_by_role("button", name="入院・施設へ").click()
    expect(officer.get_by_text("いま電話する方はいません")).to_be_visible()
