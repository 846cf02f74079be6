"""The secure page in the demo: an office chooses it, a child talks there on a phone, and LINE tells only that there is a reply."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from bot.simulator.client import Person, Simulator

pytestmark = pytest.mark.browser

PASSWORD = "madoguchi-demo-2026"


def sign_in(browser: Browser, demo: str, who: str) -> Page:
    """Sign in as one of the demo's accounts, with the code that its page shows."""
    page = browser.new_context(locale="ja-JP", timezone_id="Asia/Tokyo", base_url=demo).new_page()
    page.goto("/console/")
    page.get_by_label("メールアドレス").fill(f"{who}@demo.example")
    page.get_by_label("パスワード", exact=True).fill(PASSWORD)
    page.get_by_role("button").first.click()
    code = re.search(r"\b\d{6}\b", page.locator("main").inner_text())
    assert code is not None
    page.locator("input[autocomplete='one-time-code']").fill(code[0])
    page.get_by_role("button").first.click()
    expect(page.locator(".bar")).to_be_visible()
    return page


def link_of(person: Person, count: int = 1) -> str:
    """Return the path of the newest address that somebody got on LINE."""
    person.wait_for("専用の安全なページ", count=count)
    [*_, offer] = [one for one in person.answers() if "専用の安全なページ" in str(one)]
    return urlsplit(str(offer["template"]["actions"][0]["uri"])).path


def check(page: Page) -> None:
    """Nothing grave for axe, nothing wider than the phone."""
    found = Axe().run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


@pytest.fixture
def line(demo: str) -> Iterator[Simulator]:
    """The demo's own stand-in for LINE."""
    with Simulator(f"{demo}/simulator") as line:
        yield line


def test_a_child_talks_on_the_page_and_line_carries_nothing_of_it(
    browser: Browser, page: Page, demo: str, line: Simulator
) -> None:
    chief = sign_in(browser, demo, "manager")
    chief.goto("/console/desk/offices")
    chief.locator("tbody a").first.click()
    chief.get_by_label("相談の方式").select_option("page")
    chief.get_by_role("button", name="保存", exact=True).click()
    expect(chief.locator("main")).to_contain_text("安全な相談ページ")

    child: Person = line.resident("ゆうき")
    child.say("相談")
    page.goto(demo + link_of(child))
    check(page)
    page.get_by_role("button", name="ページをひらく").click()
    for label in ("同意する", "子ども（18歳未満）", "いいえ", "わからない", "スキップ"):
        page.get_by_role("button", name=label, exact=True).click()
    page.get_by_label("書く").fill("だれにも言えないことです")
    page.get_by_role("button", name="送る").click()
    expect(page.locator(".said")).to_contain_text("受付番号")
    check(page)

    kana = sign_in(browser, demo, "officer")
    kana.goto("/console/desk/")
    newest = max(kana.locator("#queue li").evaluate_all("lines => lines.map(line => Number(line.dataset.entry))"))
    kana.goto(f"/console/desk/{newest}")
    expect(kana.locator("#beside")).to_contain_text("だれにも言えないことです")
    kana.keyboard.press("t")
    field = kana.get_by_label("返事", exact=True)
    field.press_sequentially("話してくれて")
    expect(page.locator(".writes")).to_be_visible()
    field.fill("話してくれてありがとう。")
    field.press("Control+Enter")
    expect(page.locator(".said")).to_contain_text("話してくれてありがとう。")
    expect(page.locator(".writes")).to_have_count(0)

    page.get_by_role("button", name="画面を変える").click()
    expect(page.locator("main")).to_contain_text("ごみの出し方")
    page.go_back()
    expect(page.locator("main")).to_contain_text("このページはひらけません")
    expect(kana.locator("#top")).to_contain_text("画面を離れています")
    field.fill("また話してね。")
    field.press("Control+Enter")
    kana.get_by_label("画面を離れていることを承知で送ります").check()
    kana.get_by_role("button", name="送る Ctrl+Enter").click()
    child.wait_for("お返事があります")
    child.press_button("ひらく")
    page.goto(demo + link_of(child, count=2))
    page.get_by_role("button", name="ページをひらく").click()
    expect(page.locator(".said")).to_contain_text("また話してね。")
    on_line = str(child.messages())
    for words in ("だれにも言えない", "話してくれて", "また話してね", "どなたですか"):
        assert words not in on_line
    for one in (chief, kana):
        one.context.close()
