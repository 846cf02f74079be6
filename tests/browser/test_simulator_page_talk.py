"""Talking to a bot on the stand-in's page feels like LINE: what residents see, tap and send."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, Route, expect

from bot.simulator.client import Person, Simulator
from tests.browser.bots import Bot, press, quick_replies, text

pytestmark = pytest.mark.browser

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de"
    "0000000c49444154789c63f8cfc000000301010018dd8db00000000049454e44ae426082"
)


def test_what_a_resident_types_reaches_the_bot_and_stands_in_the_chat_as_read(chat: Page, town: Bot) -> None:
    chat.get_by_role("textbox", name="メッセージを入力").fill("自動車税について\nおしえて")
    chat.get_by_role("button", name="送信").click()
    log = chat.get_by_role("log", name="メッセージ")
    expect(log).to_contain_text("自動車税について")
    expect(log).to_contain_text("既読")
    expect(log).to_contain_text("今日")
    assert town.got("message")["message"]["text"] == "自動車税について\nおしえて"
    expect(chat.get_by_role("textbox", name="メッセージを入力")).to_have_value("")


def test_enter_sends_and_shift_enter_breaks_the_line(chat: Page, town: Bot) -> None:
    field = chat.get_by_role("textbox", name="メッセージを入力")
    field.press_sequentially("一")
    field.press("Shift+Enter")
    field.press_sequentially("二")
    field.press("Enter")
    expect(field).to_have_value("")
    assert town.got("message")["message"]["text"] == "一\n二"


def test_what_was_sent_first_arrives_first_however_slow_the_network(chat: Page, town: Bot, hanako: Person) -> None:
    town.push(hanako, text("どうしますか", quickReply=quick_replies(press("日本語", "ja"))))
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    chat.route("**/api/press", hold)
    with chat.expect_request("**/api/press"):
        chat.get_by_role("button", name="日本語").click()
    chat.get_by_role("textbox", name="メッセージを入力").fill("自動車税")
    chat.get_by_role("button", name="送信").click()
    expect(chat.get_by_role("textbox", name="メッセージを入力")).to_have_value("")
    assert town.events == []
    while not held:
        chat.wait_for_timeout(20)
    held.pop().continue_()
    town.line.until(lambda: len(town.events) == 2, "both to arrive")
    assert [event["type"] for event in town.events] == ["postback", "message"]


def test_a_message_that_cannot_be_sent_holds_up_nothing_after_it(chat: Page, town: Bot) -> None:
    chat.route("**/api/say", lambda route: route.abort(), times=1)
    field = chat.get_by_role("textbox", name="メッセージを入力")
    field.fill("一")
    chat.get_by_role("button", name="送信").click()
    expect(field).to_have_value("一")
    field.fill("二")
    chat.get_by_role("button", name="送信").click()
    assert town.got("message")["message"]["text"] == "二"


def test_the_bots_words_carry_its_name_and_the_links_in_them_can_be_tapped(
    chat: Page, town: Bot, hanako: Person
) -> None:
    town.push(hanako, text("くわしくは https://example.com/tax。をご覧ください"))
    link = chat.get_by_role("link", name="https://example.com/tax")
    expect(link).to_have_attribute("href", "https://example.com/tax")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
    expect(chat.get_by_role("log")).to_contain_text("みどり町")


def test_a_message_may_be_signed_by_someone_else(chat: Page, town: Bot, hanako: Person) -> None:
    town.push(hanako, text("こんにちは", sender={"name": "税務課"}))
    expect(chat.get_by_role("log")).to_contain_text("税務課")


def test_a_quick_reply_speaks_for_the_resident_and_disappears(chat: Page, town: Bot, hanako: Person) -> None:
    replies = quick_replies({"type": "message", "label": "やめる", "text": "やめます"}, press("次へ", "next"))
    town.push(hanako, text("どうしますか", quickReply=replies))
    choices = chat.get_by_role("group", name="クイックリプライ")
    expect(choices.get_by_role("button")).to_have_count(2)
    choices.get_by_role("button", name="やめる").click()
    expect(choices).to_be_hidden()
    assert town.got("message")["message"]["text"] == "やめます"


def test_only_the_last_message_shows_its_quick_replies(chat: Page, town: Bot, hanako: Person) -> None:
    town.push(
        hanako,
        text("一", quickReply=quick_replies(press("古い"))),
        text("二", quickReply=quick_replies(press("新しい"))),
    )
    choices = chat.get_by_role("group", name="クイックリプライ")
    expect(choices.get_by_role("button")).to_have_text(["新しい"])
    hanako.say("あとで")
    expect(choices).to_be_hidden()


def test_line_on_a_pc_shows_no_quick_replies_but_buttons(chat: Page, town: Bot, hanako: Person) -> None:
    buttons = {"type": "buttons", "text": "どうしますか", "actions": [press("はい")]}
    message = {"type": "template", "altText": "どうしますか", "template": buttons}
    town.push(hanako, message | {"quickReply": quick_replies(press("スキップ"))})
    expect(chat.get_by_role("button", name="スキップ")).to_be_visible()
    chat.get_by_role("button", name="開発ツール").click()
    chat.get_by_role("tab", name="表示").click()
    chat.get_by_label("パソコン版の表示").check()
    chat.get_by_role("complementary").get_by_role("button", name="閉じる").click()
    expect(chat.get_by_role("button", name="はい")).to_be_visible()
    expect(chat.get_by_role("button", name="スキップ")).to_be_hidden()


def test_a_button_of_a_confirm_template_sends_its_data_and_shows_its_words(
    chat: Page, town: Bot, hanako: Person
) -> None:
    actions = [press("はい", "yes", displayText="はい、お願いします"), press("いいえ", "no")]
    confirm = {"type": "confirm", "text": "受け取りますか", "actions": actions}
    town.push(hanako, {"type": "template", "altText": "受け取りますか", "template": confirm})
    chat.get_by_role("button", name="はい").click()
    expect(chat.get_by_role("log")).to_contain_text("はい、お願いします")
    assert town.got("postback")["postback"] == {"data": "yes"}


def test_buttons_stay_in_the_chat_and_can_be_pressed_again(chat: Page, town: Bot, hanako: Person) -> None:
    buttons = {"type": "buttons", "title": "税", "text": "選んでください", "actions": [press("七日前", "7")]}
    town.push(hanako, {"type": "template", "altText": "税", "template": buttons})
    button = chat.get_by_role("button", name="七日前")
    button.click()
    town.line.until(lambda: len(town.events) == 1, "the first press")
    button.click()
    town.line.until(lambda: len(town.events) == 2, "the second press")
    expect(button).to_be_visible()


@pytest.mark.parametrize(
    ("mode", "given", "picked"),
    [
        ("date", {"initial": "2027-05-31", "min": "2027-05-01", "max": "2027-06-30"}, "2027-06-15"),
        ("time", {"initial": "10:00", "min": "09:00", "max": "17:00"}, "13:30"),
        (
            "datetime",
            {"initial": "2027-05-31t10:00", "min": "2027-05-01t00:00", "max": "2027-06-30t23:59"},
            "2027-06-01T09:15",
        ),
    ],
)
def test_a_picker_starts_where_the_bot_says_and_returns_what_was_picked(
    chat: Page, town: Bot, hanako: Person, mode: str, given: dict[str, str], picked: str
) -> None:
    action = {"type": "datetimepicker", "label": "選ぶ", "data": "when", "mode": mode, **given}
    town.push(hanako, text("いつですか", quickReply=quick_replies(action)))
    chat.get_by_role("button", name="選ぶ", exact=True).click()
    sheet = chat.get_by_role("dialog")
    field = sheet.locator("input")
    expect(field).to_have_value(given["initial"].replace("t", "T"))
    expect(field).to_have_attribute("min", given["min"].replace("t", "T"))
    expect(field).to_have_attribute("max", given["max"].replace("t", "T"))
    field.fill(picked)
    sheet.get_by_role("button", name="決定").click()
    expect(sheet).to_be_hidden()
    assert town.got("postback")["postback"] == {"data": "when", "params": {mode: picked}}


def test_a_picker_takes_nothing_outside_its_range_and_can_be_dismissed(chat: Page, town: Bot, hanako: Person) -> None:
    action = {
        "type": "datetimepicker",
        "label": "選ぶ",
        "data": "when",
        "mode": "date",
        "max": "2027-06-30",
        "min": "2027-05-01",
    }
    town.push(hanako, text("いつですか", quickReply=quick_replies(action)))
    chat.get_by_role("button", name="選ぶ", exact=True).click()
    sheet = chat.get_by_role("dialog", name="日付を選択")
    expect(sheet).to_contain_text("2027-05-01 から 2027-06-30 まで")
    sheet.locator("input").fill("2027-07-01")
    sheet.get_by_role("button", name="決定").click()
    expect(sheet).to_be_visible()
    chat.keyboard.press("Escape")
    expect(sheet).to_be_hidden()
    expect(chat.get_by_role("button", name="選ぶ", exact=True)).to_be_visible()
    assert town.events == []


def test_a_page_without_residents_says_how_to_begin(page: Page, line: Simulator) -> None:
    page.goto(f"{line.url}/")
    expect(page.get_by_text("まだ住民がいません")).to_be_visible()
    line.resident("花子")
    expect(page.get_by_text("まだ住民がいません")).to_be_hidden()


def test_while_the_account_is_blocked_no_quick_reply_is_offered(chat: Page, town: Bot, hanako: Person) -> None:
    town.push(hanako, text("どちらですか", quickReply=quick_replies(press("はい"))))
    chat.get_by_role("button", name="ブロック", exact=True).click()
    expect(chat.get_by_role("button", name="はい")).to_be_hidden()
    chat.get_by_role("button", name="ブロックを解除").click()
    expect(chat.get_by_role("button", name="はい")).to_be_visible()


def test_a_new_friend_a_block_and_its_end_send_their_events(page: Page, town: Bot, line: Simulator) -> None:
    line.resident("太郎", friend=False)
    page.goto(f"{line.url}/")
    expect(page.get_by_role("textbox", name="メッセージを入力")).to_be_hidden()
    page.get_by_role("button", name="友だちに追加").click()
    expect(page.get_by_role("textbox", name="メッセージを入力")).to_be_visible()
    assert town.got("follow")["follow"] == {"isUnblocked": False}
    page.get_by_role("button", name="ブロック", exact=True).click()
    expect(page.get_by_text("ブロック中のため")).to_be_visible()
    town.got("unfollow")
    page.get_by_role("button", name="ブロックを解除").click()
    expect(page.get_by_role("textbox", name="メッセージを入力")).to_be_visible()
    town.line.until(lambda: len(town.events) == 3, "all three to arrive")
    assert [event["type"] for event in town.events] == ["follow", "unfollow", "follow"]
    assert town.got("follow")["follow"] == {"isUnblocked": True}


def test_the_list_marks_what_was_not_read_and_opening_the_chat_clears_it(
    page: Page, town: Bot, line: Simulator, hanako: Person
) -> None:
    taro = line.resident("太郎")
    page.goto(f"{line.url}/")
    page.get_by_role("button", name="トーク一覧へ戻る").click()
    town.push(taro, text("一"), text("二"))
    row = page.get_by_role("navigation", name="トーク一覧").get_by_role("button", name="太郎")
    expect(row).to_contain_text("未読2件")
    row.click()
    page.get_by_role("button", name="トーク一覧へ戻る").click()
    expect(row).not_to_contain_text("未読")
    expect(row).to_contain_text("二")


def test_two_residents_talk_side_by_side_on_a_desktop(page: Page, town: Bot, line: Simulator, hanako: Person) -> None:
    line.resident("太郎")
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{line.url}/")
    page.get_by_role("button", name="太郎を横に並べて開く").click()
    left = page.get_by_role("region", name="花子さんとみどり町のトーク")
    right = page.get_by_role("region", name="太郎さんとみどり町のトーク")
    for region, words in ((left, "花子です"), (right, "太郎です")):
        region.get_by_role("textbox", name="メッセージを入力").fill(words)
        region.get_by_role("button", name="送信").click()
    expect(left.get_by_role("log")).to_contain_text("花子です")
    expect(right.get_by_role("log")).to_contain_text("太郎です")
    expect(right.get_by_role("log")).not_to_contain_text("花子です")
    boxes = [region.bounding_box() for region in (left, right)]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]


def test_dots_show_that_the_bot_works_until_its_message_comes(chat: Page, town: Bot, hanako: Person) -> None:
    assert town.call("POST", "/v2/bot/chat/loading/start", {"chatId": hanako.id, "loadingSeconds": 60})[0] == 202
    dots = chat.get_by_role("img", name="みどり町が入力しています")
    expect(dots).to_be_visible()
    town.push(hanako, text("お待たせしました"))
    expect(dots).to_be_hidden()


def test_an_unsent_message_leaves_only_a_note(chat: Page, hanako: Person) -> None:
    event = hanako.say("まちがい")
    log = chat.get_by_role("log")
    expect(log).to_contain_text("まちがい")
    hanako.unsend(event["message"]["id"])
    expect(log).to_contain_text("メッセージの送信を取り消しました")
    expect(log).not_to_contain_text("まちがい")


def test_a_photo_from_the_camera_is_shown_and_its_bytes_reach_the_bot(chat: Page, town: Bot, hanako: Person) -> None:
    town.push(hanako, text("写真を送ってください", quickReply=quick_replies({"type": "camera", "label": "カメラ"})))
    with chat.expect_file_chooser() as chosen:
        chat.get_by_role("button", name="カメラ").click()
    assert chosen.value.element.get_attribute("capture") == "environment"
    chosen.value.set_files({"name": "me.png", "mimeType": "image/png", "buffer": PNG})
    expect(chat.get_by_role("img", name="写真")).to_be_visible()
    message = town.got("message")["message"]
    assert message["type"] == "image"
    status, headers, body = town.line.http(
        "GET", f"/v2/bot/message/{message['id']}/content", None, {"Authorization": "Bearer token"}
    )
    assert (status, headers["content-type"], body) == (200, "image/png", PNG)


def test_a_file_keeps_its_name_and_is_never_opened_as_a_page(chat: Page, town: Bot) -> None:
    chat.get_by_role("button", name="添付を開く").click()
    with chat.expect_file_chooser() as chosen:
        chat.get_by_role("dialog").get_by_role("button", name="ファイル").click()
    chosen.value.set_files({"name": "申請.html", "mimeType": "text/html", "buffer": b"<script>alert(1)</script>"})
    expect(chat.get_by_role("log")).to_contain_text("申請.html")
    message = town.got("message")["message"]
    _, headers, _ = town.line.http("GET", f"/api/content/{message['id']}")
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"] == "attachment"


def test_a_place_is_sent_with_its_name_and_position(chat: Page, town: Bot, hanako: Person) -> None:
    town.push(hanako, text("どこですか", quickReply=quick_replies({"type": "location", "label": "場所を送る"})))
    chat.get_by_role("button", name="場所を送る").click()
    sheet = chat.get_by_role("dialog", name="位置情報")
    sheet.get_by_label("場所の名前").fill("役場")
    sheet.get_by_label("緯度").fill("35.5")
    sheet.get_by_role("button", name="送信").click()
    expect(chat.get_by_role("log")).to_contain_text("役場")
    message = town.got("message")["message"]
    assert (message["type"], message["title"], message["latitude"]) == ("location", "役場", 35.5)


def test_stickers_are_drawn_by_the_page_and_sent_with_lines_ids(chat: Page, town: Bot, hanako: Person) -> None:
    town.push(hanako, {"type": "sticker", "packageId": "6136", "stickerId": "10551376"})
    expect(chat.get_by_role("img", name="スタンプ: 6136/10551376")).to_be_visible()
    chat.get_by_role("button", name="添付を開く").click()
    chat.get_by_role("dialog").get_by_role("button", name="スタンプ").click()
    chat.get_by_role("dialog").get_by_role("button", name=re.compile("Thanks")).click()
    message = town.got("message")["message"]
    assert (message["type"], message["packageId"], message["stickerId"]) == ("sticker", "446", "1989")


def test_a_copy_button_fills_the_clipboard(chat: Page, town: Bot, hanako: Person) -> None:
    chat.context.grant_permissions(["clipboard-read", "clipboard-write"])
    action = {"type": "clipboard", "label": "番号をコピー", "clipboardText": "C-2291"}
    town.push(hanako, text("受付番号 C-2291", quickReply=quick_replies(action)))
    chat.get_by_role("button", name="番号をコピー").click()
    expect(chat.get_by_role("status").filter(has_text="コピーしました")).to_be_visible()
    assert chat.evaluate("navigator.clipboard.readText()") == "C-2291"


def test_a_postback_may_open_the_keyboard_with_words_in_it(chat: Page, town: Bot, hanako: Person) -> None:
    action = press("書く", inputOption="openKeyboard", fillInText="氏名：\n住所：")
    buttons = {"type": "buttons", "text": "書いてください", "actions": [action]}
    town.push(hanako, {"type": "template", "altText": "書く", "template": buttons})
    chat.get_by_role("button", name="書く").click()
    field = chat.get_by_role("textbox", name="メッセージを入力")
    expect(field).to_have_value("氏名：\n住所：")
    expect(field).to_be_focused()


def test_in_a_group_everyone_sees_who_spoke_and_a_corrected_text(
    chat: Page, town: Bot, line: Simulator, hanako: Person
) -> None:
    taro = line.resident("太郎")
    group = line.group("自治会", hanako, taro)
    line.call("POST", f"groups/{group}/join")
    said = taro.say("日曜に集まります", group=group)
    chat.get_by_role("button", name="トーク一覧へ戻る").click()
    chat.get_by_role("button", name="花子 · 自治会").click()
    log = chat.get_by_role("log")
    expect(log).to_contain_text("太郎")
    expect(log).to_contain_text("日曜に集まります")
    taro.act("edit", message_id=said["message"]["id"], text="土曜に集まります", group=group)
    expect(log).to_contain_text("土曜に集まります")
    expect(log).to_contain_text("編集済み")


def test_a_resident_is_added_with_a_language_and_the_bot_can_read_it(page: Page, town: Bot, line: Simulator) -> None:
    page.goto(f"{line.url}/?lang=en")
    page.get_by_role("button", name="Add a resident").click()
    sheet = page.get_by_role("dialog", name="Add a resident")
    sheet.get_by_label("Name").fill("Ana")
    sheet.get_by_label("Language").select_option("en")
    sheet.get_by_role("button", name="Add", exact=True).click()
    page.get_by_role("button", name="Add as a friend").click()
    user = town.got("follow")["source"]["userId"]
    status, answer = town.call("GET", f"/v2/bot/profile/{user}", {})
    assert status == 200
    assert '"language":"en"' in answer.replace(" ", "")


def test_a_refused_message_says_why_and_keeps_the_words(chat: Page, hanako: Person) -> None:
    chat.route("**/api/say", lambda route: route.fulfill(status=400, json={"message": "too long"}))
    field = chat.get_by_role("textbox", name="メッセージを入力")
    field.fill("こんにちは")
    chat.get_by_role("button", name="送信").click()
    expect(chat.get_by_role("status").filter(has_text="送れませんでした：too long")).to_be_visible()
    expect(field).to_have_value("こんにちは")
