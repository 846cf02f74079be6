"""The desk's pages: who sees what, what a counsellor does all day, and what may not happen."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from bot.console.access import Role
from bot.desk import offices
from tests.console.client import START
from tests.console.counter import SERVICE, Counter
from tests.product import PATIENCE, wait_until
from tests.webhook.files import photo


def test_a_counsellor_takes_a_talk_answers_and_closes_it(counter: Counter) -> None:
    clerk = counter.clerk()
    person, number = counter.taken(clerk)
    counter.send(clerk, number, "お話を聞かせてください。")
    person.wait_for("お話を聞かせてください。")
    person.say("子どもが泣きやみません")
    counter.town.wait_said(number, "子どもが泣きやみません")
    assert "子どもが泣きやみません" in clerk.get(f"/desk/{number}")
    clerk.post(f"/desk/{number}/talk/note", {"text": "落ち着いて話せている"})
    clerk.post(f"/desk/{number}/talk/close", {"reason": "solved"})
    assert counter.town.entry(number).state == "closed"
    page = clerk.get(f"/desk/{number}")
    assert "この相談は終わりました" in page
    assert "落ち着いて話せている" in page
    assert "相談が終わった" in clerk.get("/desk/closed")
    done = [row.action for row in counter.hall.audited() if row.subject == f"consultation:{number}"]
    assert done[:3] == ["desk.take", "desk.send", "desk.view"]
    assert done[-1] == "desk.view"


def test_another_department_sees_nothing_of_it(counter: Counter) -> None:
    person, number = counter.town.arrive()
    stranger = counter.hall.sign_in(Role.COUNSELLOR, services=["child_welfare", "tax"])
    reference = counter.town.row_of(person).reference
    assert reference not in stranger.get("/desk/")
    stranger.get(f"/desk/{number}", status=404)
    stranger.post(f"/desk/{number}/talk/take", status=404)
    assert stranger.client.get(f"{START}/desk/poll?talk={number}").status_code == 404
    assert counter.town.entry(number).state == "waiting"


def test_personal_data_is_sent_only_after_a_second_look(counter: Counter) -> None:
    clerk = counter.clerk()
    person, number = counter.taken(clerk)
    asked = counter.send(clerk, number, "090-0000-0000 にお電話ください。")
    assert "個人情報を確かめました" in asked
    assert "090-0000-0000" in asked, "what was typed is not lost"
    assert [one for one in counter.town.said(number) if one.direction == "out"] == []
    counter.send(clerk, number, "090-0000-0000 にお電話ください。", confirmed="1")
    person.wait_for("090-0000-0000")


def test_a_draft_is_sent_by_somebody_else(counter: Counter) -> None:
    counter.town.choose(four_eyes=True)
    try:
        author, second = counter.clerk(), counter.clerk()
        person, number = counter.taken(author)
        assert "別の担当者が確認して送ります" in counter.send(author, number, "すぐには送れない")
        counter.send(author, number, "確認してほしい返事", way="draft")
        draft = counter.town.said(number)[-1]
        author.post(f"/desk/{number}/drafts/{draft.id}/send")
        assert counter.town.said(number)[-1].status == "draft", "not by the author"
        second.post(f"/desk/{number}/drafts/{draft.id}/send")
        person.wait_for("確認してほしい返事")
    finally:
        counter.town.choose(four_eyes=False)


def test_where_four_eyes_are_wanted_a_talk_can_be_taken_and_joined(counter: Counter) -> None:
    counter.town.choose(four_eyes=True)
    try:
        first, second = counter.clerk(), counter.clerk(Role.OFFICER)
        _, number = counter.town.arrive()
        waiting = first.get(f"/desk/{number}")
        assert "引き受けて答える" in waiting
        assert "下書きにする" in waiting
        first.post(f"/desk/{number}/talk/take")
        assert "引き受けて答える" not in first.get(f"/desk/{number}")
        assert "二人目として入る" in second.get(f"/desk/{number}")
    finally:
        counter.town.choose(four_eyes=False)


def test_a_draft_of_one_talk_cannot_be_reached_through_another(counter: Counter) -> None:
    clerk, second = counter.clerk(), counter.clerk()
    _, mine = counter.taken(clerk, "一子")
    _, other = counter.taken(clerk, "二子")
    counter.send(clerk, mine, "下書き", way="draft")
    draft = counter.town.said(mine)[-1]
    second.post(f"/desk/{other}/drafts/{draft.id}/send", status=404)
    assert counter.town.said(mine)[-1].status == "draft"


def test_what_is_typed_survives_a_closed_page(counter: Counter) -> None:
    clerk = counter.clerk()
    _, number = counter.taken(clerk)
    clerk.post(f"/desk/{number}/scratch", {"text": "まだ書きかけ"}, status=204)
    assert "まだ書きかけ" in clerk.get(f"/desk/{number}")
    assert "まだ書きかけ" not in counter.clerk().get(f"/desk/{number}"), "only its author sees it"


def test_a_poll_says_nothing_when_nothing_has_changed(counter: Counter) -> None:
    clerk = counter.clerk()
    person, number = counter.taken(clerk)
    first = counter.poll(clerk, number)
    assert first["counts"]["active"] >= 1
    seen = first["talk"]["seen"]
    again = counter.poll(clerk, number, mark=first["mark"], seen=seen, ticket=first["talk"]["ticket"])
    assert set(again["talk"]) == {"travels"}
    person.say("まだいますか")
    counter.town.wait_said(number, "まだいますか")
    news = counter.poll(clerk, number, mark=first["mark"], seen=seen)
    assert "まだいますか" in news["talk"]["messages"], "the talk itself at once"
    person.say("もしもし")
    counter.town.wait_said(number, "もしもし")
    more = counter.poll(clerk, number, mark=first["mark"], seen=news["talk"]["seen"])["talk"]
    assert "もしもし" in more["more"]
    assert "まだいますか" not in str(more), "only what is new"
    wait_until(lambda: "queue" in counter.poll(clerk, mark=first["mark"]), PATIENCE, "the queue to follow")


def test_danger_words_are_shown_and_need_a_person_to_be_closed(counter: Counter) -> None:
    clerk = counter.clerk()
    person, number = counter.taken(clerk)
    person.say("もう死にたいです")
    counter.town.wait_said(number, "もう死にたいです")
    page = clerk.get(f"/desk/{number}")
    assert "危険な言葉" in page
    assert "110番" in page
    clerk.post(f"/desk/{number}/talk/close", {"reason": "solved"})
    assert counter.town.entry(number).state == "active"
    clerk.post(f"/desk/{number}/talk/close", {"reason": "referred", "safe": "1"})
    assert counter.town.entry(number).state == "closed"


def test_the_fact_sheet_is_filled_from_the_talk_and_printed(counter: Counter) -> None:
    clerk = counter.clerk()
    person, number = counter.taken(clerk)
    person.say("先週からあざがあります")
    message = counter.town.wait_said(number, "先週からあざがあります")
    with counter.town.desk() as desk:
        field = desk.consulting("child_welfare.intake").fields[-1].name
    clerk.get(f"/desk/{number}/sheet")
    clerk.post(f"/desk/{number}/sheet/pick", {"field": field, "message": str(message.id)})
    assert "先週からあざがあります" in clerk.get(f"/desk/{number}/sheet")
    clerk.post(f"/desk/{number}/sheet", {"version": "0", f"f-{field}": "上書き"})
    assert "上書き" not in clerk.get(f"/desk/{number}/sheet").html, "somebody has written it since"
    assert "先週からあざがあります" in clerk.get(f"/desk/{number}/print")
    exported = clerk.get(f"/desk/{number}/export")
    assert exported.data.startswith("\ufeff".encode())
    operator = counter.clerk(Role.OPERATOR)
    operator.get(f"/desk/{number}/sheet", status=403)
    operator.get(f"/desk/{number}/export", status=403)


def test_a_record_is_deleted_by_two_people_only(counter: Counter) -> None:
    clerk, manager = counter.clerk(), counter.clerk(Role.MANAGER)
    _, number = counter.taken(clerk)
    clerk.post(f"/desk/{number}/talk/close", {"reason": "mistake"})
    manager.post(f"/desk/{number}/record/ask-deletion")
    manager.post(f"/desk/{number}/office/delete")
    assert counter.town.entry(number).state == "closed", "not by who asked"
    counter.clerk(Role.MANAGER).post(f"/desk/{number}/office/delete")
    clerk.get(f"/desk/{number}", status=404)


def test_a_referral_counts_down_from_its_acceptance(counter: Counter) -> None:
    clerk = counter.clerk()
    _, number = counter.taken(clerk)
    clerk.post(f"/desk/{number}/record/refer", {"other": "見本の児童相談所"})
    with counter.town.desk() as desk:
        from bot.desk import referral

        [row] = referral.referrals(desk, number)
    clerk.post(f"/desk/{number}/record/accepted", {"referral": str(row.id)})
    assert "までに安全確認" in clerk.get(f"/desk/{number}")
    assert "見本の児童相談所" in clerk.get("/desk/shift")
    _, other = counter.taken(clerk)
    clerk.post(f"/desk/{other}/record/safe", {"referral": str(row.id)}, status=404)


def test_offices_are_set_by_their_manager_and_take_nobody_before(counter: Counter) -> None:
    manager = counter.clerk(Role.MANAGER)
    assert "こども" in manager.get("/desk/offices")
    manager.get(f"/desk/offices/{counter.town.office_id}")
    with counter.hall.database.read() as connection:
        row = offices.by_key(connection, "family")
    kept = {"department_id": str(row.department_id), "mode": "chat", "retention": "record", "shut_hours": "keep"}
    path = f"/desk/offices/{row.id}"
    manager.post(path, {**kept, "keep_days": "0", "personal_limit": "20"}, status=200)
    manager.post(path, {**kept, "keep_days": "400", "personal_limit": "20"})
    manager.post(f"{path}/replies", {"title": "あいさつ", "text": "こんにちは。"})
    clerk = counter.clerk()
    _, number = counter.taken(clerk)
    assert "あいさつ" in clerk.get(f"/desk/{number}")
    stranger = counter.hall.sign_in(Role.MANAGER, services=["tax"])
    stranger.post(path, {**kept, "keep_days": "1", "personal_limit": "1"}, status=404)


@pytest.mark.browser
def test_the_pages_read_well(counter: Counter) -> None:
    clerk = counter.clerk()
    person, number = counter.taken(clerk)
    counter.send(clerk, number, "こんにちは。担当の者です。どうされましたか。")
    person.say("もう死にたいです。たすけてください")
    counter.town.wait_said(number, "もう死にたいです。たすけてください")
    clerk.post(f"/desk/{number}/talk/note", {"text": "様子をみる"})
    for path, name in (
        ("/desk/", "desk-queue"),
        (f"/desk/{number}", "desk-talk"),
        (f"/desk/{number}/sheet", "desk-sheet"),
        (f"/desk/{number}/print", "desk-print"),
        ("/desk/closed", "desk-closed"),
        ("/desk/shift", "desk-shift"),
        ("/desk/offices", "desk-offices"),
        (f"/desk/offices/{counter.town.office_id}", "desk-office"),
    ):
        counter.studio.look(path, name, Role.MANAGER, services=SERVICE)


@pytest.mark.browser
def test_a_shift_by_keyboard_with_three_residents_at_once(counter: Counter) -> None:
    """Two counsellors and a supervisor; everything reaches the other side within seconds and nothing typed is lost."""
    kana = counter.hall.add_staff(Role.COUNSELLOR, services=SERVICE, name="かな 見本")
    mio = counter.hall.add_staff(Role.COUNSELLOR, services=SERVICE, name="みお 見本")
    chief = counter.hall.add_staff(Role.MANAGER, services=SERVICE, name="責任者 見本")
    first = counter.studio.open_as("/desk/", kana)
    people = [counter.town.arrive(name=f"相談者{number}") for number in range(3)]
    (hana, one), (_, two), (_, three) = people
    expect(_line(first, three)).to_be_visible()
    first.goto(f"{counter.studio.url}/desk/{one}")
    first.keyboard.press("t")
    field = first.get_by_label("返事", exact=True)
    expect(field).to_be_visible()
    field.fill("こんにちは。ゆっくりで大丈夫です。")
    field.press("Control+Enter")
    hana.wait_for("ゆっくりで大丈夫です")
    expect(first.locator("#messages")).to_contain_text("LINEに渡しました")
    hana.say("ありがとうございます")
    expect(first.locator("#messages")).to_contain_text("ありがとうございます")

    second = counter.studio.open_as(f"/desk/{two}", mio)
    second.keyboard.press("t")
    expect(second.get_by_label("返事", exact=True)).to_be_visible()
    with second.expect_response(lambda answer: answer.url.endswith("/scratch")):
        second.get_by_label("返事", exact=True).fill("書いている途中")
    second.reload()
    expect(second.get_by_label("返事", exact=True)).to_have_value("書いている途中")

    above = counter.studio.open_as("/desk/", chief)
    expect(_line(above, one)).to_contain_text("かな 見本")
    hana.say("もう死にたいです")
    expect(_line(above, one)).to_contain_text("緊急")
    calm = above.locator("#queue li:not(.is-danger)").first.get_attribute("data-entry")
    places = above.locator("#queue li").evaluate_all("lines => lines.map(line => line.dataset.entry)")
    assert places.index(str(one)) < places.index(str(calm)), "who is in danger comes first"

    second.keyboard.press("Escape")
    second.goto(f"{counter.studio.url}/desk/{three}")
    expect(second.locator(".desk-take .btn-primary")).to_be_visible()
    first.get_by_text("担当・緊急度").click()
    first.get_by_label("引き継ぐ相手").select_option(label="みお 見本")
    first.get_by_role("button", name="引き継ぐ", exact=True).click()
    expect(first.locator("#composer")).to_contain_text("みお 見本さんが担当しています")
    expect(_line(second, one)).to_contain_text("みお 見本")


@pytest.mark.browser
def test_a_lost_connection_is_seen_and_recovered(counter: Counter) -> None:
    page = counter.studio.open("/desk/", Role.COUNSELLOR, services=SERVICE)
    page.context.set_offline(True)
    expect(page.locator("#lost")).to_be_visible()
    _, number = counter.town.arrive()
    page.context.set_offline(False)
    expect(_line(page, number)).to_be_visible()
    expect(page.locator("#lost")).to_be_hidden()


@pytest.mark.browser
def test_an_open_talk_shows_what_becomes_of_its_messages_and_files(counter: Counter) -> None:
    """Nothing here waits for a reload: what LINE refuses, later pictures of a set, a resident who blocks the account."""
    kana = counter.hall.add_staff(Role.COUNSELLOR, services=SERVICE, name="かな 見本")
    person, number = counter.town.arrive()
    page = counter.studio.open_as(f"/desk/{number}", kana)
    page.keyboard.press("t")
    field, messages = page.get_by_label("返事", exact=True), page.locator("#messages")
    line = counter.studio.product.line

    def send(text: str) -> None:
        field.fill(text)
        field.press("Control+Enter")
        expect(messages).to_contain_text(text)

    try:
        line.fault("400", "push")
        send("断られる言葉")
        expect(messages.locator("article").last).to_contain_text("送れませんでした")
        line.fault("500", "push", times=None)
        send("遅れる言葉")
        expect(messages.locator("article").last).to_contain_text("送り直しています")
    finally:
        line.clear_faults()
    expect(messages.locator("article").last).to_contain_text("LINEに渡しました")
    for picture in (1, 2):
        image_set = {"id": f"set-{person.id}", "index": picture, "total": 2}
        person.file("image", photo((picture * 60, 0, 0)), "image/jpeg", image_set=image_set)
        expect(messages.get_by_role("link", name="写真を開く")).to_have_count(picture)
    person.block()
    expect(page.locator("#top")).to_contain_text("ブロックしています")
    send("届かない言葉")
    expect(messages.locator("article").last).to_contain_text("届いていません")


@pytest.mark.browser
def test_a_resident_sees_on_the_phone_that_a_counsellor_types(counter: Counter) -> None:
    kana = counter.hall.add_staff(Role.COUNSELLOR, services=SERVICE, name="かな 見本")
    person, number = counter.town.arrive(name="はな")
    page = counter.studio.open_as(f"/desk/{number}", kana)
    page.keyboard.press("t")
    phone = page.context.new_page()
    phone.goto(f"{counter.studio.product.line.url}/#main/{person.id}")
    field = page.get_by_label("返事", exact=True)
    field.press_sequentially("読んで")
    wait_until(lambda: counter.studio.product.line.traffic(text="loading/start"), PATIENCE, "the dots to be asked for")
    expect(phone.locator(".dots")).to_be_visible()
    field.press("Control+Enter")
    person.wait_for("読んで")
    expect(phone.locator(".dots")).to_be_hidden()


def _line(page: Page, number: int) -> Any:
    return page.locator(f'#queue li[data-entry="{number}"]')
