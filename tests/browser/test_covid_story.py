"""A resident on a phone: scans a shop's poster, leaves, deletes the visit; recovers at home, is asked, asked again, answers."""

from __future__ import annotations

import datetime as dt

import pytest
from playwright.sync_api import Page

from bot.now import TOKYO
from tests.browser.test_tax_story import hears, press, say, travel_to

pytestmark = pytest.mark.browser


def poster_code(page: Page, demo: str) -> str:
    """Register a shop in the same browser and return the code on its poster."""
    page.goto(f"{demo}/facilities/new/restaurant")
    for label, value in (
        ("施設の名前", "見本亭"), ("所在地", "まどぐち町1"), ("担当の方のお名前", "見本 太郎"), ("電話番号", "000-000-0000"),
    ):  # fmt: skip
        page.get_by_label(label, exact=True).fill(value)
    page.get_by_role("button", name="登録して取組書を作る").click()
    page.get_by_role("link", name="印刷用の画面を開く").click()
    return page.locator(".code").first.inner_text()


def test_a_resident_checks_in_checks_out_and_deletes_the_visit(page: Page, demo: str) -> None:
    code = poster_code(page, demo)
    page.goto(demo)
    press(page, "日本語")
    hears(page, "ご用件をお選びください")
    say(page, f"来場 {code[:-1]}{'1' if code[-1] == '0' else '0'}")
    hears(page, "この符号は使えません")
    say(page, f"来場 {code}")
    hears(page, "「見本亭」への来場を登録しました")
    press(page, "退場を登録する")
    hears(page, "「見本亭」からの退場を登録しました")
    press(page, "来場の記録を見る")
    hears(page, "来場の記録です（28日で消えます）")
    press(page, "すべて消す")
    hears(page, "消すと、接触のお知らせも届きません")
    press(page, "はい")
    hears(page, "消しました。")
    say(page, "来場の記録")
    hears(page, "来場の記録はありません")


def next_question(now: dt.datetime) -> dt.datetime:
    """Return when people at home are asked next, none that may pass while somebody is still registering."""
    days = (now.date() + dt.timedelta(days=ahead) for ahead in range(2))
    moments = (dt.datetime.combine(day, dt.time(hour), TOKYO) for day in days for hour in (9, 16))
    return next(each for each in moments if each > now + dt.timedelta(minutes=10))


def test_a_resident_at_home_is_asked_asked_again_and_answers(page: Page, demo: str) -> None:
    page.goto(demo)
    press(page, "日本語")
    hears(page, "ご用件をお選びください")
    say(page, "自宅療養")
    hears(page, "同意いただける方だけ")
    press(page, "同意する")
    hears(page, "日中に連絡のつく電話番号")
    say(page, "090-0000-0001")
    press(page, "40〜64歳")
    hears(page, "当てはまりますか")
    press(page, "いいえ")
    hears(page, "郵便番号（7桁）")
    press(page, "スキップ")
    press(page, "これでよい")
    hears(page, "1日2回うかがいます")

    asked = next_question(dt.datetime.now(TOKYO))
    travel_to(page, f"{asked:%Y-%m-%dT%H:15}")
    hears(page, "きょうの体調をお知らせください")
    travel_to(page, f"{asked + dt.timedelta(hours=3):%Y-%m-%dT%H:15}")
    hears(page, "まだお返事をいただいていません")
    press(page, "答える")
    hears(page, "いまの体温は何度ですか")
    say(page, "36.5")
    press(page, "ない")
    hears(page, "だるさはありますか")
    press(page, "ない")
    hears(page, "のどの痛みはありますか")
    press(page, "いいえ")
    hears(page, "吐き気はありますか")
    press(page, "いいえ")
    hears(page, "いまは落ち着いているようです")
