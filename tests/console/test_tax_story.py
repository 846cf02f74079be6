"""From the CSV to the payment, in a browser and a chat: staff import, a resident links and says it is paid, staff reconcile."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from bot.console.access import Role
from bot.now import TOKYO
from bot.simulator.client import Person
from tests.console.studio import Studio
from tests.handlers.tax.conftest import csv, line

pytestmark = pytest.mark.browser
PATIENCE_MS = 60_000


def hand_in(page: Page, studio: Studio, kind: str, path: Path) -> None:
    """Upload a file, wait for its check, start it, and wait until it is loaded."""
    page.goto(f"{studio.url}/imports/")
    page.get_by_label("種類").select_option(kind)
    page.get_by_label("CSVファイル").set_input_files(path)
    page.get_by_role("button", name="アップロードして検査する").click()
    page.get_by_role("button", name="取り込む", exact=True).click(timeout=PATIENCE_MS)
    expect(page.get_by_text("取り込み済み")).to_be_visible(timeout=PATIENCE_MS)


def asked(person: Person, text: str, answer: str) -> None:
    person.say(text)
    person.wait_for(answer)


def test_a_notice_goes_from_the_file_to_the_paid_list(town_studio: Studio, tmp_path: Path) -> None:
    studio = town_studio
    today = dt.datetime.now(TOKYO).date()
    notices, paid = tmp_path / "notices.csv", tmp_path / "paid.csv"
    due = today + dt.timedelta(days=20)
    notices.write_bytes(csv(line("71717171", due=due.isoformat()), line("72727272", due=due.isoformat())))
    yesterday = today - dt.timedelta(days=1)
    paid.write_bytes(csv(f"71717171,{yesterday.isoformat()}", headings="連携コード,納付日"))
    page = studio.open("/tax/", Role.MANAGER)

    hand_in(page, studio, "tax.notices", notices)
    page.goto(f"{studio.url}/tax/")
    row = page.get_by_role("row").filter(has_text="自動車税種別割")
    expect(row).to_contain_text("0.0%")

    hanako = studio.product.line.resident("山田 花子")
    asked(hanako, "連携コード", "どなたの納税通知書ですか")
    asked(hanako, "自分の通知書", "「連携コード」を入力してください")
    asked(hanako, "7171-7171", "どちらかをお聞きします")
    asked(hanako, "持ち主の生年月日", "生年月日を入れてください")
    asked(hanako, "昭和55年3月1日", "登録しました")
    asked(hanako, "納め方", "納付に使う番号")
    cards = [one["message"] for one in hanako.messages() if one["message"]["type"] == "flex"][-1]
    assert '"clipboardText": "00000000000071717171"' in _written(cards)
    assert "34,500" not in cards["altText"]
    asked(hanako, "納めました", "お知らせを止めました")

    page.reload()
    expect(row).to_contain_text("50.0%")
    page.goto(f"{studio.url}/tax/notices?state=said_paid")
    expect(page.get_by_role("table")).to_contain_text("本人の連絡あり")

    hand_in(page, studio, "tax.payments", paid)
    page.goto(f"{studio.url}/tax/paid")
    page.get_by_role("link", name="開く").first.click()
    page.once("dialog", lambda dialog: dialog.accept())
    page.get_by_label("この日までに納められた分は、すべて入っている").fill(yesterday.isoformat())
    page.get_by_role("button", name="決める").click()
    confirm = page.get_by_role("dialog")
    if confirm.count():
        confirm.get_by_role("button").last.click()
    expect(page.get_by_text("までとしています")).to_be_visible()
    asked(hanako, "納税通知書", "どうしますか")
    shown = [one["message"] for one in hanako.messages() if one["message"]["type"] == "flex"][-1]
    assert "納付を確認しました" in _written(shown)


def _written(message: object) -> str:
    return json.dumps(message, ensure_ascii=False)
