"""The page's tools for authors and testers, and its way with keyboards, screen readers and languages."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect
from ruamel.yaml import YAML

from bot.simulator.client import Person, Simulator
from bot.simulator.faults import KINDS
from tests.browser.bots import Bot, press, quick_replies, text

pytestmark = pytest.mark.browser
TABS = ["時間", "ロック画面", "通信", "Webhookを送る", "障害を起こす", "会話の記録", "表示"]


@pytest.fixture
def desk(chat: Page) -> Page:
    """The page on a desktop with the tools open."""
    chat.set_viewport_size({"width": 1440, "height": 900})
    chat.get_by_role("button", name="開発ツール").click()
    return chat


def choose(page: Page, tab: str) -> None:
    """Open one of the tools."""
    page.get_by_role("tab", name=tab, exact=True).click()


def serious(page: Page) -> list[tuple[str, str]]:
    """Return what axe calls serious or critical, with the first place."""
    found = Axe().run(page).response["violations"]
    return [(one["id"], one["nodes"][0]["html"]) for one in found if one["impact"] in {"serious", "critical"}]


def test_the_wire_is_seen_searched_and_copied_as_curl(desk: Page, town: Bot, hanako: Person) -> None:
    desk.context.grant_permissions(["clipboard-read", "clipboard-write"])
    town.push(hanako, text("見えますか"))
    hanako.say("はい")
    choose(desk, "通信")
    panel = desk.get_by_role("tabpanel", name="通信")
    expect(panel.get_by_role("listitem")).to_have_count(2)
    panel.get_by_label("検索").fill("見えますか")
    expect(panel.get_by_role("listitem")).to_have_count(1)
    panel.get_by_text("/v2/bot/message/push").click()
    expect(panel).to_contain_text('"text": "見えますか"')
    panel.get_by_role("button", name="curlとしてコピー").click()
    expect(desk.get_by_role("status").filter(has_text="コピーしました")).to_be_visible()
    command = desk.evaluate("navigator.clipboard.readText()")
    assert command.startswith("curl -i -X POST")
    assert f"{town.line.url}/v2/bot/message/push" in command
    panel.get_by_label("検索").fill("")
    panel.get_by_label("種類").select_option(label="Webhook")
    expect(panel.get_by_role("listitem")).to_have_count(1)
    expect(panel).to_contain_text("/webhook")


def test_a_flex_message_that_line_refuses_is_shown_with_the_place_of_the_mistake(
    desk: Page, town: Bot, hanako: Person
) -> None:
    wrong = {"type": "text", "text": "見本", "color": "red"}
    bubble = {"type": "bubble", "body": {"type": "box", "layout": "vertical", "contents": [wrong]}}
    message = {"type": "flex", "altText": "見本", "contents": bubble}
    assert town.call("POST", "/v2/bot/message/push", {"to": hanako.id, "messages": [message]})[0] == 400
    choose(desk, "通信")
    panel = desk.get_by_role("tabpanel", name="通信")
    panel.get_by_text("/v2/bot/message/push").click()
    expect(panel.get_by_role("listitem")).to_contain_text("400")
    expect(panel).to_contain_text("/body/contents/0/color")


def test_a_conversation_is_downloaded_as_who_said_what(desk: Page, town: Bot, hanako: Person, tmp_path: Path) -> None:
    hanako.say("自動車税")
    town.push(hanako, text("お知らせしますか", quickReply=quick_replies(press("はい"), press("いいえ"))))
    hanako.press("yes", display_text="はい")
    choose(desk, "会話の記録")
    with desk.expect_download() as download:
        desk.get_by_role("link", name="花子 · みどり町").click()
    assert download.value.suggested_filename == "conversation.talk.yaml"
    download.value.save_as(tmp_path / "talk.yaml")
    assert YAML(typ="safe").load(tmp_path / "talk.yaml")["moves"] == [
        {"resident": "自動車税", "bot": "お知らせしますか", "buttons": ["はい", "いいえ"]},
        {"press": "はい"},
    ]


def test_the_time_moves_forward_by_an_hour_a_day_or_to_a_moment(desk: Page, line: Simulator) -> None:
    for button, seconds in (("1時間進める", 3600), ("1日進める", 86400)):
        before = line.now()
        desk.get_by_role("button", name=button).click()
        expect(desk.get_by_role("button", name=button)).to_be_enabled()
        assert line.now() - before == pytest.approx(seconds, abs=60)
    day = dt.datetime.fromtimestamp(line.now(), dt.UTC) + dt.timedelta(days=30)
    desk.get_by_label("移動先の日時").fill(day.strftime("%Y-%m-%dT10:00"))
    desk.get_by_role("button", name="この日時へ進める").click()
    expect(desk.get_by_role("status").filter(has_text="になりました")).to_contain_text("10:00")
    moment = dt.datetime.fromtimestamp(line.now(), dt.timezone(dt.timedelta(hours=9)))
    assert moment.strftime("%Y-%m-%dT%H:%M") == day.strftime("%Y-%m-%dT10:00")


def test_the_lock_screen_shows_what_others_could_read(desk: Page, town: Bot, hanako: Person) -> None:
    buttons = {"type": "buttons", "text": "納期限は6月1日です", "actions": [press("はい")]}
    town.push(hanako, {"type": "template", "altText": "町からお知らせがあります", "template": buttons})
    town.push(hanako, {"type": "sticker", "packageId": "446", "stickerId": "1988"}, silently=True)
    choose(desk, "ロック画面")
    screen = desk.get_by_role("region", name="花子さんのロック画面")
    expect(screen).to_contain_text("町からお知らせがあります")
    expect(screen).not_to_contain_text("納期限は6月1日です")
    expect(screen.get_by_role("listitem").first).to_contain_text("スタンプを送信しました")
    expect(screen.get_by_role("listitem").first).to_contain_text("音なし")


def test_any_event_can_be_sent_again_twice_and_in_standby(desk: Page, town: Bot, hanako: Person) -> None:
    choose(desk, "Webhookを送る")
    panel = desk.get_by_role("tabpanel", name="Webhookを送る")
    panel.get_by_label("イベント").select_option("beacon")
    panel.get_by_label("内容（JSON）").fill('{"beacon": {"hwid": "0123456789", "type": "stay"}}')
    panel.get_by_label("standbyモードで送る").check()
    panel.get_by_role("button", name="イベントを送る").click()
    event = town.got("beacon")
    assert (event["mode"], event["beacon"]["type"], "replyToken" in event) == ("standby", "stay", False)
    panel.get_by_role("button", name=re.compile("再送: beacon")).click()
    town.line.until(lambda: len(town.events) == 2, "the redelivery")
    assert town.events[1]["deliveryContext"] == {"isRedelivery": True}
    assert town.events[1]["webhookEventId"] == event["webhookEventId"]


def test_a_wrong_detail_is_told_and_nothing_is_sent(desk: Page, town: Bot) -> None:
    choose(desk, "Webhookを送る")
    desk.get_by_label("内容（JSON）").fill("{")
    desk.get_by_role("button", name="イベントを送る").click()
    expect(desk.get_by_role("status").filter(has_text="JSONとして読めません")).to_be_visible()
    assert town.events == []


def test_webhooks_held_back_come_in_the_order_that_was_asked_for(desk: Page, town: Bot, hanako: Person) -> None:
    choose(desk, "Webhookを送る")
    desk.get_by_role("button", name="止めておく").click()
    expect(desk.get_by_role("status").filter(has_text="送りました")).to_be_visible()
    hanako.say("一")
    hanako.say("二")
    desk.get_by_role("button", name="逆順で送る").click()
    town.line.until(lambda: len(town.events) == 2, "both events")
    assert [event["message"]["text"] for event in town.events] == ["二", "一"]


def test_a_fault_hits_the_next_call_and_can_be_lifted(desk: Page, town: Bot, hanako: Person) -> None:
    choose(desk, "障害を起こす")
    panel = desk.get_by_role("tabpanel", name="障害を起こす")
    panel.get_by_label("障害", exact=True).select_option("500")
    panel.get_by_label("対象").select_option("push")
    panel.get_by_label("回数").fill("2")
    panel.get_by_role("button", name="障害を仕掛ける").click()
    expect(panel.get_by_role("listitem")).to_have_text("LINE内部のエラー（500） · push · 2")
    body = {"to": hanako.id, "messages": [text("届きません")]}
    assert town.call("POST", "/v2/bot/message/push", body)[0] == 500
    panel.get_by_role("button", name="障害をすべて解除").click()
    expect(panel).to_contain_text("仕掛けた障害はありません")
    assert town.call("POST", "/v2/bot/message/push", body)[0] == 200


def test_every_fault_has_words(desk: Page) -> None:
    choose(desk, "障害を起こす")
    kinds = desk.get_by_role("tabpanel", name="障害を起こす").get_by_label("障害", exact=True).get_by_role("option")
    expect(kinds).to_have_count(len(KINDS))
    assert [words for words in kinds.all_text_contents() if "（" not in words] == []


def test_the_tabs_stand_in_one_row_on_a_phone(desk: Page) -> None:
    choose(desk, "障害を起こす")
    desk.set_viewport_size({"width": 390, "height": 844})
    rows = {round(box["y"]) for tab in desk.get_by_role("tab").all() if (box := tab.bounding_box()) is not None}
    assert len(rows) == 1
    assert serious(desk) == []


def test_a_fault_that_comes_by_chance_goes_on_until_it_is_lifted(desk: Page, town: Bot) -> None:
    choose(desk, "障害を起こす")
    panel = desk.get_by_role("tabpanel", name="障害を起こす")
    panel.get_by_label("障害", exact=True).select_option("429-rate")
    panel.get_by_label("回数").fill("0")
    panel.get_by_label("起きる割合").fill("25")
    panel.get_by_role("button", name="障害を仕掛ける").click()
    expect(panel.get_by_role("listitem")).to_have_text("回数の超過（429-rate） · すべてのAPI · ∞ · 25%")
    statuses = {town.call("GET", "/v2/bot/info", {})[0] for _ in range(100)}
    assert statuses == {200, 429}


def test_a_reset_asks_first_and_leaves_the_residents_as_strangers(desk: Page, town: Bot, hanako: Person) -> None:
    hanako.say("消えます")
    expect(desk.get_by_role("log")).to_contain_text("消えます")
    choose(desk, "会話の記録")
    desk.get_by_role("button", name="すべてのトークを消して初期化").click()
    desk.get_by_role("dialog").get_by_role("button", name="初期化する").click()
    expect(desk.get_by_role("log")).not_to_contain_text("消えます")
    expect(desk.get_by_role("button", name="友だちに追加")).to_be_visible()


@pytest.mark.parametrize("tab", TABS)
def test_axe_finds_nothing_serious_in_any_tool(desk: Page, town: Bot, hanako: Person, tab: str) -> None:
    town.push(hanako, text("こんにちは", quickReply=quick_replies(press("はい"))))
    expect(desk.get_by_role("log")).to_contain_text("こんにちは")
    choose(desk, tab)
    assert serious(desk) == []


def test_axe_finds_nothing_serious_on_a_phone(page: Page, town: Bot, line: Simulator) -> None:
    taro = line.resident("太郎", friend=False)
    page.goto(f"{line.url}/")
    expect(page.get_by_role("button", name="友だちに追加")).to_be_visible()
    assert serious(page) == []
    page.get_by_role("button", name="友だちに追加").click()
    page.get_by_role("button", name="添付を開く").click()
    assert serious(page) == []
    page.keyboard.press("Escape")
    page.get_by_role("button", name="トーク一覧へ戻る").click()
    town.push(taro, text("一"))
    expect(page.get_by_role("navigation")).to_contain_text("未読1件")
    assert serious(page) == []


def test_a_keyboard_alone_is_enough_to_answer(chat: Page, town: Bot, hanako: Person) -> None:
    confirm = {"type": "confirm", "text": "よろしいですか", "actions": [press("はい", "yes"), press("いいえ", "no")]}
    town.push(hanako, {"type": "template", "altText": "よろしいですか", "template": confirm})
    expect(chat.get_by_role("button", name="はい")).to_be_visible()
    chat.get_by_role("log").focus()
    chat.keyboard.press("Tab")
    expect(chat.get_by_role("button", name="はい")).to_be_focused()
    chat.keyboard.press("Tab")
    chat.keyboard.press("Enter")
    assert town.got("postback")["postback"]["data"] == "no"


def test_new_messages_are_announced_and_the_old_ones_not_again(chat: Page, town: Bot, hanako: Person) -> None:
    town.push(hanako, text("一"))
    log = chat.get_by_role("log")
    expect(log).to_contain_text("一")
    expect(log).to_have_attribute("aria-live", "polite")
    log.evaluate(
        """(node) => {
            window.added = [];
            new MutationObserver((all) => all.forEach((one) => {
                one.addedNodes.forEach((row) => window.added.push(row.textContent));
            })).observe(node, { childList: true });
        }"""
    )
    town.push(hanako, text("二"))
    expect(log).to_contain_text("二")
    added = chat.evaluate("window.added")
    assert len(added) == 1
    assert "二" in added[0]


def test_the_page_speaks_english_on_request_and_remembers(
    page: Page, town: Bot, line: Simulator, hanako: Person
) -> None:
    page.goto(f"{line.url}/")
    page.get_by_role("button", name="開発ツール").click()
    choose(page, "表示")
    page.get_by_label("画面のことば").select_option("en")
    expect(page.get_by_role("textbox", name="Message")).to_be_visible()
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.reload()
    expect(page.get_by_role("button", name="Send", exact=True)).to_be_visible()


def test_a_larger_font_in_line_enlarges_talk_and_what_asks_for_it(chat: Page, town: Bot, hanako: Person) -> None:
    parts = [{"type": "text", "text": "大きくなる", "scaling": True}, {"type": "text", "text": "そのまま"}]
    body = {"type": "box", "layout": "vertical", "contents": parts}
    town.push(hanako, {"type": "flex", "altText": "x", "contents": {"type": "bubble", "body": body}})
    chat.get_by_role("button", name="開発ツール").click()
    choose(chat, "表示")
    chat.get_by_label("文字の大きさ").select_option(label="特大")
    sizes = [
        chat.get_by_text(words, exact=True).evaluate("(node) => getComputedStyle(node).fontSize")
        for words in ("大きくなる", "そのまま")
    ]
    assert sizes == ["21.6px", "16px"]


def test_a_reload_shows_the_same_chats_and_the_list_survives_a_lost_server(
    chat: Page, town: Bot, hanako: Person
) -> None:
    town.push(hanako, text("残ります"))
    expect(chat.get_by_role("log")).to_contain_text("残ります")
    chat.reload()
    expect(chat.get_by_role("log")).to_contain_text("残ります")
    chat.route("**/api/state**", lambda route: route.abort())
    expect(chat.get_by_text("サーバーに接続できません")).to_be_visible()
    chat.unroute("**/api/state**")
    expect(chat.get_by_text("サーバーに接続できません")).to_be_hidden()
