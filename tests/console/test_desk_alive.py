"""The open page tells of everything that waits, and leaves in peace whoever is writing."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from bot.console.access import Role
from bot.desk import taking, writing
from bot.simulator.client import Person
from tests.console.counter import SERVICE, Counter

pytestmark = pytest.mark.browser

LISTENING = """
window.tones = 0;
const start = OscillatorNode.prototype.start;
OscillatorNode.prototype.start = function (...when) { window.tones += 1; return start.apply(this, when); };
localStorage.setItem("desk-sound", "on");
"""
"""Counts the tones a page plays, with sound asked for."""


def counsellor(counter: Counter, name: str = "かな 見本") -> int:
    return counter.hall.add_staff(Role.COUNSELLOR, services=SERVICE, name=name)


def answered(counter: Counter, staff: int, name: str) -> tuple[Person, int]:
    """Return somebody whose talk `staff` looks after, with the last word."""
    person, number = counter.town.arrive(name=name)
    with counter.town.desk() as desk:
        taking.take(desk, number, staff)
        writing.send(desk, number, staff, "お話を聞かせてください。")
    person.wait_for("お話を聞かせてください。")
    return person, number


def badge(page: Page) -> int:
    """Return the number in the title."""
    title = page.title()
    return int(title[1:].split(")")[0]) if title.startswith("(") else 0


def test_title_and_sound_tell_of_a_message_in_another_of_my_talks(counter: Counter) -> None:
    kana, mio = counsellor(counter), counsellor(counter, "みお 見本")
    _, one = answered(counter, kana, "一子")
    other, two = answered(counter, kana, "二子")
    page = counter.studio.open_as(f"/desk/{one}", kana)
    page.context.add_init_script(LISTENING)
    page.reload()
    expect(page.locator("#muted")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#muted")).to_be_hidden()
    beside = counter.studio.open_as("/desk/", mio)
    before, elsewhere = badge(page), badge(beside)
    other.say("まだいますか")
    counter.town.wait_said(two, "まだいますか")
    page.wait_for_function("number => document.title.startsWith(`(${number})`)", arg=before + 1)
    page.wait_for_function("window.tones > 0")
    expect(beside.locator(f'#queue li[data-entry="{two}"]')).to_contain_text("返事待ち")
    assert badge(beside) == elsewhere, "it is not hers"


def test_who_is_writing_is_left_where_they_were_when_a_second_person_joins(counter: Counter) -> None:
    kana, mio = counsellor(counter), counsellor(counter, "みお 見本")
    person, number = answered(counter, kana, "一子")
    page = counter.studio.open_as(f"/desk/{number}", kana)
    field = page.get_by_label("返事", exact=True)
    field.fill("ここまで書いた")
    field.evaluate("one => one.setSelectionRange(4, 4)")
    with counter.town.desk() as desk:
        taking.join(desk, number, mio)
    expect(page.locator("#top")).to_contain_text("二人目 みお 見本")
    expect(field).to_have_value("ここまで書いた")
    expect(field).to_be_focused()
    page.wait_for_function("document.querySelector('#text').selectionEnd === 4")
    page.evaluate("window.here = true")
    person.say("画面を変える")
    expect(page.locator("#top")).to_contain_text("画面を離れています")
    assert page.evaluate("window.here"), "that somebody has left is told without drawing the page anew"


def test_what_is_typed_without_a_pause_is_kept_meanwhile(counter: Counter) -> None:
    kana = counsellor(counter)
    _, number = answered(counter, kana, "一子")
    page = counter.studio.open_as(f"/desk/{number}", kana)
    field = page.get_by_label("返事", exact=True)
    kept: list[str] = []
    page.on("request", lambda request: kept.append(request.url) if request.url.endswith("/scratch") else None)
    for _ in range(40):
        field.press_sequentially("あ", delay=90)
    assert kept, "there was no pause to wait for"


def test_a_place_reached_by_keyboard_is_kept_when_the_talk_is_drawn_anew(counter: Counter) -> None:
    kana, mio = counsellor(counter), counsellor(counter, "みお 見本")
    person, number = answered(counter, kana, "一子")
    with counter.town.desk() as desk:
        writing.draft(desk, number, mio, "これでよいでしょうか。")
    page = counter.studio.open_as(f"/desk/{number}", kana)
    send = page.get_by_role("button", name="確認して送る")
    send.focus()
    with counter.town.desk() as desk:
        writing.draft(desk, number, mio, "もうひとつの下書き")
    expect(page.locator("#messages")).to_contain_text("もうひとつの下書き")
    expect(send.first).to_be_focused()
    page.keyboard.press("Enter")
    person.wait_for("これでよいでしょうか。")
    assert [one.text for one in counter.town.said(number) if one.status == "sent"][-1] == "これでよいでしょうか。"


def test_what_is_asked_before_sending_is_answered_by_keyboard(counter: Counter) -> None:
    kana = counsellor(counter)
    person, number = answered(counter, kana, "一子")
    page = counter.studio.open_as(f"/desk/{number}", kana)
    field = page.get_by_label("返事", exact=True)
    field.fill("090-0000-0000 にお電話ください。")
    field.press("Control+Enter")
    confirmed = page.get_by_label("個人情報を確かめました")
    expect(confirmed).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Control+Enter")
    person.wait_for("090-0000-0000")
    expect(field).to_be_focused()


def test_by_keyboard_too_the_words_become_a_draft_where_four_eyes_are_wanted(counter: Counter) -> None:
    kana, mio = counsellor(counter), counsellor(counter, "みお 見本")
    person, number = answered(counter, kana, "一子")
    counter.town.choose(four_eyes=True)
    try:
        page = counter.studio.open_as(f"/desk/{number}", kana)
        field = page.get_by_label("返事", exact=True)
        field.fill("確認をお願いします。")
        field.press("Control+Enter")
        expect(page.locator("#messages")).to_contain_text("別の担当者が確認して送ります")
        assert counter.town.said(number)[-1].status == "draft"
        second = counter.studio.open_as(f"/desk/{number}", mio)
        second.get_by_role("button", name="確認して送る").focus()
        second.keyboard.press("Enter")
        person.wait_for("確認をお願いします。")
    finally:
        counter.town.choose(four_eyes=False)
