"""The secure page on slow phones and for everybody: it is small, loses nothing that was typed, and asks for little."""

from __future__ import annotations

import datetime as dt
import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, ViewportSize, expect

from bot.desk import closing, taking, writing
from tests.chromium import PATIENCE_MS
from tests.desk.conftest import DeskTown
from tests.desk.visitor import arrive, link_for
from tests.product import PATIENCE, wait_until


def test_new_words_are_fetched_only_when_there_are_some(paged: DeskTown) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)
    mark = re.search(r'data-mark="([^"]+)"', browser.page)
    assert mark is not None
    browser.get(f"/talk/new?mark={mark[1]}")
    assert browser.status == 204
    with paged.desk() as desk:
        taking.take(desk, number, paged.kana)
        writing.send(desk, number, paged.kana, "読みました。")
    assert "読みました。" in browser.get(f"/talk/new?mark={mark[1]}")


def test_the_last_words_of_a_counsellor_stay_when_the_talk_is_closed(paged: DeskTown) -> None:
    """The number to call may be just what was said last."""
    person = paged.resident()
    browser, number = arrive(paged, person)
    with paged.desk() as desk:
        taking.take(desk, number, paged.kana)
        writing.send(desk, number, paged.kana, "あすの朝、189に電話してください。")
    with paged.desk() as desk:
        closing.close(desk, number, paged.kana, "solved")
    page = browser.get("/talk/")
    assert "あすの朝、189に電話してください。" in page
    assert page.index("あすの朝") < page.index("また話したくなったら")


def test_what_a_slow_phone_sends_twice_is_said_once(paged: DeskTown) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)
    after = re.search(r'name="after" value="([^"]+)"', browser.page)
    assert after is not None
    sent = {"token": browser.token, "after": after[1], "text": "きこえますか"}
    browser.post("/talk/", sent)
    browser.post("/talk/", sent)
    assert [one.text for one in paged.said(number)] == ["きこえますか"]
    after = re.search(r'name="after" value="([^"]+)"', browser.page)
    assert after is not None
    browser.post("/talk/", {**sent, "after": after[1]})
    assert [one.text for one in paged.said(number)] == ["きこえますか", "きこえますか"], "who says it again is heard"


def test_the_page_shows_that_somebody_writes_until_the_reply_is_there(paged: DeskTown) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)
    with paged.desk() as desk:
        taking.take(desk, number, paged.kana)
        writing.keep_scratch(desk, number, paged.mio, "ほかの人の書きかけ")
    assert "担当者が書いています" not in browser.get("/talk/"), "not for somebody who has nothing to do with it"
    mark = re.search(r'data-mark="([^"]+)"', browser.page)
    assert mark is not None
    with paged.desk() as desk:
        writing.keep_scratch(desk, number, paged.kana, "書きかけ")
    page = browser.get(f"/talk/new?mark={mark[1]}")
    assert "担当者が書いています" in page
    assert "書きかけ" not in page
    with paged.desk() as desk:
        writing.send(desk, number, paged.kana, "書きました。")
    assert "担当者が書いています" not in browser.get("/talk/")


def test_whoever_only_looks_writes_nothing_every_other_second(paged: DeskTown) -> None:
    person = paged.resident()
    browser, number = arrive(paged, person)

    def seen() -> dt.datetime:
        with paged.desk() as desk:
            moment: dt.datetime = desk.find(number).seen_at
            return moment

    browser.get("/talk/")
    first = seen()
    for _ in range(3):
        browser.get("/talk/new")
    assert seen() == first
    with paged.desk() as desk:
        desk.change(desk.hold(number), seen_at=first - dt.timedelta(seconds=20))
    browser.get("/talk/new")
    assert seen() > first, "now and then it is noted that they still look"


def test_a_page_is_small_enough_for_a_slow_phone(paged: DeskTown) -> None:
    """Everything a phone loads on the first look: less than a small picture, and nothing from elsewhere."""
    person = paged.resident()
    browser, _ = arrive(paged, person)
    page = browser.get("/talk/")
    loaded = re.findall(r'(?:href|src)="(/talk/static/[^"]+)"', page)
    assert len(loaded) == 2, "one style and one script"
    assert not re.findall(r'(?:href|src)="https?:', page)
    sizes = [len(browser.get(path).encode()) for path in loaded]
    assert len(page.encode()) + sum(sizes) < 40_000


@pytest.mark.browser
def test_what_cannot_be_sent_stays_in_the_field_until_it_can(paged: DeskTown, browser: Chromium) -> None:
    person = paged.resident()
    person.say("相談")
    context = browser.new_context(
        viewport=ViewportSize(width=390, height=800), base_url=f"http://127.0.0.1:{paged.product.port}"
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(link_for(paged, person))
    page.get_by_role("button", name="ページをひらく").click()
    page.get_by_role("button", name="同意する", exact=True).click()
    page.get_by_role("button", name="親・保護者").click()
    page.get_by_role("button", name="はい", exact=True).click()
    page.get_by_text("担当者におつなぎします").wait_for()
    context.set_offline(True)
    page.get_by_label("書く").fill("電波がわるいです")
    page.get_by_role("button", name="送る").click()
    expect(page.locator("#lost")).to_be_visible()
    expect(page.get_by_label("書く")).to_have_value("電波がわるいです")
    context.set_offline(False)
    page.get_by_role("button", name="送る").click()
    expect(page.locator(".said li.me").last).to_contain_text("電波がわるいです")
    expect(page.locator("#lost")).to_be_hidden()
    expect(page.get_by_label("書く")).to_have_value("")
    assert [one.text for one in paged.said(paged.consultation_of(person))] == ["電波がわるいです"]
    context.close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_is_for_everybody(paged: DeskTown, browser: Chromium, width: int) -> None:
    """No fault that axe calls serious, nothing wider than a small telephone, and it works with scripts off as well as on."""
    person = paged.resident()
    person.say("相談")
    path = link_for(paged, person)
    address = f"http://127.0.0.1:{paged.product.port}"
    context = browser.new_context(viewport=ViewportSize(width=width, height=800), base_url=address)
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(path)
    _look(Axe(), page)
    page.get_by_role("button", name="ページをひらく").click()
    page.get_by_role("button", name="同意する", exact=True).click()
    page.get_by_role("button", name="親・保護者").click()
    page.get_by_role("button", name="はい", exact=True).click()
    page.get_by_text("担当者におつなぎします").wait_for()
    page.get_by_label("書く").fill("たすけてください")
    page.get_by_role("button", name="送る").click()
    page.get_by_text("たすけてください").wait_for()
    expect(page.locator(".said a[href='tel:110']").last).to_be_in_viewport()
    _look(Axe(), page)
    number = paged.consultation_of(person)
    with paged.desk() as desk:
        taking.take(desk, number, paged.kana)
        writing.send(desk, number, paged.kana, "はい、います。")
    page.get_by_text("はい、います。").wait_for()
    page.get_by_role("button", name="画面を変える").click()
    page.get_by_text("くらしの案内").wait_for()
    _look(Axe(), page)
    context.close()
    wait_until(lambda: paged.entry(number).left_at is not None, PATIENCE, "the desk to see it")


def _look(axe: Axe, page: Page) -> None:
    found = axe.run(page).response["violations"]
    assert [one["id"] for one in found if one["impact"] in {"serious", "critical"}] == []
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
