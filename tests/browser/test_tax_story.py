"""The whole story in a browser: a newcomer opens the demo, registers for the vehicle tax, and sees the reminder arrive."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

TRAVEL_MS = 180_000
"""Half a year, with everything the clock visits on the way."""


def say(page: Page, text: str) -> None:
    page.get_by_role("textbox", name="メッセージを入力").fill(text)
    page.get_by_role("button", name="送信").click()


def press(page: Page, label: str) -> None:
    page.get_by_role("button", name=label, exact=True).last.click()


def hears(page: Page, text: str) -> None:
    expect(page.get_by_role("log")).to_contain_text(text)


def travel_to(page: Page, moment: str) -> None:
    page.get_by_role("button", name="開発ツール").click()
    page.get_by_role("tab", name="時間", exact=True).click()
    page.get_by_label("移動先の日時").fill(moment)
    page.get_by_role("button", name="この日時へ進める").click()
    expect(page.get_by_role("status").filter(has_text="になりました")).to_be_visible(timeout=TRAVEL_MS)
    page.get_by_role("button", name="閉じる", exact=True).click()


def test_a_resident_registers_is_reminded_changes_and_stops(page: Page, demo: str) -> None:
    page.goto(demo)
    hears(page, "ことばを選んでください")
    press(page, "日本語")
    hears(page, "ご用件をお選びください")
    press(page, "自動車税のお知らせ")
    hears(page, "お名前や車の番号はお聞きしません")
    press(page, "自動車税（普通車など）")
    hears(page, "何日前にお知らせしますか")
    press(page, "戻る")
    press(page, "自動車税（普通車など）")
    press(page, "7日前")
    hears(page, "登録しました")
    hears(page, "5月24日")

    travel_to(page, "2027-05-24T09:59")
    expect(page.get_by_role("log")).not_to_contain_text("【お知らせ】")
    travel_to(page, "2027-05-24T10:01")
    hears(page, "【お知らせ】自動車税種別割の納期限は 2027年5月31日（月） です（あと7日）")

    press(page, "お知らせを変える")
    hears(page, "次のお知らせを登録しています")
    hears(page, "2028年5月31日（水）、お知らせ 2028年5月24日（7日前）")
    press(page, "変更・追加する")
    press(page, "自動車税（普通車など）")
    press(page, "30日前")
    hears(page, "お知らせ：2028年5月1日（月） 午前10時ごろ")

    press(page, "お知らせをやめる")
    hears(page, "すべてやめますか")
    press(page, "はい")
    hears(page, "登録の内容は削除しました")


@pytest.mark.parametrize(
    ("language", "asked", "kind", "days", "done"),
    [
        ("やさしい日本語", "どんな 車ですか", "小さい車・バイク", "30日まえ", "とうろくしました"),
        ("English", "Which tax is it?", "Light vehicle tax", "30 days before", "You are registered"),
    ],
)
def test_the_same_in_easy_japanese_and_in_english(
    page: Page, demo: str, language: str, asked: str, kind: str, days: str, done: str
) -> None:
    page.goto(demo)
    press(page, language)
    say(page, "vehicle tax")
    hears(page, asked)
    press(page, kind)
    press(page, days)
    hears(page, done)
